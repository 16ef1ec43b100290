import sys
def deep(n):
    if n: yield from deep(n-1)
    yield n
sys.setrecursionlimit(5000)
print(sum(deep(3000)))
def g():
    try:
        x = yield 1
        print("got", x)
        yield 2
    finally: print("fin")
def outer():
    r = yield from g()
    print("r", r)
it=outer(); print(next(it), it.send(5)); 
try: it.throw(ValueError("x"))
except ValueError as e: print("caught", e)
def boom():
    yield 1
    raise KeyError("k")
try:
    for x in boom(): print(x)
except KeyError as e:
    import traceback; print(traceback.format_exc().splitlines()[-1])
def ret():
    yield 1
    return 5
for x in ret(): print(x)
async def a(n):
    if n: return await a(n-1)+1
    return 0
c=a(2000)
try: c.send(None)
except StopIteration as e: print(e.value)
def self_iter():
    for x in me: yield x
me=self_iter()
try: list(me)
except ValueError as e: print(e)
def stop():
    yield 1
    raise StopIteration
try:
    for x in stop(): pass
except RuntimeError as e: print(repr(e), repr(e.__cause__))
def early():
    for i in range(10):
        try: yield i
        finally: print("closed", i)
for x in early():
    if x==2: break
def exc():
    try:
        yield sys.exception()
        yield sys.exception()
    finally: pass
try: raise OSError
except OSError:
    for e in exc(): print(repr(e))
def inf(n):
    for x in inf(n+1): yield x
    yield n
sys.setrecursionlimit(300)
try: next(inf(0))
except RecursionError as e: print(e)
