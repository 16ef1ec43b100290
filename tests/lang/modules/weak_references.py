import re


def clean(text):
    return re.sub("0x[0-9a-f]{6,}", "0x...", text)


import weakref, _weakref


class A: pass


class B(weakref.ref): pass


a = A()
r = weakref.ref(a)
p = weakref.proxy(a)
a.x = 5


class C:
    def __call__(s, x): return x
    def __len__(s): return 3
    def __iter__(s): return iter([1])
    def __add__(s, o): return 'add'
    def __radd__(s, o): return 'radd'
    def __bool__(s): return False
    def __repr__(s): return 'C!'
    def __str__(s): return 'Cstr'


c = C()
cp = weakref.proxy(c)


def try_all(expressions):
    for e in expressions:
        try:
            print(e, "->", clean(repr(eval(e))))
        except BaseException as x:
            print(e, "=>", type(x).__name__, clean(str(x)))


try_all([
    'r',
    'r()',
    'weakref.ref(a) is r',
    'weakref.ref(a,print) is r',
    'r.__callback__',
    'weakref.ref(a,print).__callback__',
    'r==weakref.ref(a,print)',
    'r==5',
    'r<r',
    'weakref.ref(5)',
    'weakref.ref()',
    'weakref.ref(a,1,2)',
    'weakref.ref(a,callback=1)',
    'B(a)',
    'p.x',
    'p',
    'type(p)',
    'type(cp)',
    'cp(3)',
    'len(cp)',
    'list(cp)',
    'cp+1',
    '1+cp',
    'bool(cp)',
    'str(cp)',
    'repr(cp)',
    'p==a',
    'p<5',
    'weakref.getweakrefcount(a)',
    'weakref.getweakrefs(a)',
    'p.y',
    'weakref.ref.__class_getitem__(int)',
    'p.__class__',
    'weakref.proxy(5)',
    'weakref.ref(A)',
    'weakref.proxy(a) is p',
    'weakref.proxy(a,None) is p',
    'weakref.ref.__call__.__text_signature__',
    'weakref.ref.__text_signature__',
    'cp[1]',
    'next(cp)',
    'iter(p)',
    'int(cp)',
    'weakref.ref(weakref.ref(a))',
    'weakref.ref([])',
    'weakref.ref(len)',
    'weakref.ref(a.__init__)',
])
