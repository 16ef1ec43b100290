# How classes come to be, what descriptors and super() do in odd places, and the words of TypeErrors.
def show(f,*a):
    try: print(repr(f(*a)))
    except BaseException as e: print(type(e).__name__, e, getattr(e,'__notes__',None))
class M(type):
    def __new__(m,n,b,d,**k): print('new',n,sorted(k),sorted(x for x in d if x not in ('__firstlineno__','__classdictcell__') )); return super().__new__(m,n,b,d)
    def __init__(c,n,b,d,**k): print('init',n,k); super().__init__(n,b,d)
    @classmethod
    def __prepare__(m,n,b,**k): print('prep',n,k); return {'extra':1}
    def __call__(c,*a): print('call',a); return super().__call__(*a)
    def __instancecheck__(c,o): return o==5
    def __subclasscheck__(c,o): return o is int
class A(metaclass=M, z=1):
    def __init__(self,*a): print('A init',a)
A(1); print(isinstance(5,A), issubclass(int,A), isinstance(A.__new__(A),A))
class B(A, y=2): pass
show(lambda: type('X',(A,),{},q=3))
def mk():
    class M2(type): pass
    class C(A,metaclass=M2): pass
show(mk)
show(lambda: type('X',(int,str),{}))
show(lambda: type('X',(object,int),{}))
show(lambda: type('X',(int,int),{}))
show(lambda: type('X',(bool,),{}))
show(lambda: type('X',(type(None),),{}))
show(lambda: type('X',(type(lambda:1),),{}))
show(lambda: type('X',(5,),{}))
show(lambda: type('X',5,{}))
show(lambda: type(5,(),{}))
show(lambda: type('X\0',(),{}))
show(lambda: type('X',(),{5:1}))
show(lambda: type('X',(),{'__slots__':5}))
show(lambda: type('X',(),{'__slots__':('a','a')}).a)
show(lambda: type('X',(),{'__slots__':('1a',)}))
show(lambda: type('X',(),{'__slots__':('a',),'a':1}))
show(lambda: type('X',(int,),{'__slots__':('a',)}))
show(lambda: type('X',(tuple,),{'__slots__':('a',)}))
show(lambda: type('X',(),{'__slots__':('__dict__','__dict__')}))
show(lambda: type('X',(),{'__slots__':('__weakref__',)})().__weakref__)
show(lambda: type('X',(),{'__qualname__':5}))
show(lambda: type('X',(),{'__classcell__':5}))
show(lambda: type('X',(),{'__module__':5}).__module__)
class S:
    __slots__={'a':'doc a','__b':'x'}
    def f(self): return self.__b
print(S.a.__doc__, sorted(S.__slots__)); s=S(); show(lambda:s.a); show(s.f); s.a=1; show(lambda: setattr(s,'q',1)); show(lambda: s.__dict__); del s.a; show(lambda: s.__delattr__('a'))
show(lambda: S.a.__get__(5)); show(lambda: S.a.__set__(5,1))
class T1: __slots__=('a',)
class T2: __slots__=('b',)
show(lambda: type('X',(T1,T2),{}))
def setc():
    o=T1(); o.__class__=T2
show(setc)
class P1: pass
class P2: pass
def setc2():
    o=P1(); o.__class__=P2; return type(o).__name__
show(setc2)
def setc3(): 
    o=P1(); o.__class__=int
show(setc3)
def setc4(): 
    o=P1(); o.__class__=5
show(setc4)
def setc5(): 
    o=P1(); del o.__class__
show(setc5)
def bases():
    class X(P1): pass
    X.__bases__=(P2,); print(X.__mro__); X.__bases__=()
show(bases)
def bases2():
    class X(P1): pass
    X.__bases__=(X,)
show(bases2)
def bases3():
    class X(P1): pass
    X.__bases__=(int,)
show(bases3)
def bases4(): object.__bases__=(int,)
show(bases4)
class I:
    def __init_subclass__(cls, /, tag=None, **k): print('is',cls.__name__,tag); super().__init_subclass__(**k)
class I1(I,tag=5): pass
show(lambda: type('I2',(I,),{},foo=1))
class SN:
    def __set_name__(self,o,n): print('set_name',o.__name__,n)
