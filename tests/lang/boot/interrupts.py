import threading, sys, os, signal, time, queue, _thread
l=threading.Lock(); l.acquire()
# The interrupt falls anywhere in the try, the wait among it: no pause is too short. The thread that sends it begins when the try has.
# A queue interrupted between two steps of its Condition says so by another exception, on CPython too.
def interrupted(name, wait, interrupt=lambda: os.kill(os.getpid(), signal.SIGINT)):
    begin=threading.Lock(); begin.acquire()
    def work():
        begin.acquire(); time.sleep(0.1); interrupt()
    threading.Thread(target=work).start()
    try:
        begin.release()
        wait()
    except (KeyboardInterrupt, RuntimeError) as e:
        if isinstance(e, RuntimeError) and not isinstance(e.__context__, KeyboardInterrupt): raise
        print("KI in", name)
interrupted("lock", l.acquire)
th=threading.Thread(target=l.acquire); th.start()
interrupted("join", th.join)
def loop():
    while True: pass
interrupted("loop", loop, _thread.interrupt_main)
interrupted("queue", queue.Queue().get)
l.release(); th.join()
