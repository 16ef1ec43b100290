# coroutines
class Aw:
    def __init__(self, v): self.v = v
    def __await__(self):
        x = yield self.v
        return x
async def co(n):
    a = await Aw(n)
    b = await inner(a)
    return b
async def inner(x):
    return x * 2
def run(c, vals=()):
    out = []
    v = None
    vals = list(vals)
    try:
        while True:
            out.append(c.send(v))
            v = vals.pop(0) if vals else 7
    except StopIteration as e: return out, e.value
print(run(co(1), [21]))
class AIt:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        await Aw('tick')
        return self.n
async def loop():
    r = []
    async for i in AIt(3):
        if i == 1: continue
        r.append(i)
    else: r.append('else')
    async for i in AIt(5):
        if i == 3: break
    r.append(i)
    r.append([x async for x in AIt(2)])
    r.append({x: await Aw(x) async for x in AIt(2) if x})
    r.append([[y async for y in AIt(x)] for x in range(3)])
    return r
print(run(loop()))
async def agen(n):
    for i in range(n):
        yield i
        await Aw('a%d' % i)
async def useag():
    r = []
    async for x in agen(3): r.append(x)
    g = (x * 2 async for x in agen(2))
    r.append([y async for y in g])
    return r
print(run(useag()))
class ACM:
    async def __aenter__(self): await Aw('enter'); return 'val'
    async def __aexit__(self, t, v, tb): await Aw('exit'); print('aexit', t and t.__name__); return True
async def wi():
    async with ACM() as v, ACM():
        print(v)
        raise ValueError
    async with ACM(): return 'ret'
print(run(wi()))
async def tr():
    try:
        await Aw(1)
    except ValueError as e: return ('caught', e.args)
    finally: print('fin')
c = tr(); c.send(None)
try: c.throw(ValueError(3))
except StopIteration as e: print(e.value)