class U: a=SN(); b=SN()
class SNB:
    def __set_name__(self,o,n): raise ValueError('sn')
def sn():
    class U2: z=SNB()
show(sn)
class D:
    def __get__(self,o,t=None): return ('get',o is None,t.__name__)
    def __set__(self,o,v): print('set',v)
    def __delete__(self,o): print('del')
class ND:
    def __get__(self,o,t=None): return 'nd'
class H: d=D(); n=ND()
h=H(); print(h.d,H.d,h.n); h.d=5; del h.d; h.n=4; print(h.n); h.__dict__['d']=9; print(h.d)
class RO:
    def __set__(self,o,v): raise AttributeError('ro')
class H2: r=RO()
h=H2(); show(lambda:h.r is H2.__dict__['r']); h.__dict__['r']=1; print(h.r); show(lambda: setattr(h,'r',1)); show(lambda: delattr(h,'r'))
class PR:
    @property
    def x(self): return 1
    @x.setter
    def y(self,v): print('y',v)
p=PR(); show(lambda: setattr(p,'x',1)); p.y=3; show(lambda: delattr(p,'x')); show(lambda: PR.x.__name__); show(lambda: setattr(PR.x,'__name__','zz')); show(lambda: PR.y.__name__)
show(lambda: property().__get__(5)); show(lambda: property(1).__get__(5)); show(lambda: property(None,None,None,'d').__doc__)
class GA:
    def __getattr__(self,n):
        if n=='boom': raise KeyError(n)
        if n=='ae': raise AttributeError('custom')
        return n
g=GA(); print(g.foo); show(lambda: g.boom); show(lambda: g.ae)
class GB:
    def __getattribute__(self,n): raise AttributeError('gb '+n)
    def __getattr__(self,n): return 'fallback '+n
print(GB().x)
class Sup:
    def m(self): return 'Sup'
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(): return 's'
    @property
    def p(self): return 'p'
class Sub(Sup):
    def m(self):
        def inner(): return __class__.__name__
        return super().m()+inner()+[super(Sub,self).m() for _ in 'a'][0]+(lambda: super(__class__,self).m())()
    @classmethod
    def c(cls): return super().c()
    @staticmethod
    def s(): return super(Sub,Sub).s()
    @property
    def p(self): return super().p
    x = 5
s=Sub(); print(s.m(),s.c(),s.s(),s.p)
def sup1():
    class Q:
        def f(): super()
    Q.f()
show(sup1)
def sup2():
    class Q:
        def f(self): del self; super()
    Q().f()
show(sup2)
show(lambda: super())
def sup3(self): super()
show(sup3,1)
show(lambda: super(int,'a')); show(lambda: super(5)); show(lambda: super(int)); show(lambda: super(int,5).foo); show(lambda: super(bool,True).__add__(2))
def sup4():
    class Q:
        f = lambda self: super().__repr__()
        def g(self): return [super(Q,self).__hash__ for _ in [1]] and [super().__eq__ for _ in [1]]
    return Q().g()
show(lambda: len(sup4()))
def cc():
    class Meta(type):
        def __new__(m,n,b,d): d.pop('__classcell__',None); return super().__new__(m,n,b,d)
    class X(metaclass=Meta):
        def f(self): return __class__
show(cc)
def cc2():
    class Meta(type):
        def __new__(m,n,b,d): return type.__new__(m,n,b,dict(d)) and type.__new__(m,n+'2',b,dict(d))
    class X(metaclass=Meta):
        def f(self): return __class__
show(cc2)
class CGI:
    def __class_getitem__(c,k): return ('cgi',k)
print(CGI[1,2], CGI['a'])
show(lambda: P1[int])
class MRO(type):
    def mro(c): return [c, P1, object]
class Y(P2,metaclass=MRO): pass
print(Y.__mro__)
class BadMRO(type):
    def mro(c): return [5]
show(lambda: BadMRO('Z',(),{}))
class BadMRO2(type):
    def mro(c): return 5
show(lambda: BadMRO2('Z',(),{}))
class E1(int): 
    def __new__(c,v): return super().__new__(c,v*2)
