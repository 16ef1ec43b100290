# What imported modules hold ends with the process: files are flushed, finalizers run while the names of their modules stand.
import os, subprocess, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    def write(name, text):
        with open(os.path.join(folder, name), "w") as f: f.write(text)
    def run(*args):
        done = subprocess.run([sys.executable, *args], capture_output=True, text=True, cwd=folder)
        print(done.returncode, sorted(done.stdout.split()), done.stderr)
    write("holder.py", """
import threading
NAME = "holder"
class Last:
    def __init__(self, what): self.what = what
    def __del__(self): print(NAME + ":" + self.what)
of_module = Last("module")
local = threading.local()
local.x = Last("local")
text, binary = open("text", "w"), open("binary", "wb")
def use(): return text, binary # a ring: the module's names and this function
""")
    run("-c", "import holder; holder.text.write('text'); holder.binary.write(b'binary'); kept = holder.Last('main'); print('end')")
    for name in ("text", "binary"):
        with open(os.path.join(folder, name)) as f: print(f.read())
    write("other.py", "import holder, sys\nsys.modules['x'] = holder\nprint('end')\n")
    run("other.py")
    run("-m", "other")
    # Sources of -c are shown in tracebacks of threads, too.
    done = subprocess.run([sys.executable, "-c", "import threading\ndef fail(): 1 / 0\nt = threading.Thread(target=fail); t.start(); t.join()"], capture_output=True, text=True)
    print(*done.stderr.splitlines()[-4:], sep="\n")
