import sys
import weakref

caught = []


def hook(info):
    caught.append((info.exc_type.__name__, str(info.exc_value), info.err_msg is not None, type(info.exc_traceback).__name__))


class D:
    def __del__(self): 1 / 0


sys.unraisablehook = hook
D()
print(caught)
a = D.__class__("A", (), {})()
r = weakref.ref(a, lambda r: [][1])
del a
print(caught[1:])
kept = []
sys.unraisablehook = kept.append
D()
print(len(kept), kept[0].exc_type.__name__)


def broken(info): raise ValueError("hook")


import io
sys.unraisablehook = broken
real, sys.stderr = sys.stderr, io.StringIO()
D()
text = sys.stderr.getvalue()
sys.stderr = real
print("ZeroDivisionError" in text, "ValueError: hook" in text)
sys.unraisablehook = sys.__unraisablehook__
sys.stderr = io.StringIO()
D()
text = sys.stderr.getvalue()
sys.stderr = real
print(text.splitlines()[0].split(" <")[0], "|", text.splitlines()[-1])
