import io,sys
class S:
    def __init__(s,x): s.x=x
    def __str__(s):
        print("<in>",end="")
        return s.x
class Bad:
    def __str__(s): raise ValueError("bad")
print(1,2.5,None,"a",S("q"),[1,2],sep="-")
class W:
    def write(self,x): sys.stderr.write(repr(x)+"\n")
print(1,2,file=W())
try: print("before",Bad(),"after")
except ValueError as e: print(e)
f=io.StringIO(); print("x",3,file=f); print(repr(f.getvalue()))
class T(str):
    def __str__(s): return "T!"
print(T("a"), "b", end=T("e\n"))
print(*range(5),sep=", ")
class X: pass
x=X(); l=[]; x.write=l.append; print("a","b",file=x); print(l)
