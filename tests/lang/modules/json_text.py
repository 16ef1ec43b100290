# json by its C parts: scanning, errors and their places, escapes, hooks, circles, notes, indentation; sharing between threads.
import json, _json
from json import decoder, scanner, encoder
def e(f,*a,**k):
    try: r=f(*a,**k); print('->',repr(r)[:150])
    except BaseException as x: print('!!',type(x).__name__, str(x)[:150], getattr(x,'__notes__',None), repr(getattr(x,'value',None)))
ss=_json.scanstring
for a in [('"abc"',1),('"abc',1),('"a\nb"',1),('"a\nb"',1,False),('"\\u12"',1),('"\\ud83d\\ude00"',1),('"\\ud83d"',1),('"\\x"',1),('"\\',1),('"\\u',1),('x',5),('"abc"',-3),(3,1),('"a"','b'),('"\\u+123"',1),('"é€😀\\n"',1), ('"\\ud83dx"',1),('"\\ud83d\\u0041"',1)]: print(a); e(ss,*a)
for f in (_json.encode_basestring,_json.encode_basestring_ascii):
    for s in ('a"b\\c\n\t\x00\x1f\x7fé€😀\ud800',''): e(f,s)
    e(f,3)
sc=_json.make_scanner(json.JSONDecoder())
for s in ['','nul','null','true','false','-','-1','01','1.','1.5e','1e5','1E+2','-0','-0.0','NaN','Infinity','-Infinity','-Inf','[','[1','[1,','[1,]','[1 2]','{','{"a"','{"a":','{"a":1','{"a":1,','{"a":1,}','{"a" 1}','{a}','{"a":1 "b"}','[]','{}','[[],{}]','{"a":{"b":[1,2,{"c":null}]}}',' 1','"x','"\\q"','123456789012345678901234567890','1'*5000,'{"a":nul}','[nul]','[1,,2]','{"a":1,,}','{,}']: print(s[:40]); e(sc,s,0)
e(sc,'1',5); e(sc,'1',-1); e(sc,3,0); e(sc); e(sc,'12 34',3); e(sc, idx=0, string='7')
e(_json.make_scanner,3); e(_json.make_scanner)
print(sc.strict, sc.parse_int, sc.parse_float, sc.object_hook, type(sc), type(_json.make_encoder))
me=_json.make_encoder
def enc(o, markers={}, default=None, encoder=_json.encode_basestring_ascii, indent=None, ks=': ', its=', ', sk=False, skip=False, nan=True):
    def d(o): raise TypeError(f'no {type(o).__name__}')
    e(me(dict(markers) if markers is not None else None, default or d, encoder, indent, ks, its, sk, skip, nan), o, 0)
class I(int): 
    def __repr__(self): return 'I!'
class F(float):
    def __repr__(self): return 'F!'
class S(str): pass
class L(list): pass
class D(dict): pass
for o in [None,True,1,10**30,1.5,float('nan'),float('inf'),-float('inf'),'é',S('s'),I(5),F(2.5),[],(),{},[1,[2,(3,)]],{'a':1,1:2,1.5:3,None:4,True:5,S('k'):6,I(7):7,F(8.5):8},L([1]),D(a=1),object(),[object()],{'a':object()},{(1,):2},{'a':[1,{'b':object()}]},range(3)]: enc(o)
enc({(1,):2,'a':1}, skip=True); enc({'b':1,'a':2}, sk=True); enc({'b':1,1:2}, sk=True); enc(float('nan'), nan=False); enc([float('inf')], nan=False); enc({float('nan'):1}, nan=False)
enc(object(), default=lambda o: [1]); enc(object(), default=lambda o: o); l=[]; l.append(l); enc(l); d={}; d['x']=d; enc(d); enc([1,{'a':[2,3]},[]], indent='  ', its=','); enc({'a':{}, 'b':[1]}, indent='\t', its=',')
enc('x', encoder=lambda s: 5); enc('x', encoder=lambda s: '<'+s+'>'); enc({'a':'b'}, encoder=lambda s: '<'+s+'>')
e(me,1); e(me,3,None,None,None,': ',', ',0,0,1); e(me({},None,_json.encode_basestring,None,': ',', ',0,0,1)); 
x=me({},len,_json.encode_basestring,None,': ',', ',0,1,1); print(x.markers,x.default,x.encoder,x.indent,x.key_separator,x.item_separator,x.sort_keys,x.skipkeys)
print(json.dumps({'a':[1,2.5,'x\u1234',None,True]},indent=2), json.dumps('é',ensure_ascii=False), json.loads('{"a":[1,2.5e3,"x"],"a":2}', object_pairs_hook=list), json.loads('{"a":{}}',object_hook=lambda d: ('o',d)), json.loads('[1.5,2]',parse_float=str,parse_int=str), json.loads('[NaN]',parse_constant=lambda c: c))
deep='['*100000
try: json.loads(deep)
except RecursionError as x: print('RecursionError')
x=[]
for i in range(100000): x=[x]
try: json.dumps(x)
except RecursionError as x: print('RecursionError')
print(sorted(n for n in dir(_json) if not n.startswith('__')))
import threading
shared = {'list': list(range(50)), 'dict': {str(i): i for i in range(20)}}
def change():
    for i in range(200):
        shared['list'].append(i); shared['list'].pop(0)
        shared['dict']['k%d' % (i % 7)] = i
        shared['dict'].pop('k%d' % ((i + 3) % 7), None)
def write(good):
    for _ in range(200):
        back = json.loads(json.dumps(shared))
        good.append(set(back) == {'list', 'dict'} and back['dict']['5'] == 5)
good = []
threads = [threading.Thread(target=f, args=a) for f, a in ((change, ()), (change, ()), (write, (good,)), (write, (good,)))]
for t in threads: t.start()
for t in threads: t.join()
print(len(good), all(good))
