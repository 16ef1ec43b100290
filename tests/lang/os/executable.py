# sys.executable: the path by which the program was called, made absolute, with its links.
import os, subprocess, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    folder = os.path.realpath(folder)
    link = os.path.join(folder, "py")
    os.symlink(os.path.realpath(sys.executable), link)
    def ask(*command, cwd=None):
        said = subprocess.run([*command, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, cwd=cwd).stdout
        print(said.strip() == link)
    ask(link)
    ask("./py", cwd=folder)
    ask(os.path.basename(folder) + "/py", cwd=os.path.dirname(folder))
    subprocess.run(["/bin/sh", "-c", "PATH=%s; export PATH; py -c 'import os, sys; print(sys.executable == os.environ[\"PATH\"] + \"/py\")'" % folder])
