# Options and variables: what they set, and what is said of wrong ones.
import os, subprocess, sys, tempfile

def run(*args, stdin="", **env):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") or k == "PYTHONHOME"} | {"PYTHON_COLORS": "0", "LC_ALL": "C.UTF-8"} | env
    return subprocess.run([sys.executable, *args], input=stdin, capture_output=True, text=True, env=env)
FLAGS = ("import sys; print(*[f'{n}={getattr(sys.flags, n)}' for n in ('debug', 'inspect', 'interactive', 'optimize', 'dont_write_bytecode', 'no_user_site', 'no_site', "
         "'ignore_environment', 'verbose', 'bytes_warning', 'quiet', 'isolated', 'dev_mode', 'utf8_mode', 'warn_default_encoding', 'safe_path', 'int_max_str_digits') "
         "if getattr(sys.flags, n) not in (0, False, 4300)], sys.warnoptions, sys._xoptions)")
def flags(*args, **env):
    r = run(*args, "-c", FLAGS, **env)
    first = r.stderr.split("\n")[0]
    print(*args, *env.items(), "->", r.stdout.strip() or (r.returncode, first))

for option in ("-b", "-bb", "-B", "-d", "-I", "-O", "-OO", "-P", "-q", "-s", "-S", "-u", "-x", "-bOq", "-Werror", "-Wdefault::UserWarning"): flags(option)
flags("-W", "error", "-bb", "-X", "dev", PYTHONWARNINGS="ignore,default::UserWarning")
for option in ("dev", "utf8", "utf8=0", "utf8=1", "utf8=2", "warn_default_encoding", "int_max_str_digits=1000", "int_max_str_digits=10", "int_max_str_digits=x", "int_max_str_digits",
               "importtime=9", "frozen_modules=off", "frozen_modules=x", "thread_inherit_context=2", "context_aware_warnings=x", "cpu_count=0", "cpu_count=x", "gil=2", "nonsense", "nonsense=4"):
    flags("-X", option)
for name, value in (("PYTHONOPTIMIZE", "2"), ("PYTHONOPTIMIZE", "x"), ("PYTHONDEBUG", "1"), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONWARNINGS", "error,default::UserWarning"),
                    ("PYTHONDEVMODE", "1"), ("PYTHONUTF8", "1"), ("PYTHONUTF8", "x"), ("PYTHONWARNDEFAULTENCODING", "1"), ("PYTHONINTMAXSTRDIGITS", "700"), ("PYTHONINTMAXSTRDIGITS", "5"),
                    ("PYTHONHASHSEED", "x"), ("PYTHONSAFEPATH", "1"), ("PYTHONNOUSERSITE", "1"), ("PYTHON_CPU_COUNT", "0"), ("PYTHON_GIL", "3"), ("PYTHON_CONTEXT_AWARE_WARNINGS", "x"),
                    ("PYTHON_FROZEN_MODULES", "x"), ("PYTHONPROFILEIMPORTTIME", "9")):
    flags(**{name: value})
for args in (["-Z"], ["--nonsense"], ["-X"], ["-c"], ["-m"], ["--check-hash-based-pycs"], ["--check-hash-based-pycs", "x", "-c", "1"]):
    r = run(*args)
    print(args, r.returncode, r.stderr.split("\n")[0])
print(run("--check-hash-based-pycs", "always", "-c", "import _imp; print(_imp.check_hash_based_pycs)").stdout, end="")

# What options do.
print(run("-X", "cpu_count=3", "-c", "import os; print(os.cpu_count(), os.process_cpu_count())").stdout, end="")
r = run("-X", "importtime", "-c", "import this_is_no_module_but_re, re") if 0 else run("-X", "importtime", "-c", "import colorsys")
lines = r.stderr.split("\n")
print(lines[0], sum(line.endswith("| colorsys") for line in lines), all(line.startswith("import time: ") for line in lines if line))
r = run("-X", "importtime=2", "-c", "import os")
print(any(line == "import time: cached    | cached     | os" for line in r.stderr.split("\n")))
r = run("-X", "no_debug_ranges", "-c", "print(list(compile('x + y', 'f', 'eval').co_positions())[-1][2:])\n1/0")
print(r.stdout.strip(), "~" in r.stderr, "1/0" in r.stderr)
r = run("-c", "\n  x = 1\n  if x:\n    print('dedented')\n\n  1/(x - 1)")
print(r.returncode, r.stdout.strip())
print(r.stderr.split("\n")[:4])

# The C locale (PEP 538, PEP 540).
LOCALE = "import sys, os, locale; print(sys.flags.utf8_mode, open(os.devnull).encoding, sys.stdout.encoding, sys.stdin.errors, sys.getfilesystemencoding(), os.environ.get('LC_CTYPE'))"
for env in ({}, {"LC_ALL": "C"}, {"LC_CTYPE": "POSIX"}, {"LANG": "C.UTF-8"}, {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}, {"PYTHONCOERCECLOCALE": "0"}, {"PYTHONCOERCECLOCALE": "warn"}):
    r = run("-c", LOCALE, **({"LC_ALL": "", "LANG": "", "LC_CTYPE": ""} | env))
    print(env, r.stdout.strip(), r.stderr.strip())

# The prompt on a pipe.
r = run("-i", "-q", stdin="""1 + 1
def f(x):
    if x: return [x]
    return None

f(3)
if 0: 1
else: 2

'''two
lines'''
(1,
 2); x = 5
class A:
    y = 1

A.y + x
for i in range(2): i

1/0
f(
)
import sys; sys.ps1 = 'P '
try: raise ValueError
except ValueError: 'caught'

exit(3)
""")
print(r.returncode, r.stdout)
print(r.stderr)
r = run("-i", "-c", "x = 'after'", stdin="x\n")
print(r.returncode, r.stdout, r.stderr.count(">>> "))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "startup.py")
    with open(path, "w") as file: file.write("started = 'from startup'\n")
    r = run("-i", "-q", stdin="started\n", PYTHONSTARTUP=path)
    print(r.returncode, r.stdout.strip())
r = run("-c", "import os; os.environ['PYTHONINSPECT'] = '1'", stdin="40 + 2\n")
print(r.stdout.strip())
