# The compiler's switches, and what a program sees of it.
import subprocess
import sys

look = """
import sys
def f():
    return sys._jit.is_active()
for i in range(5000): f()
print(sys._jit.is_available(), sys._jit.is_enabled(), f(), sys.implementation._jit_status["enabled"])
"""


def run(*options, code=look, **environment):
    r = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, env={"PATH": "/bin", **environment})
    print(*options, *environment.items(), "->", r.returncode, r.stdout.strip(), r.stderr.split(";")[0].splitlines()[:1])


run("-X", "jit=1")
run("-X", "jit=0")
run("-X", "jit=1", "--gil")
run(PYTHON_JIT="1")
run(PYTHON_JIT="0")
run("-X", "jit=0", PYTHON_JIT="1")
run("-E", "-X", "jit=1", PYTHON_JIT="0")
run("-X", "jit=2")
run(PYTHON_JIT="yes")
run("-X", "jit_threshold=0")
run("-X", "jit_mem=none")
r = subprocess.run([sys.executable, "-X", "jit=1", "-X", "jit_threshold=1", "-X", "jit_stats", "-c", look], capture_output=True, text=True)
print(r.stderr.startswith("jit: "), "functions compiled" in r.stderr)
