# Locks, conditions, events, semaphores, barriers, queues under contention.
import threading, queue, time

def run(n, work, *args):
    threads = [threading.Thread(target=work, args=(k, *args)) for k in range(n)]
    for t in threads: t.start()
    for t in threads: t.join()

for make in (threading.Lock, threading.RLock, threading.Semaphore, threading.Condition):
    lock, total = make(), 0
    def add(k):
        global total
        for _ in range(600):
            with lock:
                n = total
                total = n + 1
    run(4, add)
    print(make.__name__, total)

rlock, depth = threading.RLock(), []
def nest(k):
    for _ in range(60):
        with rlock, rlock, rlock: depth.append(k); depth.append(k)
run(4, nest)
print(all(depth[i] == depth[i + 1] for i in range(0, len(depth), 2)), len(depth))

def timeouts(k):
    for i in range(15):
        if held.acquire(timeout=0.001): held.release()
        if held.acquire(False): held.release()
held = threading.Lock()
with held: run(3, timeouts)
print(held.locked())

for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue):
    q, out = kind(), queue.Queue()
    def consume(k):
        while (x := q.get()) < 10**6: out.put(x)
    consumers = [threading.Thread(target=consume, args=(k,)) for k in range(2)]
    for c in consumers: c.start()
    run(3, lambda k: [q.put(k * 1000 + i) for i in range(200)])
    while not q.empty(): time.sleep(0.001)
    for c in consumers: q.put(10**6)
    for c in consumers: c.join()
    print(kind.__name__.removeprefix("_Py"), sorted(out.queue) == sorted(k * 1000 + i for k in range(3) for i in range(200)))
bounded, got = queue.Queue(maxsize=2), []
def produce(k):
    for i in range(100): bounded.put(i)
def take(k):
    for i in range(100):
        got.append(bounded.get())
        bounded.task_done()
takers = [threading.Thread(target=take, args=(k,)) for k in range(3)]
for t in takers: t.start()
run(3, produce)
bounded.join()
for t in takers: t.join()
print(sum(got), bounded.qsize())

condition, turn, order = threading.Condition(), 0, []
def in_turn(k):
    global turn
    for _ in range(40):
        with condition:
            condition.wait_for(lambda: turn == k)
            order.append(k)
            turn = (turn + 1) % 3
            condition.notify_all()
run(3, in_turn)
print(order == [0, 1, 2] * 40)

event, woken = threading.Event(), []
waiters = [threading.Thread(target=lambda: woken.append(event.wait())) for _ in range(5)]
for t in waiters: t.start()
event.set()
for t in waiters: t.join()
print(woken)
barrier, phases = threading.Barrier(4), []
def phase(k):
    for i in range(20):
        phases.append(i)
        barrier.wait()
run(4, phase)
print(phases == sorted(phases))
