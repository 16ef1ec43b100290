# What a forked child knows of threads: the others have ended, and a thread that forked is the main one.
import _thread, os, sys, threading, warnings
warnings.simplefilter("ignore")

def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
def say(*what):
    os.write(1, (" ".join(map(str, what)) + "\n").encode())

# Handles of threads that run on in the parent only: done, and joined at once.
end = threading.Event()
handles = [_thread.start_joinable_thread(end.wait, daemon=daemon) for daemon in (True, False)]
pid = os.fork()
if pid == 0:
    say([h.is_done() for h in handles])
    for h in handles:
        h.join()
    grandchild = os.fork()
    if grandchild == 0:
        say("grandchild", [h.is_done() for h in handles])
        os._exit(4)
    say(status(grandchild))
    os._exit(5)
say(status(pid))
say([h.is_done() for h in handles])
end.set()
for h in handles:
    h.join()

# A thread forks, and its function returns in the child: the process ends with its last thread, without an orderly end.
def fork_and_return(then):
    pid = os.fork()
    if pid == 0:
        assert threading.current_thread() is threading.main_thread()
        return then()
    say(status(pid))
def forked_by_thread(then):
    t = threading.Thread(target=fork_and_return, args=(then,))
    t.start()
    t.join()
def nothing():
    import atexit
    atexit.register(say, "not reached")
def later():
    go = threading.Event()
    def g():
        go.wait()
        say("another thread ends the process")
    threading.Thread(target=g).start()
    threading.Thread(target=g, daemon=True).start()
    go.set()
def leave():
    sys.exit(3)
def nested():
    fork_and_return(nothing)
    say("nested")
for f in nothing, later, leave, nested:
    say(f.__name__)
    forked_by_thread(f)

# The child joins what it starts itself.
def child_joins():
    t = threading.Thread(target=say, args=("started in the child",))
    t.start()
    t.join()
    say(threading.active_count())
    os._exit(6)
forked_by_thread(child_joins)
