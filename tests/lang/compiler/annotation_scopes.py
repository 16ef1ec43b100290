# Annotations as functions, private names of type parameters, awaits that no code is made for.
from __future__ import annotations
import ast
import functools


def f(x: int, *, y: str = '') -> list[int]:
    def inner() -> None: pass
    return inner


print(f.__annotate__(1), f.__annotations__, f.__annotate__.__qualname__, f(1).__annotate__.__qualname__)


@functools.wraps(f)
def g(*args):
    pass


print(g.__annotations__, g.__annotate__ is f.__annotate__)


class Foo[__T, __U: list[__T]](list[__T]):
    param = __T

    def m[__V](self, a, b=lambda: __T):
        return __T, __V, b()

    type Alias[__W] = (__T, __W)


T, U = Foo.__type_params__
print(T.__name__, U.__name__, U.__bound__, Foo.param is T, Foo().m(1)[0] is T, Foo().m(1)[2] is T, Foo.Alias.__value__[0] is T)


def attempt(source, **kw):
    try:
        return compile(source, 'f', 'exec', dont_inherit=True, **kw).co_flags & 0x80
    except SyntaxError as e:
        return e.msg


for source in ('(x): (yield)', '(x): (await 1)', '(x): (y := 1)', 'class C:\n (x): (yield)', 'def f():\n (x): (yield)', 'assert await x', 'async with a: pass',
               'async for a in b: pass', 'class C:\n await x', 'def f(): await x', 'lambda: await x', '[x async for x in y]', 'x = await y'):
    print(repr(source), attempt(source), attempt(source, optimize=1, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
for level in (0, 1):
    tree = compile('x = __debug__ + x.__debug__', 'f', 'exec', flags=ast.PyCF_OPTIMIZED_AST, optimize=level)
    print(ast.dump(tree))
    print(ast.dump(compile(ast.parse('assert __debug__'), 'f', 'exec', flags=ast.PyCF_OPTIMIZED_AST, optimize=level)))
for value in ('0', '{}', 'frozenset()', 'set()'):
    try:
        exec(compile(f'__conditional_annotations__ = {value}\nx: int', 'f', 'exec', dont_inherit=True))
        print('done')
    except TypeError as e:
        print(e)


class X:
    a: int

    def __annotate__(format):
        return {'a': str}


print(X.__annotate__(1), X.__annotations__)
