# trickier code generation
def star_calls():
    def f(*a, **k): return a, k
    return f(*[1], 2, *[3], k=1, **{'j': 2}), f(*(), **{}), f(*range(3))
print(star_calls())
def aug():
    d = {'a': [1]}
    d['a'] += [2]
    d['a'][0] += 5
    i = [0]
    def idx(): i[0] += 1; return 'a'
    d[idx()] += [9]
    return d, i
print(aug())
def chain(x):
    log = []
    def v(n): log.append(n); return n
    return v(1) < v(x) < v(3) < v(10), log
print(chain(2), chain(5), chain(0))
def boolmix(a, b, c):
    return (a and b or c), (a or b and c), not (a and b), (a if b else c) if c else (b if a else a)
for a in (0, 1):
    for b in (0, 2):
        for c in (0, 3): print(boolmix(a, b, c))
def cond(a, b):
    r = []
    if a and b: r.append(1)
    if a or b: r.append(2)
    if not (a or b): r.append(3)
    if not a and not b or a and b: r.append(4)
    while a and not b: r.append(5); break
    if (a if b else not a): r.append(6)
    if a < b < 5: r.append(7)
    if a is None or b is not None: r.append(8)
    if a in (1, 2) and b not in [3]: r.append(9)
    return r
for a in (0, 1, 2):
    for b in (0, 1, 3): print(cond(a, b))
def finally_flow(n):
    for i in range(5):
        try:
            try:
                if n == 0: return 'a'
                if n == 1: break
                if n == 2: continue
                if n == 3: raise KeyError(n)
            finally:
                if i == 3: return 'from finally'
        except KeyError as e:
            if i == 1: return ('exc', i)
        finally:
            n2 = i
    else:
        return ('else', n2)
    return ('end', n2)
for n in range(5): print(finally_flow(n))
def ret_in_loop_with():
    class C:
        def __enter__(s): return s
        def __exit__(s, *a): log.append('x')
    log = []
    def f():
        for i in range(3):
            with C():
                for j in range(3):
                    with C():
                        if i == 1 and j == 1: return i, j
    return f(), log
print(ret_in_loop_with())
def gen_try():
    for i in range(3):
        try:
            yield i
        except ValueError as e:
            yield ('v', e.args)
            continue
        else: yield 'else'
        finally: yield 'fin'
g = gen_try(); out = [next(g)]; out.append(g.throw(ValueError(1))); out += list(g); print(out)
def multi():
    a = b, c = [1, 2]
    for x, (y, *z) in [(1, (2, 3, 4)), (5, (6,))]: print(x, y, z)
    [p, q] = a
    (r), = [9]
    return a, b, c, p, q, r
print(multi())
def deep():
    return [[[i + j + k for k in range(2)] for j in range(2)] for i in range(2)]
print(deep())
def comp_scope():
    x = 10
    a = [x for x in range(3)]
    b = [lambda: x + i for i in range(2)]
    c = {i: [j for j in range(i)] for i in range(3) if i}
    d = [(i, j) for i, *j in [(1, 2, 3), (4,)]]
    e = [i for i in range(10) if i % 2 if i % 3]
    f = list(i for j in range(3) for i in [j] * j)
    return x, a, [q() for q in b], c, d, e, f
print(comp_scope())
def comp_cond(): return [a if a else 'z' for a in range(3)], [a for a in range(5) if (a if a % 2 else a > 3)]
print(comp_cond())
def nonl():
    x = 1
    def a():
        def b():
            nonlocal x
            x += 1
            del_me = 1
            del del_me
            return x
        return b()
    return a(), x
print(nonl())
def dels():
    x = {'a': 1, 'b': 2}; l = [1, 2, 3, 4]
    del x['a'], l[0], l[-1:]
    return x, l
print(dels())
def unbound_after_del():
    x = 1
    for i in range(2):
        try: print(x)
        except UnboundLocalError as e: print('UB'); continue
        del x
unbound_after_del()
def big_call():
    def f(*a): return len(a)
    return f(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35)
print(big_call(), len([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35, big_call]))
print(len({'a%d' % i: i for i in range(40)}), {1: 2, 3: 4, 5: 6, 7: 8, 9: 10, 11: 12, 13: 14, 15: 16, 17: 18, 19: 20, 21: 22, 23: 24, 25: 26, 27: 28, 29: 30, 31: 32, 33: 34}[33])
class Desc:
    x = [i for i in range(3)]
    y = [j * 2 for j in x]
    z = (lambda self: self.y)
    def f(self, a=x, *, b=y): return a, b
print(Desc().f(), Desc().z())
def kwonly(a, *, b=1, c, d=3): return a, b, c, d
print(kwonly(0, c=2))
try: kwonly(0)
except TypeError as e: print(e)
def outer():
    def inner():
        return __name__, inner.__qualname__
    return inner()
print(outer())
print(max((i * i for i in range(5)), default=None), sorted([3, 1, 2], key=lambda v: -v))
i = 0
while i < 3:
    i += 1
    if i == 2: continue
    print(i)
else: print('w else')
for i in range(3): pass
print(i)
for k in {}: pass
else: print('empty')
def ternary_chain(n): return 'a' if n == 1 else 'b' if n == 2 else 'c' if n == 3 else 'd'
print([ternary_chain(n) for n in range(5)])
def lots(e):
    try: raise e
    except ValueError: return 1
    except (TypeError, KeyError): return 2
    except ZeroDivisionError if True else OSError: return 3
    except: return 4
print(lots(ValueError()), lots(KeyError()), lots(ZeroDivisionError()), lots(OSError()))
def ctx():
    try:
        try: 1/0
        except ZeroDivisionError: [][1]
    except IndexError as e: return type(e.__context__).__name__, e.__suppress_context__
print(ctx())
def exc_in_handler_restores():
    import_ = None
    try: raise ValueError(1)
    except ValueError:
        try: raise KeyError(2)
        except KeyError: pass
        try: raise
        except ValueError as e: return e.args
print(exc_in_handler_restores())
def genexc():
    try: yield 1
    except GeneratorExit: print('GE'); raise
g = genexc(); next(g); del g
def lam(): return (lambda: (yield 5))().__next__()
print(lam())
def glb():
    global GV
    GV = 1
    def inner():
        global GV
        GV += 1
        return GV
    return inner()
print(glb(), GV)
def print_name(): return print_name.__name__
print(print_name())
def tup(): return 1, *[2, 3], 4
print(tup())
def yy():
    x = yield
    while x: x = yield x
g = yy(); next(g); print(g.send(3), g.send(4))
print([*map(lambda x, y=2: x * y, [1, 2, 3])], (lambda: 0)(), (lambda *, a=1: a)(a=5))
a, (b, c), *d = 1, 'xy' and [2, 3], 4, 5; print(a, b, c, d)
print(not 0 == 1, -2 ** 2, (-2) ** 2, 2 ** 3 ** 2, 1 if 0 else 2 if 0 else 3, [1, 2][-1], 'abc'[1:2], 5 % 3 * 2 - 1 // 2)
