import os, tempfile, warnings
warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())

import io,_io,os,sys
def T(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e, getattr(e,'errno',''))
with open('t.txt','w') as f: f.write('abc\r\ndef\n')
f=open('t.txt'); print(f, f.buffer, f.buffer.raw); T(f.write,'x'); T(f.readline, 'x'); T(f.read, 1.5); T(f.seek,1,1); T(f.seek,0,5); T(f.seek,-1); T(f.truncate, 3); T(f.buffer.write,b'') if 0 else None;T(f.buffer.raw.write,b'');
T(f.reconfigure, newline='x'); T(f.tell); f.read(2); T(f.tell); f.read(3);T(f.tell); f.close(); T(f.read); T(f.buffer.read); T(f.buffer.raw.read); T(f.tell); T(f.buffer.tell);T(f.buffer.peek);T(f.buffer.seek,0);T(f.seek,0);T(f.flush);T(f.buffer.flush);T(f.__enter__);T(f.__next__);T(f.isatty);T(f.fileno);T(f.readable);T(f.detach);T(f.buffer.read1);T(f.buffer.readline);T(f.buffer.readinto, bytearray(1));T(f.buffer.readlines); print(f)
T(open,'t.txt','rw');T(open,'t.txt','r+w');T(open,'t.txt','z');T(open,'t.txt','rb',encoding='u');T(open,'t.txt','rb',errors='u');T(open,'t.txt','rb',newline='u');T(open,'t.txt','r',buffering=0);T(open,'t.txt','bt');T(open,'t.txt','rU');T(open,'t.txt','');T(open,'t.txt',5);T(open,1.5);T(open,-1);T(open,99);T(open,'nope');T(open,'/tmp');T(open,'t.txt',closefd=False);T(open,'a\0b');T(open,'t.txt',encoding='nope');T(open,'t.txt',newline='q');T(open,'t.txt',opener=lambda a,b:-5);T(open,'t.txt',opener=lambda a,b:'x');T(open,'t.txt',encoding=1)
b=io.BytesIO(b'abc'); T(b.seek,-1);T(b.seek,-10,1);T(b.seek,0,9);T(b.truncate,-1);T(b.read,'x');T(b.write,'x');T(b.__getstate__);T(b.__setstate__,1); v=b.getbuffer(); T(b.write,b'12345');T(b.truncate,0);T(b.close); v.release(); b.close(); T(b.read); T(b.getvalue)
b=io.BytesIO(b'ab\ncd\n\nef'); T(b.readlines); b.seek(0); T(b.readline,1); T(b.readline); T(list,b); T(b.seek,20); T(b.write,b'z'); T(b.getvalue); T(b.tell); T(b.truncate,3); T(b.getvalue); T(b.readinto,bytearray(3)); b.seek(1); x=bytearray(5); T(b.readinto,x); T(lambda:x)
s=io.StringIO('ab\ncd'); T(s.seek,-1);T(s.seek,1,1);T(s.seek,0,9);T(s.truncate,-1);T(s.read,'x');T(s.write,1);T(s.__getstate__);T(s.__setstate__,1);T(io.StringIO,1);T(io.StringIO,'a',5);T(io.StringIO,'a','q'); s.close(); T(s.read)
for nl in (None,'','\n','\r','\r\n'):
    s=io.StringIO('a\nb\r\nc\rd',newline=nl); T(s.getvalue); T(s.readlines); s.write('é\n€\r\n\U0001f600'); T(s.getvalue); T(lambda:s.newlines); s.seek(2); s.write('ZZ'); T(s.getvalue); s.seek(40); s.write('q'); T(s.getvalue)
    data=b'a\nb\r\nc\rd\r'
    for chunk in (1,2,3,8192):
        t=io.TextIOWrapper(io.BytesIO(data),newline=nl,encoding='utf-8'); t._CHUNK_SIZE=chunk
        T(t.readlines); T(lambda:t.newlines); t.seek(0); T(t.read,2); T(t.readline); c=t.tell(); r=t.read(); t.seek(c); T(lambda:t.read()==r); T(lambda:r)
    o=io.BytesIO(); w=io.TextIOWrapper(o,newline=nl,encoding='latin-1'); w.write('x\ny\r\nz'); w.flush(); T(o.getvalue)
