# Extension modules for CPython's C interface: refused in one sentence (CPython itself says of these that they are too short). A package can go without.
import os, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    def write(name, text=""):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "w") as f: f.write(text)
    write("plain.so")
    write("stable.abi3.so")
    write("array_package/__init__.py", "from . import _core\n")
    write("array_package/_core.so")
    write("careful/__init__.py", "try: from ._fast import add\nexcept ImportError: add = lambda a, b: a + b\n")
    write("careful/_fast.so")
    sys.path.insert(0, folder)
    for name in ("plain", "stable", "array_package"):
        try: __import__(name)
        except ImportError as e: print(type(e).__name__, name in sys.modules, sys.implementation.name != "skein" or str(e).endswith("is an extension for CPython's C interface, which Skein does not have"))
    import careful
    print(careful.add(1, 2))
    try: import nowhere
    except ImportError as e: print(type(e).__name__, e)
