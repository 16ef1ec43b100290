"""Settings of the build, for sysconfig. There are no C extension modules, so there is nothing to compile them with."""
import sys
import sysconfig

# The library lies where sys found it, not where the schemes of CPython's installations have it.
for _scheme in sysconfig._INSTALL_SCHEMES.values():
    for _key in "stdlib", "platstdlib":
        if _scheme[_key].startswith(("{installed_base}", "{platbase}", "{base}")) and sys._stdlib_dir:
            _scheme[_key] = sys._stdlib_dir.replace("{", "{{").replace("}", "}}")

build_time_vars = {
    "VERSION": "3.14",
    "LDVERSION": "3.14" + sys.abiflags,
    "ABIFLAGS": sys.abiflags,
    "MULTIARCH": "x86_64-linux-gnu",
    "MACHDEP": "linux",
    "SOABI": "skein-314" + sys.abiflags,
    "EXT_SUFFIX": ".skein-314" + sys.abiflags + ".so",
    "SHLIB_SUFFIX": ".so",
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "Py_GIL_DISABLED": int(not sys._is_gil_enabled()),
    "SIZEOF_VOID_P": 8,
    "SIZEOF_SIZE_T": 8,
    "HAVE_FORK": 1,
    "CC": "",
    "CFLAGS": "",
    "LIBDEST": sys._stdlib_dir,
    "BINLIBDEST": sys._stdlib_dir,
    "LIBDIR": sys.base_prefix + "/lib",
    "BINDIR": sys.base_prefix + "/bin",
    "prefix": sys.base_prefix,
    "exec_prefix": sys.base_exec_prefix,
    "srcdir": sys.base_prefix,
    "CONFIG_ARGS": "",
}
