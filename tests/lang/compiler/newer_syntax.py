# Annotations that wait, type parameters, templates, patterns, scopes of comprehensions, groups of exceptions.
import re
import annotationlib, typing, sys
def show(f,*a):
    try: print(re.sub(r' at 0x\w+','',repr(f(*a))))
    except BaseException as e: print(type(e).__name__, e)
class A:
    x: int
    y: undefined
    z: 'str' = 3
    if True: w: list[A]
show(lambda: A.__annotations__)
F=annotationlib.Format
for fm in (F.FORWARDREF,F.STRING): show(lambda: annotationlib.get_annotations(A,format=fm))
show(lambda: A.__annotate__(1)); show(lambda: A.__annotate__(2)); show(lambda: A.__annotate__(3)); show(lambda: A.__annotate__('a')); show(lambda: A.__annotate__.__name__); show(lambda: A.__annotate__.__qualname__)
undefined=float
show(lambda: A.__annotations__); print(A.__annotations__ is A.__annotations__)
def f(a: int, *b: 'x', c: undefined2=1) -> zz: pass
show(lambda: f.__annotations__); show(lambda: annotationlib.get_annotations(f,format=F.STRING)); show(lambda: annotationlib.get_annotations(f,format=F.FORWARDREF))
f.__annotations__={'q':1}; print(f.__annotations__, f.__annotate__)
f.__annotate__=lambda fmt: {'r':fmt}; print(f.__annotations__)
show(lambda: setattr(f,'__annotations__',5)); show(lambda: setattr(f,'__annotate__',5)); del f.__annotations__; print(f.__annotations__)
x: int = 5
y: nope
show(lambda: __annotations__)
show(lambda: sys.modules['__main__'].__annotations__)
def loc():
    q: nope2 = 1
    r: (print('not evaluated'))
    return q
print(loc())
class B[T, *Ts, **P]:
    a: T
    def m[U: (int,str) = int](self, x: U) -> T: return U
    type X = list[T]
print(B.__type_params__, B.__parameters__, B[int,str,[int]], B.X, B.X.__value__, B.m.__type_params__, B().m(1).__constraints__, B().m(1).__default__, B.__orig_bases__, B.__mro__)
type R[K=int] = dict[K, 'R']
print(R, R.__type_params__, R[str], R.__value__, R[str].__args__, R[str].__origin__, R.__name__, R.__module__)
type Lazy = undefinedname
show(lambda: Lazy.__value__); show(lambda: Lazy.evaluate_value(3)); show(lambda: annotationlib.call_evaluate_function(Lazy.evaluate_value, F.STRING)); show(lambda: Lazy | int); show(lambda: Lazy[int])
def g[T: undefinedbound](x): return T
t=g(1); show(lambda: t.__bound__); show(lambda: t.__name__); show(lambda: t.__infer_variance__); show(lambda: t.has_default()); show(lambda: t.__default__ is typing.NoDefault); show(lambda: t.evaluate_bound)
show(lambda: eval('1') if 0 else g.__annotations__)
class Outer[T]:
    class Inner[T]: 
        def f(self): return T
    def f(self): return T
print(Outer.Inner().f() is Outer().f(), Outer.f.__qualname__, g.__qualname__)
def fn():
    T='outer'
    class C[T]:
        z=T
        def h(self, T=T): return T
    return C.z, T
print(fn())
x=3; name='w'
t=t'a{x}b{name!r:>{x}}{x=}c'
print(t, t.strings, t.values, [ (i.value,i.expression,i.conversion,i.format_spec) for i in t.interpolations], list(t), type(t+t'z'))
show(lambda: t+'a'); show(lambda: 'a'+t); show(lambda: t''.strings); show(lambda: type(t)('a','b')); show(lambda: list(type(t)('a','b',t.interpolations[0]))); show(lambda: type(t)(5)); show(lambda: type(t)(a=1))
from string.templatelib import Interpolation, Template, convert
show(lambda: Interpolation(1,'x','q')); show(lambda: Interpolation(1,'x','r','.2')); show(lambda: Interpolation()); show(lambda: convert(1,'r')); 
match Interpolation(1,'e',None,''):
    case Interpolation(v,e,c,s): print(v,e,c,s)
show(lambda: t == t); show(lambda: hash(t) is not None)
print(f'{x!r:^{x*3}}|{x=!s}|{x = :>5}|{"a" "b"}|{ {1:2}[1] }|{(lambda: 5)()}|{x:{"0"}{x}d}|{{}}|{"\n"}|{f"{f"{x}"}"}')
print(f'''{
x  # comment
+ 1
:>5}''')
# match
def m(v):
    match v:
        case None: return 'none'
        case True | False as b: return 'bool',b
        case int(n) if n>100: return 'big',n
        case -1 | 1+2j: return 'neg or complex'
        case int() | float() as n: return 'num',n
        case '': return 'empty'
        case str(s) if len(s)>3: return 'long',s
        case 'a'|'b' as s: return s
        case [] | (): return 'emptyseq'
        case [x]: return 'one',x
        case [1,*rest,9]: return 'rest',rest
        case [[a,b],{'k':[c,*_]}]: return a,b,c
        case [_,_,*_]: return 'seq'
        case {'t':'x',**kw}: return kw
        case {'a':1,'b':{'c':c}}: return c
        case {}: return 'map'
        case bytes(): return 'bytes'
        case P(1,y=yy): return 'P',yy
        case P(x=xx,y=2): return 'P2',xx
        case complex(real=r): return r
        case _: return 'other'
