import sys, os, tempfile, importlib
d = tempfile.mkdtemp(); sys.path.insert(0, d)
def put(name, text):
    os.makedirs(os.path.dirname(os.path.join(d, name)), exist_ok=True)
    with open(os.path.join(d, name), "w") as f: f.write(text)
put("pkg/__init__.py", "from . import a\nfrom .sub.deep import x as y\n__all__ = ['a', 'b']\n")
put("pkg/a.py", "import pkg.sub\nname = __name__\n")
put("pkg/b.py", "from .. import nothing\n")
put("pkg/sub/__init__.py", "")
put("pkg/sub/deep.py", "from ..a import name\nfrom . import __name__ as n\nx = name + n\n")
put("circ1.py", "import circ2\nfrom circ2 import late\n")
put("circ2.py", "import circ1\nfrom circ1 import nope\nlate = 1\n")
put("boom.py", "1/0\n")
put("lazy.py", "def __getattr__(n):\n    if n == 'z': return 26\n    raise AttributeError(n)\n")
importlib.invalidate_caches()
import pkg, pkg.sub.deep as deep
print(pkg.a.name, pkg.y, deep.x, pkg.__path__ == [os.path.join(d, "pkg")], pkg.__spec__.name)
def attempt(source):
    try: exec(source, {"__name__": "t", "__package__": ""} if "from ." in source else {})
    except BaseException as e: print(type(e).__name__, str(e).replace(d, "DIR"), getattr(e, "name", None))
attempt("import nope.x"); attempt("from pkg import zork"); attempt("import pkg.zork"); attempt("from . import x"); attempt("import circ1"); attempt("from pkg import *")
attempt("import os.path.x"); attempt("__import__('')"); attempt("__import__(5)"); attempt("__import__('x', level=-1)"); attempt("import boom")
import lazy; print(lazy.z); attempt("import lazy; lazy.q")
try: import boom
except ZeroDivisionError as e:
    tb = e.__traceback__; names = []
    while tb: names.append(tb.tb_frame.f_code.co_name); tb = tb.tb_next
    print(names)
sys.modules["gone"] = None; attempt("import gone")
sys.modules["odd"] = 5; import odd; print(odd)
print(importlib.import_module(".a", "pkg") is pkg.a, importlib.reload(pkg.a) is pkg.a)
import importlib.util
spec = importlib.util.spec_from_loader("made", None); m = importlib.util.module_from_spec(spec); print(m)
print(importlib.util.find_spec("nope"), importlib.util.find_spec("sys").origin, sys.modules["_frozen_importlib"].__name__)
import zipfile
with zipfile.ZipFile(os.path.join(d, "z.zip"), "w") as z: z.writestr("inzip.py", "v = 42\n")
sys.path.insert(0, os.path.join(d, "z.zip")); import inzip; print(inzip.v, type(inzip.__loader__).__name__)
import threading
put("slow.py", "import time\ntime.sleep(0.05)\nvalue = 1\n"); importlib.invalidate_caches()
got = []
def w():
    import slow; got.append(slow.value)
ts = [threading.Thread(target=w) for _ in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]; print(got)
import shutil; shutil.rmtree(d)
