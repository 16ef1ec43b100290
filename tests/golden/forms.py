# One of each form, for the dumps.
from __future__ import annotations
import a.b as c
@d
async def f[T: int = str](x: T, /, y=1, *z, k, **kw) -> None:
    """doc"""
    async with a as b, c: await b
    async for i in x: yield i
class C(B, metaclass=M): x: int = 1
try: raise X from y
except (A, B) as e: pass
else: del a, b[0], c.d
finally: assert x, 'm'
match p:
    case [1, *_, {'k': v, **r}] | C(y=None) if g: return_ = 1
type Al[T] = list[T]
q = [i async for i in z if i] if x else {k: v for k, v in y} or (lambda *a: (yield))
w = f'{x!r:>{n}}' rf'\d{y=}' + t'{z}' + b'\x00'
while x := y < 2 <= 3: break
for a, *b in c: continue
print(1_000, 0x_ff, 1e-3, 2j, -1 ** 2, not a, a @ b // c % d << 1 & ~e, ...)
