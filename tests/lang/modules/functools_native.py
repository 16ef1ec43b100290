import re


def clean(text):
    return re.sub("0x[0-9a-f]{6,}", "0x...", text)


from functools import *
import functools, _functools
P = Placeholder
f = lambda *a, **k: (a, k)
p = partial(f, 1, x=2)
p.attr = 5


class PS(partial): pass


@lru_cache
def g(x, y=1): return x


@lru_cache(2, typed=True)
def h(x): return x


class A:
    m = partial(f, 7)

    @lru_cache
    def c(self): return 1


def try_all(expressions):
    for e in expressions:
        try:
            print(e, "->", clean(repr(eval(e))))
        except BaseException as x:
            print(e, "=>", type(x).__name__, clean(str(x)))


try_all([
    'partial()',
    'partial(1)',
    'p(3,y=4)',
    'p(x=5)',
    'p',
    'partial(partial(f,1),2)',
    'partial(p,2).func is p',
    'PS(f,1)',
    'p.func is f',
    'p.args',
    'p.keywords',
    'p.__reduce__()',
    'p.__setstate__(5)',
    'p.__setstate__((f,(1,),{},None))',
    'partial(f,P,2)',
    'partial(f,P,2)(1)',
    'partial(f,P,2)()',
    'partial(f,1,P)',
    'partial(partial(f,P,2),1)',
    'partial(partial(f,P,P,3),1)',
    'partial(f,x=P)',
    'P',
    'type(P)',
    'type(P)()',
    'repr(P.__reduce__())',
    'A().m(1)',
    'A.m(1)',
    'reduce(f,[])',
    'reduce(lambda a,b:a+b,[1,2,3])',
    'reduce(lambda a,b:a+b,[],5)',
    'reduce(1)',
    'reduce(f,5)',
    'reduce(1,[1,2])',
    'sorted([3,1,2],key=cmp_to_key(lambda a,b:b-a))',
    'cmp_to_key(f)',
    'cmp_to_key(f)(1)',
    'cmp_to_key(f)(1).obj',
    'cmp_to_key(f)()',
    'cmp_to_key()',
    'cmp_to_key(f)(1)<5',
    'hash(cmp_to_key(f)(1))',
    'cmp_to_key(f)(x=1)',
    'cmp_to_key(f).obj',
    'g(1)',
    'g(1)',
    'g(x=1)',
    'g.cache_info()',
    'g',
    'h(1),h(1.0),h(2),h.cache_info()',
    'g([])',
    'g.cache_clear()',
    'g.__wrapped__',
    'g.__reduce__()',
    'A().c()',
    'A.c',
    '_functools._lru_cache_wrapper(1,2,3,4)',
    '_functools._lru_cache_wrapper(f,"a",3,4)',
    '_functools._lru_cache_wrapper(f,1,False,f)',
    '_functools._lru_cache_wrapper',
    'p.__get__(None,A) is p',
    'P.x',
    'PS(p,2).func is f',
    'partial.__call__',
    'type(cmp_to_key(f))',
])