class P:
    __match_args__=('x','y')
    def __init__(s,x,y): s.x=x; s.y=y
for v in (None,True,500,-1,1+2j,3,2.5,'','abcd','a','zz',[],(),[5],[1,2,3,9],[[1,2],{'k':[3,4]}],[1,2,3],{'t':'x','u':1},{'a':1,'b':{'c':7}},{},b'x',P(1,5),P(3,2),P(7,7),5j,range(3),{1},'abc'.__iter__(),bytearray(b'ab'),__import__('collections').deque([1]),__import__('array').array('i',[1,9])): print(m(v))
class Bad1: __match_args__=5
class Bad2: __match_args__=(5,)
class Bad3: __match_args__=('a','a')
class Bad4: __match_args__=('q',)
def mm(c,o):
    match o:
        case c(1): return 1
        case c(1,2): return 2
        case _: return 'no'
show(lambda: mm(Bad1,Bad1())); show(lambda: mm(Bad2,Bad2())); show(lambda: mm(Bad3,Bad3())); show(lambda: mm(Bad4,Bad4())); show(lambda: mm(5,5)); show(lambda: mm(int,1)); show(lambda: mm(int,3)); show(lambda: mm(object,3))
def md():
    o=Bad3(); o.a=1
    match o:
        case Bad3(1,a=1): return 1
show(md)
def dk():
    k='a'
    class K: x='a'; y='a'
    match {'a':1}:
        case {K.x:1, K.y:2}: return 1
show(dk)
class MyMap(dict):
    def get(self,k,d=None): print('get',k); return super().get(k,d)
    def __missing__(self,k): return 'missing'
match MyMap(a=1):
    case {'z':_}: print('z')
    case {'a':q}: print('a',q)
# comprehension scoping, walrus
class CS:
    y=10
    l=[y for _ in range(2)] if False else 1
    try: l2=[y for _ in [1]]
    except NameError as e: print('NE',e)
    l3=[z for z in [y]]
print(CS.l3, hasattr(CS,'z'), getattr(CS,'l2',None))
def cw():
    r=[w:=i for i in range(3)]
    return r,w,[(lambda: i)() for i in range(3)],[f() for f in [lambda: i for i in range(3)]]
print(cw())
i='global'
def loc2(): return [i for i in range(2)], i
print(loc2())
def ex():
    try: 1/0
    except ZeroDivisionError as e: pass
    return e
show(ex)
def ul():
    print(uu); uu=1
show(ul)
def fv():
    def inner(): return vv
    if 0: vv=1
    return inner()
show(fv)
def dl():
    a=1; del a; return a
show(dl)
show(lambda: undefined_name_xyz); show(lambda: pritn); show(lambda: pirnt); show(lambda: lenn)
class SC:
    a=1
    def f(self): return a
show(SC().f)
exec('class Q:\n a=1\n b=[a for _ in [1]] if 0 else a\nprint(Q.b)')
loc3={}
exec('x=1\ndef f(): return x\n',{},loc3); show(loc3['f'])
def lo():
    a=1; exec('a=2'); b=locals(); b['a']=5; return a, locals() is locals(), sorted(locals())
print(lo())
def lc():
    return [sorted(locals()) for x in [1]]
print(lc())
print([*range(3),*'ab'],{**{'a':1},'b':2},(*[1],),{*[1,1]},[*[]])
eg=ExceptionGroup('g',[ValueError(1),TypeError('t'),ExceptionGroup('n',[OSError(5),ValueError(2)])])
print(repr(eg), eg, eg.split(ValueError), eg.subgroup(lambda e: isinstance(e,OSError)), eg.derive([KeyError()]))
try: raise eg
except* ValueError as e: print('v',repr(e), e.__traceback__ is not None)
except* (OSError, TypeError) as e: print('o',repr(e))
def star():
    try: raise eg
    except* ValueError: raise KeyError('x')
    except* TypeError: pass
try: star()
except BaseException as e: print(repr(e), repr(e.__context__), [repr(x.__context__) for x in e.exceptions])
try:
    try: raise ValueError('naked')
    except* ValueError as e: print(repr(e)); raise
except ExceptionGroup as e: print('re',repr(e))
except ValueError as e: print('naked re', e)
def se(): 
    try: raise eg
    except* ExceptionGroup: pass
show(se)
def se2(): 
    try: raise eg
    except* 5: pass
show(se2)
show(lambda: ExceptionGroup('x',[])); show(lambda: ExceptionGroup('x',[5])); show(lambda: ExceptionGroup('x',5)); show(lambda: ExceptionGroup('x',[KeyboardInterrupt()])); show(lambda: BaseExceptionGroup('x',[ValueError()])); show(lambda: BaseExceptionGroup('x',[KeyboardInterrupt()])); show(lambda: ExceptionGroup(5,[ValueError()])); show(lambda: eg.split(5)); show(lambda: eg.exceptions[0]); show(lambda: setattr(eg,'message',1))
def r1(): raise 5
def r2(): raise ValueError from 5
def r3(): raise int
def r4(): raise ValueError from TypeError
def r5(): raise
def r6():
    try: 1/0
    except 5: pass
def r7():
    try: 1/0
    except (ValueError,5): pass
def r8():
    try: raise ValueError('a') from None
    except ValueError as e: return e.__cause__, e.__suppress_context__
for r in (r1,r2,r3,r4,r5,r6,r7,r8): show(r)
