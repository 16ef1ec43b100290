# Paths that a program sees of itself, how it ends, and the variables that count.
import os, subprocess, sys, tempfile
folder = os.path.realpath(tempfile.mkdtemp())
def write(name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f: f.write(data)
def run(*args, stdin="", cwd=folder, **env):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") or k == "PYTHONHOME"} | {"PYTHON_COLORS": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"} | env
    done = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, text=True, env=env, cwd=cwd)
    return done.returncode, done.stdout.replace(folder, "FOLDER").replace(sys.implementation.cache_tag, "TAG"), done.stderr.replace(folder, "FOLDER").replace(sys.executable, "python").replace("python3.14:", "python:")
def show(*args, **kw): print(*args, *kw.items(), *run(*args, **kw), sep=" | ")

write("a.py", b"import sys; print(sys.argv, __file__, sys.path[0])")
write("package/__main__.py", b"import sys; print(sys.argv[1:], __file__, sys.path[0])")
write("null.py", b'x = 1\ny = "a\0b"\n')
write("fail.py", b"1/0")
write("leave.py", b"raise SystemExit(3)")
for args in (["a.py"], ["./a.py", "-V"], ["package"], ["-m", "package", "x"], ["missing.py"], ["fail.py"], ["null.py"]): show(*args)
write("main.py", b"print(__loader__ if isinstance(__loader__, type) else type(__loader__), globals().get('__cached__', 0), globals().get('__file__'))")
import py_compile, zipfile
py_compile.compile(os.path.join(folder, "main.py"), os.path.join(folder, "compiled", "__main__.pyc"))
with zipfile.ZipFile(os.path.join(folder, "archive"), "w") as z: z.write(os.path.join(folder, "main.py"), "__main__.py")
text = "print(__loader__, globals().get('__cached__', 0), globals().get('__file__'))"
for args in (["main.py"], ["compiled"], ["compiled/__main__.pyc"], ["archive"], ["-I", "package"], ["-c", text]): print(args[0], run(*args))
print(run("-", stdin=text))
print([run(*args, "-c", "import sys; print(sys.flags.hash_randomization, sys.pycache_prefix)", PYTHONHASHSEED="0", PYTHONPYCACHEPREFIX="x")[1]
       for args in ([], ["-R"], ["-X", "pycache_prefix"], ["-X", "pycache_prefix=y"])])
print(run(".", cwd=os.path.join(folder, "package")))
show("-", stdin='\0')
print(run("-c", "raise KeyboardInterrupt")[0], run("-c", "raise SystemExit(130)")[0])
print(run("-i", "leave.py", stdin="print('there')\nraise SystemExit\n")[1:])
print(run("leave.py", stdin="print('there')\n", PYTHONINSPECT="1")[1])
print(run("-i", stdin="", PYTHONSTARTUP="/missing")[2].splitlines()[2:-1])
FLAGS = "import sys; print(*[(n, getattr(sys.flags, n)) for n in ('debug', 'dont_write_bytecode', 'no_user_site', 'safe_path') if getattr(sys.flags, n)], sys.stdout.write_through, sys.platlibdir)"
for name in ("PYTHONDEBUG", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "PYTHONUNBUFFERED", "PYTHONSAFEPATH"):
    for value in ("", "0", "2", "x"): print(name, value, run("-c", FLAGS, **{name: value})[1], end="")
print(run("-c", FLAGS, "-X", "importtime=0")[2] == "", run("-X", "importtime=0", "-c", "0"))
print(run("-c", "pass", PYTHONIOENCODING="nope")[2].splitlines()[0], *[l for l in run("-c", "pass", PYTHONIOENCODING="nope")[2].splitlines() if "unknown" in l])
print(run("-c", "import sys; print([s.encoding for s in (sys.stdin, sys.stdout, sys.stderr)], ascii('\\xe9'))", LC_ALL="C", PYTHONUTF8="0")[1], end="")
