# symtable: what each name means in each scope.
import symtable

SOURCE = '''
import a.b, c as d
x: int = 1
class A[T: int = str](B):
    """doc"""
    y = 1
    __z = 2
    def f(self, p, /, q=1, *a, k: int, **kw) -> T:
        nonlocal_ = [i for i in p if y]
        g = lambda: (nonlocal_, self)
        def h():
            nonlocal q
            global gg
            q = {j: k for j in g() for k in j}
            return super().f
        return h
    def g(self): return __class__
type AL[K] = dict[K, int]
def gen[**P, *Ts](a=1, *, b=2):
    z = (m for m in x)
    import a, e
    try: pass
    except E as e: del e
    print([lambda: n for n in a])
    yield
@deco
async def co():
    async for q in z: pass
    return [await r for r in q]
'''


def show(table, depth=0):
    indent = "    " * depth
    print(indent, table.get_type(), table.get_name(), table.get_lineno(), table.is_nested(), table._table.varnames)
    for s in sorted(table.get_symbols(), key=lambda s: s.get_name()):
        if s.get_name() != "__conditional_annotations__":
            print(indent, " ", s)
    for child in table.get_children():
        show(child, depth + 1)


top = symtable.symtable(SOURCE, "file", "exec")
show(top)
print(top, top.lookup("A").is_namespace(), top.lookup("A").get_namespaces(), top.lookup("d").is_imported(), top.lookup("x").is_assigned())
print(symtable.symtable(b"# coding: latin-1\n\xe9 = 1", b"name", "exec").get_identifiers(), symtable.symtable("a + b", "f", "eval").get_symbols())
for arguments in (("pass", "f", "other"), (3, "f", "exec"), ("x = (", "f", "exec"), ("def f(a, a): pass", "f", "exec"), ("nonlocal x", "f", "exec")):
    try:
        symtable.symtable(*arguments)
    except (TypeError, ValueError, SyntaxError) as e:
        print(type(e).__name__, e)


# An import alone is no assignment before `global`.
def imports():
    import json
    global json


for text in ("def f():\n import x\n global x", "def f():\n x = 1\n global x", "def f():\n import x\n x\n global x"):
    try:
        compile(text, "f", "exec")
        print("compiled")
    except SyntaxError as e:
        print(e)
