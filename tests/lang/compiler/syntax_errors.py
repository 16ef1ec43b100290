# What is wrong with a text, where, and in which words: each line below the mark is a program that does not compile, alone and in a
# function. (\n, \t and \u00a0 in them stand for the characters.)
import warnings

def report(source):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            compile(source, "F", "exec")
            result = "compiles"
        except SyntaxError as e:
            result = f"{type(e).__name__} {e.msg} ({e.lineno},{e.offset} to {e.end_lineno},{e.end_offset})"
        except Exception as e:
            result = f"{type(e).__name__} {e}"
    return result + "".join(f" [{w.category.__name__} {w.lineno}: {w.message}]" for w in seen)

mark = False
for line in open(__file__, encoding="utf-8"):
    if mark and line.startswith("#  "):
        text = line[3:].rstrip("\n").replace("\\n", "\n").replace("\\t", "\t").replace("\\u00a0", "\u00a0")
        alone, inside = report(text), report("def g():\n    " + text.replace("\n", "\n    ") + "\n")
        print(repr(text), alone, sep="\n    ")
        if alone.split(" (")[0] != inside.split(" (")[0]:
            print("    in a function:", inside)
    mark = mark or line == "# ---- programs\n"

# ---- programs
#  (
#  [
#  {
#  (1, 2
#  [1, 2
#  {1: 2
#  foo(1, 2
#  )
#  ]
#  }
#  (]
#  [}
#  {)
#  ([)
#  x = [1, 2}
#  def f(:
#  def f(
#  if True
#  if True:
#  while 1
#  for x in y
#  for x
#  for x in
#  for in y:
#  class A
#  class A:
#  class
#  def f()
#  def f
#  def
#  def f(a, a): pass
#  def f(a=1, b): pass
#  def f(*): pass
#  def f(*, **k): pass
#  def f(**k, a): pass
#  def f(**k, *a): pass
#  def f(*a, *b): pass
#  def f(a, /, b, /): pass
#  def f(/, a): pass
#  def f(*, a, /): pass
#  def f(*a, /): pass
#  def f(a, *, /): pass
#  def f(1): pass
#  def f(a.b): pass
#  def f((a, b)): pass
#  def f(a=): pass
#  def f(**k=1): pass
#  def f(*a=1): pass
#  def f(None): pass
#  def f(a, b=2, c): pass
#  lambda a, a: 1
#  lambda *: 1
#  lambda a=1, b: 1
#  lambda **k, a: 1
#  lambda (a): 1
#  lambda a: (yield
#  lambda:
#  lambda x=: 1
#  f(a for a in b, c)
#  f(c, a for a in b)
#  f(a for a in b, c for c in d)
#  f(a=1, 2)
#  f(**a, *b)
#  f(**a, b)
#  f(a=1, a=2)
#  f(1=2)
#  f(True=1)
#  f(None=1)
#  f(a.b=1)
#  f(a+b=1)
#  f(a()=1)
#  f(a=)
#  f(a, b=)
#  f(*)
#  f(**)
#  f(a b)
#  f(a, b c)
#  f(a := 1, b=c := 2)
#  f(a=b:=1)
#  f(x for x in y=1)
#  f(**x, a for a in b)
#  class A(x for x in y): pass
#  class A(a=1, 2): pass
#  1 = x
#  1 + 1 = x
#  None = 1
#  True = 1
#  False = 1
#  ... = 1
#  __debug__ = 1
#  x.__debug__ = 1
#  f(__debug__=1)
#  def __debug__(): pass
#  def f(__debug__): pass
#  import __debug__
#  del __debug__
#  'a' = 1
#  f'a' = 1
#  f'{a}' = 1
#  t'a' = 1
#  f() = 1
#  f() += 1
#  (a, b) += 1
#  [a] += 1
#  a, b += 1
#  a + b += 1
#  1 += 1
#  a + 1 = 2
#  -a = 1
#  not a = 1
#  a and b = 1
#  a < b = 1
#  a if b else c = 1
#  lambda: 1 = 1
#  (yield) = 1
#  yield = 1
#  await x = 1
#  (a for a in b) = 1
#  [a for a in b] = 1
#  {a for a in b} = 1
#  {a: b for a in b} = 1
#  {} = 1
#  {1} = 1
#  {1: 2} = 1
#  {'a': 1} = x
#  a, 1 = x
#  (a, 1) = x
#  [a, 1] = x
#  (a, f()) = x
#  [a, [b, 1]] = x
#  *a = 1
#  *a, *b = 1
#  [*a, *b] = 1
#  *1 = x
#  a = *b
#  print(*a b)
#  *a
#  (*a)
#  del *a
#  del (*a, b)
#  del f()
#  del 1
#  del a + b
#  del (a, 1)
#  del [a, f()]
#  del (a for a in b)
#  del a, 1
#  del None
#  del 'a'
#  del {}
#  del
#  del a b
#  for 1 in x: pass
#  for f() in x: pass
#  for a + 1 in x: pass
#  for (a, 1) in x: pass
#  for a, 1 in x: pass
#  for *a in x: pass
#  for a in b c: pass
#  for x in range(10)
#  for x range(10): pass
#  for x if y: pass
#  with a as 1: pass
#  with a as f(): pass
#  with a as (b, 1): pass
#  with a as b + c: pass
#  with (a as 1): pass
#  with a as b
#  with a
#  with (a as b, c as d)
#  with open(x) as f, open(y) as 1: pass
#  with:
#  (a := 1) = 2
#  a := 1
#  (a.b := 1)
#  (a[0] := 1)
#  (1 := 2)
#  (f() := 1)
#  ((a, b) := 1)
#  (a, b := 1, 2) = 3
#  [i := 0 for i in x]
#  [[(i := 0) for j in y] for i in x]
#  [x for x in (y := z)]
#  [(y := x) for y in z]
#  class A: [(x := 1) for y in z]
#  x = y := 1
#  def f(a := 1): pass
#  def f(a=b := 1): pass
#  assert a := 1
#  if x = 1: pass
#  if x = 1 and y: pass
#  while x = 1: pass
#  elif x: pass
#  if a: pass elif b: pass
#  if x == 1 = 2: pass
#  if (x = 1): pass
#  if x.y = 1: pass
#  if x[0] = 1: pass
#  if f(x = 1: pass
#  x = (y = 1)
#  [a = 1]
#  {a = 1}
#  {a: b = 1}
#  (a = 1)
#  (a.b = 1)
#  print(a = 1, b == 2)
#  print(a.b = 1)
#  print(a[1] = 1)
#  print(f() = 1)
#  print(1 = 1)
#  [x = 1 for x in y]
#  [x for x = 1 in y]
#  [x for x in y if z = 1]
#  x = [a for a b]
#  x = [a for a in b c]
#  x = [for a in b]
#  x = [a, b for a in b]
#  x = {a, b for a in b}
#  x = (a, b for a in b)
#  x = [a, b for a, b in c]
#  x = {a: b, c: d for a in b}
#  x = {a:b, c}
#  x = {a, b: c}
#  x = {a: }
#  x = {a: , b: c}
#  x = {: 1}
#  x = {**a, b}
#  x = {a, **b}
#  x = {**a: 1}
#  x = {a: *b}
#  x = {a: **b}
#  x = {*a: 1}
#  x = {*a for a in b}
#  x = {**a for a in b}
#  x = [*a for a in b]
#  x = (*a for a in b)
#  x = [**a]
#  x = (**a)
#  x = {a b}
#  x = {a: b c: d}
#  x = {1:2 3:4}
#  x = [a b]
#  x = (a b)
#  x = [1 2 3]
#  x = [1, 2 3]
#  x = a b
#  a b
#  a b c
#  print a
#  print "hello"
#  print "a" % b
#  exec "code"
#  exec x
#  print a, b
#  print(a) b
#  foo bar
#  foo "bar"
#  raise a, b
#  raise a from
#  raise from a
#  raise ValueError, "x"
#  import a.b as c.d
#  import a as 1
#  import a as b.c
#  import a,
#  import
#  import a b
#  import a as
#  import a, b,
#  from a import
#  from a import b,
#  from a import (b
#  from a import (b,,)
#  from a import ()
#  from a import b c
#  from a import b as 1
#  from a import b as c.d
#  from a import *, b
#  from a import b, *
#  from . import
#  from a.b import c.d
#  from a import (b as c.d)
#  from import a
#  from a
#  from .a. import b
#  from a import b as
#  def f(): from a import *
#  class A: from a import *
#  from __future__ import nope
#  from __future__ import braces
#  from __future__ import annotations, nope
#  x = 1; from __future__ import annotations
#  from __future__ import barry_as_FLUFL; 1 != 2
#  1 <> 2
#  import a from b
#  import a, b from c
#  return
#  return 1
#  yield 1
#  yield
#  yield from x
#  await x
#  x = yield
#  x = await y
#  class A: return 1
#  class A: yield 1
#  class A: await x
#  def f(): await x
#  def f(): async with a: pass
#  def f(): async for a in b: pass
#  def f(): [x async for x in y]
#  def f(): return [await x for x in y]
#  async def f(): yield from x
#  async def f(): yield 1; return 2
#  async def f(): [yield x for y in z]
#  async with a: pass
#  async for a in b: pass
#  async x
#  async
#  async lambda: 1
#  await
#  def f(): [(yield x) for x in y]
#  def f(): {(yield x) for x in y}
#  def f(): ((yield x) for x in y)
#  def f(): {(yield x): 1 for x in y}
#  [(yield 1)]
#  (yield)
#  def f(x=(yield)): pass
#  def f(x: (yield)): pass
#  x: (yield) = 1
#  def f(): x: (yield)
#  x: (await y)
#  x: (a := 1)
#  def f(x: (a := 1)): pass
#  class A[T: (yield)]: pass
#  class A[T: (a := 1)]: pass
#  type X = (yield)
#  type X = (a := 1)
#  type X[T] = (await x)
#  def f[T](x: (yield)): pass
#  class A[T](y := 1): pass
#  class A[T]((yield)): pass
#  class A[T, T]: pass
#  class A[*T, *T]: pass
#  class A[T = 1, U]: pass
#  class A[*T: int]: pass
#  class A[**P: int]: pass
#  class A[]: pass
#  def f[]() : pass
#  type X
#  type X =
#  type X[T]
#  type 1 = 2
#  type X.y = 2
#  type X[T = 1, U] = 3
#  def f[T](): nonlocal T
#  class A[T]: nonlocal T
#  break
#  continue
#  def f(): break
#  if x: break
#  if x: continue
#  class A: break
#  while 1: def f(): break
#  for x in y: class A: continue
#  while 1: pass; else: break
#  try: pass
#  try: pass finally: pass
#  except: pass
#  except x: pass
#  finally: pass
#  else: pass
#  case 1: pass
#  def f(): x = 1; global x
#  def f(x): global x
#  def f(): print(x); global x
#  def f(): global x; nonlocal x
#  def f(): nonlocal x
#  nonlocal x
#  class A: nonlocal x
#  def f(x): nonlocal x
#  def f(): x: int; global x
#  def f(): global x; x: int = 1
#  def f(): \n  def x(): pass\n  global x
#  def f(): for x in y: pass; global x
#  global
#  global x,
#  global x.y
#  global x y
#  nonlocal
#  x: int: str
#  x: int, y: int
#  x, y: int
#  (x, y): int = 1
#  [x]: int
#  f(): int
#  1: int
#  "a": int
#  lambda: x: int
#  x : int = = 1
#  x = = 1
#  x == = 1
#  x + = 1
#  x--
#  x ** = 1
#  x ! = 1
#  x =! 1
#  !x
#  x !
#  a ? b : c
#  a && b
#  a || b
#  x = $
#  x = `a`
#  x = a`
#  €
#  x = “a”
#  x = a – b
#  x = 1\u00a0+ 2
#  x = \
#  x = a \ b
#  \
#  'abc
#  "abc
#  'abc\
#  '''abc
#  """abc
#  f'abc
#  f"""abc
#  f'{a'
#  f'{a
#  f'{
#  f'{}'
#  f'{ }'
#  f'{!r}'
#  f'{a!}'
#  f'{a!x}'
#  f'{a!r b}'
#  f'{a! r}'
#  f'{a!r:{b}'
#  f'{a!1}'
#  f'{a:'
#  f'{a:{b}'
#  f'{a:{b:{c:{d}}}}'
#  f'}'
#  f'a}b'
#  f'{a}}'
#  f'{{a}'
#  f'{a b}'
#  f'{a, b c}'
#  f'{a[}'
#  f'{a)}'
#  f'{(a}'
#  f'{a]}'
#  f'{a:b}}'
#  f'{lambda x: 1}'
#  f'{lambda x:1!r}'
#  f'{=}'
#  f'{:x}'
#  f'{,}'
#  f'{a=b}'
#  f'{a==}'
#  f'{*a}'
#  f'{**a}'
#  f'{*}'
#  f'{yield}'
#  f'{await x}'
#  f'{a $ b}'
#  f'{a # b}'
#  f'{#}'
#  f'{a;b}'
#  f'{import x}'
#  f'{del x}'
#  f'{a\}'
#  f'{\}'
#  f'{"a}'
#  f'{'a}'
#  f'{f'{'
#  f'{a.1}'
#  f'{1a}'
#  f'{a.}'
#  f'{a!r!s}'
#  f'{a!}}'
#  f'{!x}'
#  f'{a!:}'
#  f'{a:{}}'
#  f'{a:{!r}}'
#  f'{ a.b( }'
#  f'{for}'
#  f'{a if b}'
#  f'{a if}'
#  f'\N{foo}'
#  '\N{foo}'
#  '\N{'
#  '\N'
#  '\x1'
#  '\u12'
#  '\U12345'
#  '\UFFFFFFFF'
#  b'\x1'
#  b'é'
#  bf'a'
#  fb'a'
#  ub'a'
#  ur'a'
#  tf'a'
#  tb'a'
#  ut'a'
#  t'{a'
#  t'{}'
#  t'{a!x}'
#  t'a' 'b'
#  'a' t'b'
#  t'a' f'b'
#  t'a' b'b'
#  'a' b'b'
#  b'a' f'b'
#  f'a' b'b'
#  0777
#  01
#  08
#  0_7
#  1__0
#  1_
#  0x
#  0xg
#  0b
#  0b2
#  0b12
#  0o
#  0o8
#  0o18
#  0x_
#  1_a
#  1a
#  1.a
#  1.5a
#  1e
#  1e+
#  1e5a
#  1.e
#  1j2
#  1ja
#  0xfor
#  1if 2else 3
#  1or 2
#  1in x
#  1and 2
#  0b1and 2
#  0x1for x in y
#  1.5or 2
#  1_000_
#  1._0
#  1.0_
#  1e1_
#  1e_1
#  0b_1_
#  123abc
#  1lambda
#  012345
#  0999
#  00000001
#  1...a
#  a.1
#  a..b
#  a.
#  .a
#  .
#  ...a
#  a.b.
#  a.for
#  a.None
#  def for(): pass
#  def None(): pass
#  class for: pass
#  for = 1
#  class = 1
#  def = 1
#  if = 1
#  import = 1
#  from = 1
#  lambda = 1
#  f.None = 1
#  x.True = 1
#  import None
#  import for
#  from for import x
#  from x import for
#  from x import None
#  import x as None
#  class None: pass
#  class A(None=1): pass
#  with a as None: pass
#  for None in x: pass
#  except None: pass
#  lambda None: 1
#  (None := 1)
#  a = None = b
#  None += 1
#  None: int = 1
#  True: int
#  [None] = 1
#  global None
#  nonlocal True
#  def f(a, None): pass
#  def f(*None): pass
#  def f(**None): pass
#  def f(*, None): pass
#  @
#  @x
#  @x y
#  @1 +
#  @x\nx = 1
#  @x\n
#  pass x
#  pass 1
#  break x
#  continue x
#  assert
#  assert a,
#  assert a, b, c
#  assert (a, b)
#  assert(a, "x")
#  assert a b
#  assert x = 1
#  a if b
#  a if b else
#  a if else c
#  x = a if b
#  x = a if b else pass
#  x = pass if b else c
#  x = a if b else return
#  if a else b
#  a else b
#  a not b
#  a is is b
#  a not not in b
#  a in not b
#  not in a
#  a or
#  or a
#  a and
#  and a
#  a <
#  < a
#  a + * b
#  a // / b
#  ~
#  -
#  not
#  a ~ b
#  a = not
#  a not = b
#  a[
#  a[]
#  a[1
#  a[1:2:3:4]
#  a[1,,2]
#  a[:
#  a[b c]
#  a[*]
#  a[**b]
#  a[b=1]
#  a[b:c := 1]
#  a(
#  a(,)
#  a(,b)
#  a(b,,c)
#  (,)
#  (,a)
#  (a,,b)
#  [,]
#  [,a]
#  [a,,b]
#  {,}
#  {a,,b}
#  {a:b,,c:d}
#  () += 1
#  a = b = 1 = c
#  a = 1 = b
#  a = b() = c
#  x = 1, 2 = y
#  match x: pass
#  match x:\n  pass
#  match x:\n  case
#  match x:\n  case 1
#  match x:\n  case 1:
#  match x:\n  case 1: pass\n  else: pass
#  match x:\ncase 1: pass
#  match x
#  match x:\n  case a: pass\n  case b: pass
#  match x:\n  case _: pass\n  case 1: pass
#  match x:\n  case a | b: pass
#  match x:\n  case (a, 1) | (1, b): pass
#  match x:\n  case 1 | a | 2: pass
#  match x:\n  case (a, a): pass
#  match x:\n  case {1: a, 2: a}: pass
#  match x:\n  case {**a, 1: b}: pass
#  match x:\n  case {**_}: pass
#  match x:\n  case {**a, **b}: pass
#  match x:\n  case {a: 1}: pass
#  match x:\n  case {1: x, 1: y}: pass
#  match x:\n  case [*a, *b]: pass
#  match x:\n  case *a: pass
#  match x:\n  case A(a=1, a=2): pass
#  match x:\n  case A(a=1, 2): pass
#  match x:\n  case A(a.b=1): pass
#  match x:\n  case A(1=1): pass
#  match x:\n  case a as 1: pass
#  match x:\n  case 1 as _: pass
#  match x:\n  case 1 as a.b: pass
#  match x:\n  case 1 as f(): pass
#  match x:\n  case a as a: pass
#  match x:\n  case 1 + 2: pass
#  match x:\n  case 1j + 2: pass
#  match x:\n  case -a: pass
#  match x:\n  case +1: pass
#  match x:\n  case 1.5 - 2: pass
#  match x:\n  case a.b | c: pass
#  match x:\n  case a[0]: pass
#  match x:\n  case (a := 1): pass
#  match x:\n  case not 1: pass
#  match x:\n  case 1 if: pass
#  match x:\n  case 1 if x = 1: pass
#  match x:\n  case 1 as: pass
#  match x:\n  case A(**a): pass
#  match x:\n  case A(*a): pass
#  match x:\n  case {1: 2: 3}: pass
#  match x:\n  case _ | 1: pass
#  match x:\n  case __debug__: pass
#  match x:\n  case 1 1: pass
#  match x:\n  case None as None: pass
#  match x:\n  case {-a: 1}: pass
#  match x.y
#  match(x): pass
#  match *a: pass
#  match *a:\n  case 1: pass
#  try:\n  pass
#  try:\n  pass\nx = 1
#  try:\n  pass\nexcept
#  try:\n  pass\nexcept:\n  pass\nexcept x:\n  pass
#  try:\n  pass\nexcept A, B as c:\n  pass
#  try:\n  pass\nexcept A, B, C as d:\n  pass
#  try:\n  pass\nexcept* A, B as c:\n  pass
#  try:\n  pass\nexcept A as\n  pass
#  try:\n  pass\nexcept A as b
#  try:\n  pass\nexcept A
#  try:\n  pass\nexcept* A
#  try:\n  pass\nexcept*:\n  pass
#  try:\n  pass\nexcept*
#  try:\n  pass\nexcept A:\n  pass\nexcept* B:\n  pass
#  try:\n  pass\nexcept* A:\n  pass\nexcept B:\n  pass
#  try:\n  pass\nexcept* A:\n  pass\nexcept:\n  pass
#  try:\n  pass\nexcept* A:\n  break
#  while 1:\n  try:\n    pass\n  except* A:\n    break
#  while 1:\n  try:\n    pass\n  except* A:\n    continue
#  def f():\n  try:\n    pass\n  except* A:\n    return
#  try:\n  pass\nelse:\n  pass
#  try:\n  pass\nfinally
#  try:\n  pass\nexcept:\n  pass\nelse
#  try:\n  pass\nfinally:\n  pass\nelse:\n  pass
#  try\n  pass
#  try:
#  try:\npass
#  except:\n  pass
#  finally:\n  pass
#  try:\n  pass\nexcept A:\npass
#  try:\n  pass\nexcept:\npass
#  try:\n  pass\nfinally:\npass
#  try:\n  pass\nexcept A:\n  pass\nelse:\npass
#  try:\n  pass\nexcept* A:\npass
#  try:\n  pass\nexcept* A:\n  pass\nfinally:
#  def f():\n  try: pass\n  finally: return
#  while 1:\n  try: pass\n  finally: break
#  while 1:\n  try: pass\n  finally: continue
#  def f():\n  try: pass\n  finally:\n    try: pass\n    finally: return 1
#    x = 1
#  x = 1\n  y = 2
#  if x:\ny = 1
#  if x:\n    y = 1\n  z = 2
#  if x:\n\ty = 1\n        z = 2
#  if x:\n        y = 1\n\tz = 2
#  if x:\n  y\n else:\n  z
#  if x:\n  y\n  else:\n  z
#  if x:\nelse:\n  y
#  if x:\n  y\nelse
#  if x:\n  y\nelse:\nz
#  if x:\n  y\nelif
#  if x:\n  y\nelif z
#  if x:\n  y\nelif z:\nw
#  if x:\n  y\nelse:\n  z\nelif w:\n  v
#  if x:\n  y\nelse if z:\n  w
#  while x:\ny
#  while x:\n  y\nelse:\nz
#  for x in y:\nz
#  for x in y:\n  z\nelse:\nw
#  for x in y:\n  z\nelse
#  def f():\nx
#  def f():
#  def f():\n
#  def f():\n  # comment
#  class A:\nx
#  class A(B):\nx
#  class A[T]:\nx
#  with a:\nb
#  with a as b:\nc
#  with (a as b):\nc
#  with (a, b):\nc
#  async def f():\nx
#  async def f():\n  async with a:\nb
#  async def f():\n  async for a in b:\nc
#  match x:\n  case 1:\npass
#  match x:\npass
#  @a\ndef f():\nx
#  def f(x):\nreturn x
#  if True:\n    x = 1\n   y = 2\n
#  def f():\n    x\n  y\n
#    def f(): pass
#  \tx
#  if x:\n  \ty\n\t  z
#  if 1:\n        a\n\tb
#  for i in x:\n    pass\n     pass
#  iff x: pass
#  whille x: pass
#  fro x in y: pass
#  forr x in y: pass
#  improt x
#  form x import y
#  clas A: pass
#  dfe f(): pass
#  deff f(): pass
#  retrun x
#  def f():\n  retrun x
#  def f():\n  reutrn 1
#  asert x
#  rais x
#  pas x
#  brek x
#  impot os
#  fron os import x
#  esle: pass
#  if x: pass\nelsee: pass
#  if x:\n  pass\nelife y:\n  pass
#  try:\n  pass\nexept:\n  pass
#  try:\n  pass\nexcpt A:\n  pass
#  try:\n  pass\nfinaly:\n  pass
#  wiht a: pass
#  whith a as b: pass
#  lamda x: x
#  lambd x: x
#  x = lamdba y: y
#  x = a iff b else c
#  x = a if b esle c
#  x is nott y
#  x = nott y
#  x annd y
#  x orr y
#  x inn y
#  yeild x
#  def f():\n  yeild x
#  asynch def f(): pass
#  async df f(): pass
#  aysnc def f(): pass
#  def f():\n  awiat x
#  gloabl x
#  def f():\n  globl x
#  nonlocl x
#  mtach x:\n  case 1: pass
#  match x:\n  cas 1: pass
#  match x:\n  caes 1: pass
#  tpye X = int
#  tyep X = int
#  delt x
#  dle x
#  for x inn y: pass
#  for x im y: pass
#  [x fro x in y]
#  [x for x ni y]
#  import a sa b
#  with a sa b: pass
#  from x imprt y
#  from x improt y
#  whle True:\n  pass
#  x = Non e
#  class A\n  pass
#  class A(B)\n  pass
#  def f()\n  pass
#  if x\n  pass
#  for x in y\n  pass
#  while x\n  pass
#  with x\n  pass
#  with x as y\n  pass
#  lambda x
#  lambda x 1
#  match x\n  case 1: pass
#  match x:\n  case 1\n    pass
#  else\n  pass
#  elif x\n  pass
#  async def f()\n  pass
#  print("a)\nprint("b")
#  print('a\nprint('b')
#  x = "a\ny = 1
#  x = '''a\nb
#  x = f'''{a\n}
#  x = f"{a:\n}"
#  x = "a" "b
#  x = 'it's'
#  x = "a"b"c"
#  x = 'a'b
#  x = a'b'
#  x = a"b"
#  print('it's')
#  x = 1 2
#  x = 1 y
#  x = 1 'a'
#  x = 'a' 1
#  x = 'a' b
#  x = f() g()
#  x = (a) (b) c
#  x = a.b c
#  x = [1] 2
#  x = {} {}
#  x = not a b
#  x = -1 2
#  return x y
#  x: y z
#  x += y z
#  raise x y
#  assert x y
#  f(x)(y) z
#  if x y: pass
#  while x y: pass
#  class A B: pass
#  def f x: pass
#  def f(x) y: pass
#  for x y in z: pass
#  import x y
#  with x y: pass
#  lambda x y: z
#  a, b c
#  x = a,, b
#  x = a b, c
#  f(a, b)(c d)
#  x = {a: b c}
#  x = a[b c]
#  x = a[b, c d]
#  x = "%s" % a b
#  x = (1 + 2) * (3 + 4
#  x = ((1 + 2) * (3 + 4)
#  x = (1 + 2)) * 3
#  x = foo[1)
#  x = foo(1]
#  x = {1, 2)
#  x = [(1, 2], 3)
#  if (a and b:\n  pass
#  print((1, 2)
#  print(1, 2))
#  print("hello"
#  class A(B:\n    pass
#  x = {"a": [1, 2}
#  x; y z
#  x;; y
#  ; x
#  if x: ; y
#  pass; pass pass
#  def f(): pass pass
#  if x: y z
#  for x in y: z w
#  x = (yield = 1)
#  x = *a, b c
#  f(*a, b c)
#  f(**a b)
#  f(*a for a in b)
#  f(**a for a in b)
#  f(a, *b=c)
#  f(a.b c)
#  f(lambda: 1 2)
#  f(lambda x: y z)
#  f(x if y)
#  f(x if y else)
#  f(x y=1)
#  f(x, y z=1)
#  f(x=1 y=2)
#  f(x=1, y z)
#  f("a" b)
#  f(a "b")
#  f("a" "b" c)
#  f('a' if b 'c')
#  f(not)
#  f(a not)
#  f(a=not)
#  f(-)
#  f(a +)
#  f(a.)
#  f(a..b)
#  f(.a)
#  f(if)
#  f(a if)
#  f(for x in y)
#  f(x for)
#  f(x for y)
#  f(x for y in)
#  f(x for y in z if)
#  f(import x)
#  f(del x)
#  f(return)
#  f(pass)
#  f(class)
#  f(x := )
#  f(x :=, y)
#  f(x: int)
#  f(x: 1)
#  f(x: y, z)
#  f({a: b)
#  f([a)
#  f("a)
#  f('a", b)
#  x = {'a': 1, 'b' 2}
#  x = {'a' 1}
#  x = {'a': 1 'b': 2}
#  x = {'a': 1, 'b'}
#  x = {'a', 'b': 1}
#  x = {'a': 1, **b, c}
#  x = {'a': 1,, 'b': 2}
#  x = {'a':: 1}
#  x = {'a': = 1}
#  x = {'a' = 1}
#  x = {'a': 1; 'b': 2}
#  x = {a: for b in c}
#  x = {a: b for c}
#  x = {a: b for c in}
#  x = {a: b for in c}
#  x = [a for b in c if]
#  x = [a for b, in]
#  x = [a if b for c in d]
#  x = [a for b in c else d]
#  x = [a for b in c if d else e]
#  x = [a for b in lambda: c if d]
#  x = [async for a in b]
#  x = [a async b in c]
#  def f(a, b=1, *, c, d=2, **e, f): pass
#  def f(a, *, b): pass; f(1 2)
#  def f(a b): pass
#  def f(a, b c): pass
#  def f(a:): pass
#  def f(a: int b): pass
#  def f(a=1 b): pass
#  def f(a, ): pass; x y
#  def f(,): pass
#  def f(,a): pass
#  def f(a,,b): pass
#  def f(*,): pass
#  def f(*, ,a): pass
#  def f(**): pass
#  def f(**,): pass
#  def f(a, **): pass
#  def f(*a b): pass
#  def f(a, *b=1): pass
#  def f(a, **b=1): pass
#  def f(a, *, **b): pass
#  def f(a, *, b=1, *c): pass
#  def f(a, *b, c, *d): pass
#  def f(a, /, /): pass
#  def f(a, *b, /): pass
#  def f(a, **b, /): pass
#  def f(a=1, /, b): pass
#  def f("a"): pass
#  def f(a()): pass
#  def f(a[0]): pass
#  def f(a) - > int: pass
#  def f(a) => int: pass
#  def f(a) int: pass
#  def f.g(): pass
#  def f()(): pass
#  def 1f(): pass
#  def f(a)::
#  def f(a) pass
#  class A.b: pass
#  class 1A: pass
#  class A(): pass; x y
#  class A(B, C D): pass
#  class A(B=): pass
#  class A(*): pass
#  class A(**): pass
#  class A(1=2): pass
#  class A()(): pass
#  class A[T](B)(C): pass
#  class A[T: ]: pass
#  class A[T = ]: pass
#  class A[T=int, *Ts]: pass
#  class A[1]: pass
#  class A[T.x]: pass
#  class A[T,,U]: pass
#  class A[T U]: pass
#  x = a if b else c d
#  x = a if b else c = d
#  x = lambda: (yield) = 1
#  x = 1 if True else
#  x = 1 if else 2
#  x = if True: 1
#  x = for
#  x = while
#  x = def
#  x = class
#  x = import y
#  x = return
#  x = pass
#  x = raise y
#  x = not
#  x = in
#  x = is
#  x = and b
#  x = a and
#  x = a and or b
#  x = a or or b
#  x = a not
#  x = a is
#  x = a in
#  x = a not in
#  x = a is not
#  x = (a,b) = 1 2
#  a <> b
#  a = b <> c
#  a !== b
#  a === b
#  a =< b
#  a => b
#  a := b
#  a : = b
#  a ** ** b
#  a * * b
#  a *** b
#  a /// b
#  a %% b
#  a ^^ b
#  a | | b
#  a ! b
#  a !b
#  a.!b
#  a[b]c
#  a[b] c
#  a(b) c
#  a(b)c
#  "a"c
#  1 c
#  1c
#  1.c
#  x = 0xZ
#  x = 0b3
#  x = 0o9
#  x = 1__2
#  x = 1_
#  x = 5 5
