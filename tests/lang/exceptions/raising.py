def t(f):
    try:
        f()
    except BaseException as e:
        print(type(e).__name__, e, repr(e.__cause__), repr(e.__context__), e.__suppress_context__)
        return e
def a():
    try: raise ValueError(1)
    except* ValueError as e: print('caught', repr(e), e.exceptions)
t(a)
def b():
    try: raise ExceptionGroup('g',[ValueError(1),TypeError(2),ExceptionGroup('h',[ValueError(3),KeyError(4)])])
    except* ValueError as e: print('v', repr(e))
    except* TypeError as e: print('t', repr(e)); raise
    except* KeyError as e: print('k', repr(e)); raise RuntimeError('new')
e=t(b); print(repr(e.exceptions), repr(e.exceptions[0].__context__) if hasattr(e,'exceptions') else '')
def c():
    try: raise ExceptionGroup('g',[ValueError(1),TypeError(2)])
    except* ValueError: pass
t(c)
def d():
    try:
        try: raise ValueError('a')
        finally: raise KeyError('b')
    except KeyError as e:
        print(repr(e.__context__))
        raise OSError('c') from None
t(d)
def f():
    try: raise ValueError
    except (TypeError, (KeyError, ValueError)) as e: print('nested ok', repr(e))
t(f)
def g():
    try: raise 5
    except TypeError as e: print(e)
    try: raise int
    except TypeError as e: print(e)
    try: raise ValueError from 5
    except TypeError as e: print(e)
    class E(Exception):
        def __new__(cls): return 5
    try: raise E
    except TypeError as e: print(e)
    try:
        try: raise ValueError
        except 5: pass
    except TypeError as e: print(e)
    try:
        try: raise ValueError
        except (5,): pass
    except TypeError as e: print(e)
    try:
        try: raise ValueError
        except* ExceptionGroup: pass
    except TypeError as e: print(e)
    try:
        try: raise ValueError
        except* 5: pass
    except TypeError as e: print(e)
t(g)
x=ValueError('x')
try:
    try: raise x
    except ValueError: raise x
except ValueError as y: print(y is x, repr(y.__context__))
try:
    try: raise x
    except ValueError as e:
        try: raise KeyError(1)
        except KeyError as k: raise x
except ValueError as z: print(repr(z.__context__), repr(z.__context__.__context__))
def gen():
    try: yield 1
    except GeneratorExit: print('closed'); raise
it=gen(); next(it); it.close()
def gen2(): raise StopIteration(3); yield
try: next(gen2())
except RuntimeError as e: print(e, repr(e.__cause__), repr(e.__context__))
def ret():
    yield 1
    return 7
i=ret(); next(i)
try: next(i)
except StopIteration as s: print(s.value, s.args)
tb=None
try: 1/0
except ZeroDivisionError as e: tb=e.__traceback__
print(tb.tb_lineno, tb.tb_next, type(tb).__name__, dir(tb), tb.tb_frame.f_code.co_name)
try: tb.tb_next=tb
except Exception as e: print(type(e).__name__, e)
try: tb.tb_next=5
except Exception as e: print(type(e).__name__, e)
T=type(tb)
n=T(None, tb.tb_frame, 0, 33); print(n.tb_lineno, n.tb_lasti); n.tb_next=tb; print(n.tb_next is tb)
for a in [(), (5,tb.tb_frame,1,2),(None,5,1,2)]:
    try: T(*a)
    except Exception as e: print(type(e).__name__, e)
def deep(n):
    return deep(n+1)
try: deep(0)
except RecursionError as e: print(type(e).__name__, e)