d=io.IncrementalNewlineDecoder(None,True); T(d.decode,'a\r');T(d.getstate);T(d.decode,'\nb\rc',True);T(lambda:d.newlines);T(d.setstate,1);T(d.decode,5)
T(io.BufferedReader,1);T(io.TextIOWrapper,5);T(io.TextIOWrapper(io.BytesIO()).write,b'')
r=io.BufferedReader.__new__(io.BufferedReader); T(r.read);T(repr,r); t=io.TextIOWrapper.__new__(io.TextIOWrapper); T(t.read);T(repr,t);T(lambda:t.closed)
x=io.FileIO.__new__(io.FileIO); T(x.read); T(repr,x)
f=open('t.txt','rb'); raw=f.detach(); T(f.read);T(repr,f);T(lambda:f.closed); raw.close()
T(io.BufferedRWPair,io.BytesIO(),5); T(io.IOBase().seek,0);T(io.IOBase().readline);T(io.RawIOBase().read);T(io.BufferedIOBase().read);T(io.BufferedIOBase().readinto,bytearray(1));T(io.TextIOBase().read);T(io.IOBase().fileno);T(io.IOBase()._checkReadable);T(io.IOBase().writelines,['a']);T(io.IOBase().truncate)
T(io.text_encoding,None);T(io.text_encoding,'x');T(io.open_code,5)
f=io.TextIOWrapper(io.BytesIO(b'a\nb\nc\n')); next(f); T(f.tell)
f=io.open('t.txt','r+b'); print(f, f.mode, f.raw.mode, f.name); T(f.read,-5); T(f.read1,-5);T(f.readinto,b'a');T(f.__getstate__); T(f.raw.__getstate__);T(f.raw.readinto,b'a'); f.close()
f=io.open('t.txt','rb',0); T(f.seek,-1); T(f.seek,0,77); T(f.truncate,-1); T(f.tell);T(f.seek,'x'); T(f.read,1<<70);f.close()
class R(io.RawIOBase):
    def __init__(s,v): s.v=v
    def readable(self): return True
    def readinto(self,b):
        return self.v
T(io.BufferedReader(R(99999999)).read,5)
T(io.BufferedReader(R(None)).read,5); T(io.BufferedReader(R(None)).read);T(io.BufferedReader(R(None)).read1,5);T(io.BufferedReader(R(None)).readline);T(io.BufferedReader(R(None)).peek);T(io.TextIOWrapper(io.BufferedReader(R(None))).read);T(io.TextIOWrapper(io.BufferedReader(R(None))).readline)
T(io.BufferedReader(R('x')).read,5)
class M(io.RawIOBase):
    def __init__(s,parts): s.p=list(parts)
    def readable(self): return True
    def readinto(self,b):
        if not self.p: return 0
        d=self.p.pop(0); b[:len(d)]=d; return len(d)
b=io.BufferedReader(M([b'ab',b'c\nde',b'fg\n',b'h']),4); T(b.read,1);T(b.peek);T(b.readline);T(b.read1,10);T(b.readinto,bytearray(3));T(b.read)
class W(io.RawIOBase):
    def __init__(s): s.got=[]
    def writable(self): return True
    def write(self,b): s=bytes(b); self.got.append(s); return len(s)
w=W(); b=io.BufferedWriter(w,4); b.write(b'ab'); b.write(b'cdefgh'); b.write(b'i'); b.flush(); T(lambda:b''.join(w.got))
f=open('t2.bin','w+b'); f.write(b'hello world'); f.seek(3); T(f.read,4); f.write(b'XY'); T(f.tell); f.seek(0); T(f.read); f.truncate(5); f.seek(0); T(f.read); f.seek(0,2); T(f.tell); f.close()
f=open('t2.bin','ab'); T(f.tell); f.write(b'zz'); T(f.tell); f.close(); T(open,'t2.bin','xb')
with open('t2.bin','rb',buffering=0) as f: T(f.readall); T(f.seek,1); b=bytearray(3); T(f.readinto,b); T(lambda:b)
for enc in ('utf-8','utf-16','utf-8-sig','ascii','latin-1','utf-32-le','cp1252'):
    try:
        with open('t3.txt','w',encoding=enc) as f: f.write('ab\n'); f.write('cd')
        with open('t3.txt','a',encoding=enc) as f: f.write('ef')
        T(open('t3.txt','rb').read)
        with open('t3.txt',encoding=enc) as f: T(f.readline); c=f.tell(); T(f.read); f.seek(c); T(f.read)
    except Exception as e: print(enc,type(e),e)
open('t4.txt','wb').write('aé€\U0001f600\nz'.encode()*3)
with open('t4.txt') as f:
    f._CHUNK_SIZE=3
    for i in range(12):
        p=f.tell(); x=f.read(1); f.seek(p); assert f.read(1)==x; print(ascii(x),end=' ')
    print()
open('t4.txt','wb').write(b'a\xffb\xe2\x82')
for er in ('strict','ignore','replace','surrogateescape','backslashreplace'):
    with open('t4.txt',errors=er,encoding='utf8') as f: T(f.read)
    with open('t5.txt','w',errors=er,encoding='ascii') as f: T(f.write,'aé\udcff')
T(lambda: open('t4.txt','rb').read())

