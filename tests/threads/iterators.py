# Iterators and generators that several threads share.
import threading, itertools

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

def drain(it, into):
    def work():
        for x in it: into.append(x)
    return work

# No iterator may give anything that is not in its source, or crash; items may come twice, as in CPython.
values = [object() for _ in range(1500)]
known = set(map(id, values))
for make in (lambda: iter(values), lambda: iter(tuple(values)), lambda: reversed(values), lambda: iter(dict.fromkeys(values)),
             lambda: iter(set(values)), lambda: map(lambda x: x, values), lambda: filter(None, values),
             lambda: itertools.chain(values, values), lambda: itertools.islice(values, 1400), lambda: itertools.cycle(values[:9])):
    it, seen = make(), []
    if type(it) is itertools.cycle: it = itertools.islice(it, 1000)
    failures = storm(drain(it, seen), drain(it, seen), drain(it, seen))
    print(failures, all(id(x) in known for x in seen), len(seen) > 900)
for make in (lambda: enumerate(values), lambda: zip(values, values), lambda: iter(range(2000)), lambda: itertools.count(), lambda: iter("abc" * 500),
             lambda: itertools.product(range(30), repeat=2), lambda: itertools.combinations(range(20), 3), lambda: itertools.permutations(range(6), 4)):
    it = make()
    def some():
        for _ in range(700): next(it, None)
    print(storm(some, some, some))
a, b = itertools.tee(iter(values))
x, y = [], []
def lenient(work):
    def run():
        try: work()
        except RuntimeError: pass
    return run
print(storm(lenient(drain(a, x)), lenient(drain(b, y))))

# A generator runs in one thread at a time: the others are told so.
def numbers():
    n = 0
    while n < 2000:
        yield n
        n += 1
g, seen, busy = numbers(), [], [0]
def ask():
    while True:
        try: seen.append(next(g))
        except StopIteration: return
        except ValueError as e:
            assert str(e) == "generator already executing", e
            busy[0] += 1
            if len(seen) > 1990: return
print(storm(ask, ask, ask), len(seen) == len(set(seen)))
list(g)

# send, throw and close against each other.
class Stop(Exception): pass
def stubborn():
    while True:
        try: yield [0]
        except Stop: pass
for round in range(10):
    g = stubborn()
    def poke(k):
        def work():
            for i in range(40):
                try:
                    if k == 0: g.send(None)
                    elif k == 1: g.throw(Stop())
                    elif i == 39: g.close()
                    else: g.gi_frame, g.gi_running, g.gi_suspended
                except (StopIteration, ValueError, Stop): pass
        return work
    assert storm(poke(0), poke(1), poke(2), poke(0)) == []
print("generators")

# Generators made here, finished there.
def squares(n):
    for i in range(n): yield [i * i]
made = [squares(50) for _ in range(30)]
for g in made: next(g)
totals = []
def finish():
    while made:
        try: g = made.pop()
        except IndexError: return
        totals.append(sum(x[0] for x in g))
print(storm(finish, finish, finish), set(totals), len(totals))
