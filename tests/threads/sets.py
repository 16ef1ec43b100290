# Storms on shared sets.
import threading

def storm(*workers):
    start = threading.Barrier(len(workers))
    failures = []
    def run(worker):
        start.wait()
        try:
            worker()
        except BaseException as e:
            failures.append(repr(e))
    threads = [threading.Thread(target=run, args=(w,)) for w in workers]
    for t in threads: t.start()
    for t in threads: t.join()
    return failures

s = set()
def add(k):
    def work():
        for i in range(1200): s.add(i * 4 + k); s.add(i)
    return work
print(storm(*(add(k) for k in range(4))), len(s))
popped = []
def pop():
    while True:
        try: popped.append(s.pop())
        except KeyError: return
print(storm(pop, pop, pop), len(popped), len(set(popped)))

class Member:
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n % 5
    def __eq__(self, other): return isinstance(other, Member) and self.n == other.n
one, two = {Member(i) for i in range(12)}, {Member(i) for i in range(6, 20)}
def change(a, b):
    def work():
        for i in range(60):
            a.add(Member(i % 25))
            a.discard(Member((i * 3) % 25))
            a.__ior__({Member(i % 6)})
            a.intersection_update(b) if i % 20 == 19 else a.update(b)
            a.symmetric_difference_update({Member(2)})
            a - b
            a & b
            a <= b
    return work
def look():
    for i in range(100):
        Member(i % 20) in one
        try:
            for m in one: assert type(m) is Member
        except RuntimeError as e: assert "changed" in str(e)
        frozenset(two)
        assert all(type(m) is Member for m in two.copy())
print(storm(change(one, two), change(two, one), look))
print(all(type(m) is Member for m in one | two))
