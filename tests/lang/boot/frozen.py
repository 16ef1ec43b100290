# Modules compiled into the executable: how they look, what _imp says of them, and how they are switched off.
import _imp
import importlib.machinery
import os
import subprocess
import sys
import traceback

names = _imp._frozen_module_names()
for name in ("_frozen_importlib", "_frozen_importlib_external", "zipimport", "abc", "codecs", "io", "_collections_abc", "_sitebuiltins", "genericpath",
             "ntpath", "posixpath", "os", "site", "stat", "importlib.util", "importlib.machinery", "runpy", "__hello__", "__phello__", "__phello__.spam"):
    print(name, name in names, _imp.is_frozen(name), _imp.is_frozen_package(name), _imp.find_frozen(name), _imp.get_frozen_object(name).co_filename)

spec = os.__spec__
print(spec.name, spec.origin, spec.has_location, spec.cached, spec.loader is importlib.machinery.FrozenImporter, spec.loader_state.origname)
print(os.__file__ == sys._stdlib_dir + "/os.py" == spec.loader_state.filename, hasattr(os, "__cached__"), hasattr(os, "__origname__"), os)
print(sys.modules["_frozen_importlib"], sys.modules["_frozen_importlib"].__spec__.origin)
data = _imp.find_frozen("os", withdata=True)[0]
print(type(data), _imp.get_frozen_object("os", data).co_name)

import __hello__
import __phello__.spam
print(__hello__, __phello__, __phello__.__path__ == [sys._stdlib_dir + "/__phello__"], __phello__.spam)
print(_imp.init_frozen("__hello__"), sys.modules["__hello__"] is __hello__, _imp.init_frozen("nothing"))

for function, args in ((_imp.is_frozen, (5,)), (_imp.find_frozen, (5,)), (_imp.find_frozen, ("nothing",)), (_imp.is_frozen_package, ("nothing",)),
                       (_imp.get_frozen_object, ("nothing",)), (_imp.get_frozen_object, ("os", b"")), (_imp.get_frozen_object, ("os", b"x")),
                       (_imp.get_frozen_object, ("os", 5)), (_imp.is_frozen, ("nothing",)), (_imp.init_frozen, (5,))):
    try:
        print(function(*args))
    except Exception as e:
        print(repr(e))

try:
    os.makedirs(1)
except TypeError as e:
    print([frame.filename for frame in traceback.extract_tb(e.__traceback__)][1:])

for option in ("on", "off", "frozen_modules", "other"):
    args = [sys.executable, "-X", "frozen_modules" if option == "frozen_modules" else "frozen_modules=" + option, "-c",
            "import _imp, os; print(_imp.is_frozen('os'), _imp.is_frozen('zipimport'), os.__spec__.origin == 'frozen')"]
    done = subprocess.run(args, capture_output=True, text=True)
    print(option, done.returncode, done.stdout.strip(), "bad value" in done.stderr)

_imp._override_frozen_modules_for_tests(-1)
print(_imp.is_frozen("os"), _imp.is_frozen("zipimport"), len(_imp._frozen_module_names()))
_imp._override_frozen_modules_for_tests(1)
print(_imp.is_frozen("os"))
_imp._override_frozen_modules_for_tests(0)
