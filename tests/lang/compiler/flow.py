# control flow, exceptions
def f(n):
    out = []
    for i in range(n):
        if i == 2: continue
        if i == 5: break
        out.append(i)
    else:
        out.append('else')
    return out
print(f(3), f(10), f(0))
def g(x):
    try:
        if x == 0: raise ValueError('zero')
        if x == 1: raise KeyError('one')
        if x == 2: return 'ret'
        return 'end'
    except ValueError as e:
        return 'V:' + str(e)
    except (KeyError, TypeError) as e:
        return 'K:' + str(e)
    finally:
        print('finally', x)
for i in range(4): print(g(i))
def h():
    for i in range(3):
        try:
            if i == 1: continue
            if i == 2: break
            print('body', i)
        finally:
            print('fin', i)
    return i
print(h())
def nested():
    try:
        try:
            1/0
        except ZeroDivisionError as e:
            raise RuntimeError('x') from e
    except RuntimeError as e:
        return type(e.__cause__).__name__, type(e.__context__).__name__, str(e)
print(nested())
def e_deleted():
    try: 1/0
    except ZeroDivisionError as e: pass
    try: return e
    except UnboundLocalError as x: return str(x)
print(e_deleted())
def reraise():
    try:
        try: raise ValueError(1)
        except ValueError: raise
    except ValueError as e: return e.args
print(reraise())
def fin_return():
    try: raise ValueError
    finally: return 5
class CM:
    def __init__(self, n, sup=False): self.n, self.sup = n, sup
    def __enter__(self): print('enter', self.n); return self
    def __exit__(self, t, v, tb): print('exit', self.n, t and t.__name__, v and v.args); return self.sup
def w(x):
    with CM(1) as a, CM(2, True) as b:
        print('in', a.n, b.n)
        if x == 1: raise ValueError('q')
        if x == 2: return 'returned'
        for i in range(2):
            with CM(3):
                if x == 3: break
                if x == 4: continue
                if x == 5: return [i]
    return 'after'
for i in range(6): print(w(i))
def w2():
    for i in range(3):
        with CM(i, True):
            try:
                if i == 0: raise KeyError(i)
                if i == 1: continue
                return 'r%d' % i
            finally:
                print('f', i)
print(w2())
def swallow():
    with CM('A'):
        try:
            with CM('B'):
                return 1
        finally:
            print('between')
print(swallow())
class Bad:
    def __enter__(self): pass
    def __exit__(self, *a): raise ValueError('in exit')
def bad():
    with CM('o', True):
        with Bad():
            return 'x'
    return 'swallowed'
print(bad())
def while_else(n):
    while n:
        n -= 1
        if n == 3: break
    else: return 'else'
    return n
print(while_else(2), while_else(9))
x = 5
while True:
    x -= 1
    if x < 0: break
print(x)
try:
    try:
        raise ExceptionGroup('g', [ValueError(1), TypeError(2), KeyError(3)])
    except* ValueError as e:
        print('V', e.exceptions)
    except* TypeError as e:
        print('T', e.exceptions)
        raise RuntimeError('r')
except ExceptionGroup as e:
    print(e.exceptions)
try:
    try: raise ValueError(5)
    except* ValueError as e: print(e.exceptions)
    else: print('no')
    finally: print('fin')
except BaseException as e: print('unexpected', e)
assert x
try: assert x == 3, 'msg'
except AssertionError as e: print('AE', e)
try: assert not x
except AssertionError as e: print('AE', e.args)
def many():
    try:
        try:
            try: 1/0
            finally: print(1)
        finally: print(2)
    except ZeroDivisionError: print(3)
    else: print(4)
    finally: print(5)
many()
a = b = c = [1]
print(a is b is c, 1 < 2 < 3, 1 < 3 < 2, not 1 < 2, 1 < 2 > 1 != 5)
print(1 if x else 2, x and 1 or 3, [] or 0 or None, 1 and [] and 2)
del a
try: a
except NameError as e: print(e)
def u():
    print(zz)
    zz = 1
try: u()
except UnboundLocalError as e: print(e)
(p, (q, *r)), s = (1, (2, 3, 4)), 5
print(p, q, r, s)
*i, j = range(4); print(i, j)
try: a1, b1 = 1, 2, 3
except ValueError as e: print(e)
a, b = 1, 2; a, b = b, a; print(a, b)
l = [0, 1]; i = 0; i, l[i] = 1, 9; print(i, l)
x = [1,2,3]; x[1:2] = [7,8]; print(x, x[::-1], x[1:], x[:-1], x[-1])
x += [4]; x[0] += 10; print(x)
class O: pass
o = O(); o.v = 1; o.v += 5; print(o.v); del o.v
print(hasattr(o, 'v'))
