import sys
print(sys.getrecursionlimit(), sys.float_info.max, sys.hash_info.modulus, sys.maxsize, sys.byteorder, sys.platform)
print(sys.version_info[:2], sys.version_info.releaselevel, sys.hexversion >> 16 == 0x30e, sys.api_version)
print(type(sys.flags).__name__, sys.flags.optimize, sys.flags.utf8_mode, sys.flags[:2])
try: sys.exit(3)
except SystemExit as e: print(e.code)
try: sys.exit((1, 2))
except SystemExit as e: print(e.args)
def f(): return sys._getframe(1).f_code.co_name, sys._getframemodulename(0)
print(f())
try: sys._getframe(1000)
except ValueError as e: print(e)
sys.displayhook([1]); print(_)
sys.displayhook(None)
try: 1 / 0
except ZeroDivisionError: print(sys.exc_info()[0], sys.exception(), sys.exc_info()[2].tb_lineno)
print(sys.exception(), sys.exc_info())
sys.setrecursionlimit(200)
def r(n): return r(n + 1)
try: r(0)
except RecursionError as e: print(type(e).__name__)
sys.setrecursionlimit(1000)
for bad in (lambda: sys.setrecursionlimit(0), lambda: sys.setswitchinterval(0), lambda: sys.intern(5), lambda: sys.set_int_max_str_digits(5), lambda: sys.call_tracing(f, 5),
            lambda: sys.set_asyncgen_hooks(5), lambda: type(sys.flags)()):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
print(sys.intern("a" + "b") is sys.intern("ab"))
sys.setswitchinterval(0.005); print(sys.getswitchinterval())
events = []
sys.addaudithook(lambda name, args: events.append((name, args)) if name.startswith("my.") else None)
sys.audit("my.event", 1, 2); print(events)
print(sys.get_asyncgen_hooks(), sys.get_int_max_str_digits(), sys.is_finalizing(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
class E(Exception): pass
sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__, u.exc_value, u.err_msg is not None)
class D:
    def __del__(self): raise E("x")
d = D(); del d
sys.excepthook = lambda t, v, tb: print("hook", t.__name__, v, tb is not None)
import time
t = time.struct_time((2026, 11, 20, 17, 0, 0, 4, 324, 0))
print(t, t.tm_year, t[0], t.tm_zone, t.n_fields, t.n_sequence_fields, t.n_unnamed_fields, len(t), t[:3])
print(t.__match_args__, t == tuple(t), t.__reduce__()[1][1], t.__replace__(tm_year=1).tm_year)
for bad in (lambda: time.struct_time(5), lambda: time.struct_time((1,)), lambda: time.struct_time(range(12)), lambda: t.__replace__(x=1), lambda: setattr(t, "tm_year", 1)):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
raise E("last")
