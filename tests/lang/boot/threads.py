import threading, queue, time, sys
q=queue.Queue(5)
out=[]
def prod():
    for i in range(2000): q.put(i)
    q.put(None)
def cons():
    while (x:=q.get()) is not None: out.append(x)
a=threading.Thread(target=prod); b=threading.Thread(target=cons)
a.start(); b.start(); a.join(); b.join()
print(len(out), sum(out), threading.active_count())
ev=threading.Event(); 
timer=threading.Timer(0.05, ev.set); timer.start(); print(ev.wait()); timer.join()
print(ev.wait(0.01))
bar=threading.Barrier(3)
res=[]
def w(): bar.wait(); res.append(1)
ts=[threading.Thread(target=w) for _ in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]; print(res)
c=threading.Condition(); n=0
def waiter():
    global n
    with c:
        while n==0: c.wait()
        n+=1
th=threading.Thread(target=waiter,name="waiter"); th.start()
with c: n=1; c.notify_all()
th.join(); print(n, th.is_alive())
s=threading.Semaphore(2)
with s: print(s._value)
loc=threading.local()
class L(threading.local):
    def __init__(self,a): self.a=a; self.b=[]
l=L(3); l.b.append(1)
def tl(): l.b.append(9); l.b.append(8); res.append(l.b); 
th=threading.Thread(target=tl); th.start(); th.join(); print(l.b, res[-1])
def bad(): raise ValueError("in thread")
th=threading.Thread(target=bad,name="bad"); th.start(); th.join()
threading.excepthook=lambda a: print("hook",a.exc_type,a.thread.name)
th=threading.Thread(target=bad,name="bad2"); th.start(); th.join()
d=threading.Thread(target=lambda: time.sleep(100), daemon=True); d.start()
x=threading.Thread(target=lambda: (time.sleep(0.1), print("non-daemon end"))); x.start(); x.join()
print(threading.current_thread().ident==threading.get_ident(), len(threading.enumerate()))
counter=0
lk=threading.Lock()
def inc():
    global counter
    for _ in range(20000):
        with lk: counter+=1
ts=[threading.Thread(target=inc) for _ in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]; print(counter)
