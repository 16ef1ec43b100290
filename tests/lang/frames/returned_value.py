# What a generator or coroutine returns survives the finalizers that its end runs.
class Noisy:
    def __init__(self, name): self.name = name
    def __del__(self):
        print("gone:", [c.upper() for c in self.name], (lambda: self.name)())
def generator(noisy):
    yield 1
    return "from generator"
def outer():
    result = yield from generator(Noisy("x"))
    print(result)
print(list(outer()))
async def coroutine(noisy):
    def inner(): return [n for n in range(2)]
    return inner()
try: coroutine(Noisy("y")).send(None)
except StopIteration as e: print(e.value)
def plain(noisy):
    import sys
    sys._getframe()
    return "plain"
print(plain(Noisy("z")))
async def collect(items):
    got = []
    async for item in items: got.append(item)
    return got
async def items():
    yield 1
    yield 2
import asyncio
print(asyncio.run(collect(items())))

# Code objects: changes that the instructions cannot bear are refused, others taken.
def f(a, b=2, *, c=3):
    d = [a for a in (1, 2)]
    return b
code = f.__code__
print(code.replace(co_name="g").co_name, code.replace() == code, hash(code.replace()) == hash(code))
print(code.co_varnames, code.co_nlocals, len(list(code.co_positions())) * 2 == len(code.co_code), list(code.co_lines())[0][0])
h = type(f)(code.replace(co_varnames=("x", "y", "z", "w")), globals(), "h", (5,), None, {"z": 1})
print(h(x=1), h(1, y=7))
for change in ({"co_nlocals": 1}, {"co_varnames": ("q",)}, {"co_name": 1}, {"co_code": b"x"}):
    try: print(code.replace(**change))
    except (ValueError, TypeError) as e: print(type(e).__name__)
print(list(code.replace(co_linetable=b"").co_positions()), code.replace(co_linetable=code.co_linetable) == code)
try: type(f)(code.replace(co_linetable=b""), globals())(0)
except TypeError: print("no default")

# Where a frame was left.
def left():
    try: 1 / 0
    except TypeError: pass
    finally:
        last = 1
def line(f):
    try: f()
    except Exception as e:
        tb = e.__traceback__.tb_next
        return tb.tb_lineno - f.__code__.co_firstlineno, tb.tb_frame.f_lineno - f.__code__.co_firstlineno
print(line(left))
def named():
    try: 1 / 0
    except ZeroDivisionError as e:
        raise KeyError
print(line(named))
def grouped():
    try: raise OSError
    except* OSError:
        raise
try: grouped()
except ExceptionGroup as e: print(e.__traceback__.tb_next.tb_lineno - grouped.__code__.co_firstlineno)
class Missing:
    def __getattr__(self, name): raise AttributeError
try: Missing().some
except AttributeError as e: print(e.name, type(e.obj).__name__)

# Builtins of functions whose globals name others; the code is warm with the usual ones.
def uses(): return len
for i in range(20): uses()
for builtins in (5, {"len": "mine"}, {}, [1]):
    try: print(type(uses)(uses.__code__, {"__builtins__": builtins})())
    except (TypeError, NameError) as e: print(type(e).__name__)
space = {"type": type, "__builtins__": {"None": None}}
exec("def first(): pass\nsecond = type(first)(first.__code__, {})", space)
print(space["second"].__builtins__)

# Arguments that a class's __init__ does not take are let go of once.
class Few:
    def __init__(self, a, b=1, c=2, d=3, *, e=4): pass
for i in range(5):
    try: Few(4, [40], {5: 5}, [], [True], {6})
    except TypeError as e: print(e)
print(len([[j] for j in range(200)]))
