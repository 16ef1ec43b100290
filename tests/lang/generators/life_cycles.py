# Generators, coroutines, asynchronous generators from their first step to their end, and what wrong ones are told.
import sys, warnings, gc, asyncio, types
warnings.simplefilter('always')
def show(f,*a):
    try: print(getattr(f,'__name__',''), repr(f(*a)))
    except BaseException as e: print(getattr(f,'__name__',''), type(e).__name__, e, repr(e.__cause__), repr(e.__context__), e.__suppress_context__)
def g():
    try: yield 1
    except ValueError as e:
        print('caught',e); yield 2
    finally: print('fin')
x=g(); show(next,x); show(x.throw,ValueError('a')); show(x.throw,KeyError,'b'); show(next,x)
x=g(); show(x.throw,ValueError('unstarted')); show(next,x)
x=g(); show(x.send,1); show(next,x); show(x.close); show(x.close); show(x.send,None)
def g2():
    try: yield
    except GeneratorExit: yield 1
x=g2(); next(x); show(x.close); 
x=g2(); next(x); del x; gc.collect()
def g3():
    try: yield
    except GeneratorExit: return 7
x=g3(); next(x); show(x.close)
def g4():
    raise StopIteration(3)
    yield
show(next,g4())
def g5(): 
    r = yield from g6(); print('r',r); return r
def g6():
    try:
        a = yield 1; print('a',a); return 5
    except Exception as e: print('exc',e); return 6
x=g5(); next(x); show(x.send,'hi')
x=g5(); next(x); show(x.throw,ValueError('z'))
x=g5(); next(x); show(x.close)
x=g5(); print(x.gi_yieldfrom, x.gi_running, x.gi_suspended, x.gi_frame is None); next(x); print(type(x.gi_yieldfrom), x.gi_suspended); x.close(); print(x.gi_frame)
class It:
    def __iter__(self): return self
    def __next__(self): return 1
    def throw(self,*a): print('throw',a); raise a[0]
    def close(self): print('close')
def g7(): yield from It()
x=g7(); next(x); show(x.throw,ValueError('k')); x=g7(); next(x); x.close(); x=g7(); next(x); show(x.send,3)
def rec():
    yield next(y)
y=rec(); show(next,y)
show(x.throw); show(x.throw,1); show(x.throw,ValueError,1,2); show(x.throw, ValueError('a'),'b')
async def co(): return 1
c=co(); show(c.send,None); show(c.send,None); 
c=co(); show(c.send,5); c.close()
c=co(); del c; gc.collect()
async def co2():
    await co(); 
    class A:
        def __await__(self): return (yield 'x')
    return await A()
c=co2(); show(c.send,None); print(type(c.cr_await).__name__, c.cr_running, c.cr_frame is None, c.cr_origin); show(c.throw,ValueError('t')); 
async def bad(): await 5
show(bad().send,None)
async def bad2():
    class A:
        def __await__(self): return 5
    await A()
show(bad2().send,None)
async def bad3():
    class A:
        def __await__(self): return co()
    await A()
show(bad3().send,None)
async def w1():
    async with 5: pass
show(w1().send,None)
async def w2():
    async for x in 5: pass
show(w2().send,None)
async def w3():
    class A:
        def __aiter__(self): return 5
    async for x in A(): pass
show(w3().send,None)
async def w4():
    class A:
        def __aiter__(self): return self
        def __anext__(self): return 5
    async for x in A(): pass
show(w4().send,None)
async def w5():
    class A:
        def __aenter__(self): return 5
        def __aexit__(self,*a): return 5
    async with A(): pass
show(w5().send,None)
def w6():
    with 5: pass
show(w6)
def w7():
    class A:
        def __enter__(self): pass
    with A(): pass
show(w7)
async def w8():
    class A:
        def __enter__(self): pass
        def __exit__(self): pass
    async with A(): pass
show(w8().send,None)
def w9():
    class A:
        async def __aenter__(self): pass
        async def __aexit__(self): pass
    with A(): pass
show(w9)
async def ag():
    try:
        x = yield 1
        print('got',x)
        yield 2
    except ValueError as e: print('v',e); yield 3
    finally: print('agfin')
def run(c):
    try: c.send(None)
    except StopIteration as e: return e.value
    except StopAsyncIteration as e: return 'SAI'
a=ag(); print(run(a.__anext__()), run(a.asend('q')), run(a.__anext__()), run(a.__anext__()))
a=ag(); print(run(a.__anext__()), run(a.athrow(ValueError('e'))), run(a.aclose()))
a=ag(); show(run,a.asend(1)); print(run(a.aclose()))
a=ag(); s=a.asend(None); show(run,s); show(run,s); show(s.throw,ValueError); show(s.close)
a=ag(); run(a.__anext__()); cl=a.aclose(); show(run,cl); show(run,a.__anext__()); show(run, a.aclose())
async def ag2():
    try: yield 1
    except GeneratorExit: yield 2
a=ag2(); run(a.__anext__()); show(run,a.aclose())
async def ag3():
    raise StopAsyncIteration
    yield
show(ag3().__anext__().send,None)
async def ag4():
    raise StopIteration
    yield
show(ag4().__anext__().send,None)
a=ag(); x=a.__anext__(); del x; gc.collect()
a=ag(); print(a.ag_running,a.ag_await,a.ag_frame is None, a.ag_suspended)
import inspect
print(inspect.getasyncgenstate(a), inspect.getgeneratorstate(g()), inspect.getcoroutinestate(c))
@types.coroutine
def tc(): yield 1
async def usetc(): await tc()
show(usetc().send,None)

async def comp(): return [x async for x in ag()], {x: await co() for x in [1,2]}, [await co() for _ in 'ab']
print(asyncio.run(comp()))
async def an(): return await anext(ag()), await anext(ag3x(), 'dflt')
async def ag3x():
    if 0: yield
print(asyncio.run(an()))
show(lambda: aiter(5))
show(lambda: anext(5))
async def tg():
    async def f(n):
        await asyncio.sleep(0); raise ValueError(n)
    try:
        async with asyncio.TaskGroup() as t:
            t.create_task(f(1)); t.create_task(f(2))
    except* ValueError as e: print(repr(e))
asyncio.run(tg())