print(E1(4), E1(4)+1, type(E1(4)+1), E1.from_bytes(b'\1'))
show(lambda: int.__new__(str)); show(lambda: object.__new__(int)); show(lambda: object.__new__(5)); show(lambda: object(1)); show(lambda: P1(1)); 
class N1:
    def __new__(c,*a): return object.__new__(c,*a)
show(lambda:N1(1))
class N2:
    def __init__(c,*a): object.__init__(c,*a)
show(lambda:N2(1))
class N3:
    def __init__(self): return 5
show(N3)
class L:
    def __len__(self): return -1
show(lambda: len(L())); show(lambda: bool(L()))
class L2:
    def __len__(self): return 2**70
show(lambda: len(L2())); show(lambda: bool(L2()))
class L3:
    def __len__(self): return 'a'
show(lambda: len(L3()))
class EQ:
    def __eq__(self,o): return 'eq'
    def __ne__(self,o): return NotImplemented
show(lambda: hash(EQ())); show(lambda: EQ()!=EQ()); show(lambda: EQ()==1); show(lambda: EQ()<1); show(lambda: 1 in [EQ()])
class AB:
    def __add__(s,o): return NotImplemented
    def __radd__(s,o): return 'radd'
    def __iadd__(s,o): return NotImplemented
class AB2(AB):
    def __radd__(s,o): return 'radd2'
print(1+AB(), AB()+AB2()); show(lambda: AB()+AB()); show(lambda: AB()+1)
def iadd():
    x=AB(); x+=1
show(iadd)
show(lambda: divmod('a',1)); show(lambda: pow('a',1,2)); show(lambda: pow(2,3,'a')); show(lambda: -'a'); show(lambda: ~1.5); show(lambda: 1@2); show(lambda: [] < ()); show(lambda: {} | []); show(lambda: 1 in 5); show(lambda: 5[0]); show(lambda: None.x); show(lambda: None()); show(lambda: 'a'.b); show(lambda: [].appnd); show(lambda: 'a'*'b'); show(lambda: [1]+(1,)); show(lambda: 'a'+1); show(lambda: b'a'+'b'); show(lambda: 1+'a'); show(lambda: [][1.5]); show(lambda: {}[[]]); show(lambda: (1,)['a']); show(lambda: 'abc'[None]); show(lambda: {1,2}[0]); show(lambda: range(3)['a']); show(lambda: len[0]); show(lambda: int['a'])
def si(): 
    x=(1,); x[0]=2
show(si)
def si2():
    x='a'; x[0]='b'
show(si2)
def si3():
    x='a'; del x[0]
show(si3)
def si4():
    x=5; x[0]=1
show(si4)
def si5():
    x=[1]; x[5]=1
show(si5)
def si6():
    x=[1,2,3]; x[::2]=[1]
show(si6)
def si7():
    x=[1,2,3]; x[0:1]=5
show(si7)
def un(): a,b=1
show(un)
def un2(): a,b=1,2,3
show(un2)
def un3(): a,b='x'
show(un3)
def un4(): a,*b,c=[1]
show(un4)
def un5(): a,b={1:2,3:4,5:6}
show(un5)
def un6(): a,b=(i for i in range(9))
show(un6)
def f(a,b,/,c,*,d,e=1): pass
for args,kw in [((),{}),((1,),{}),((1,2),{}),((1,2,3),{}),((1,2,3,4),{}),((1,2,3,4,5),{'d':1}),((1,2),{'c':1,'d':2,'z':3}),((1,2,3),{'a':1,'d':2}),((1,2,3),{'c':1,'d':2}),((1,2,3),{'dd':1}),((1,),{'b':2,'c':3,'d':4})]: show(lambda: f(*args,**kw))
show(lambda: f(*5)); show(lambda: f(**5)); show(lambda: f(**{1:2})); show(lambda: f(1,2,c=1,**{'c':2})); show(lambda: dict(a=1,**{'a':2})); show(lambda: print(*[1],*5)); show(lambda: [*5]); show(lambda: {**5}); show(lambda: {*5}); show(lambda:(*None,))
