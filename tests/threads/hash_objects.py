# Hash objects that threads share: each piece of input is taken whole, a copy or a digest shows some number of whole pieces.
import hashlib
import threading

PIECE, ROUNDS, WRITERS = b"piece" * 1000, 30, 3
NAMES = ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")


def prefixes(name):
    h, found = hashlib.new(name), []
    for _ in range(ROUNDS * WRITERS + 1):
        found.append(h.digest())
        h.update(PIECE)
    return found


for name in NAMES:
    shared, known, wrong = hashlib.new(name), prefixes(name), []
    gate = threading.Barrier(WRITERS + 2)

    def write():
        gate.wait()
        for _ in range(ROUNDS):
            shared.update(PIECE)

    def read(look):
        gate.wait()
        for _ in range(ROUNDS):
            if look() not in known:
                wrong.append(name)

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    threads += [threading.Thread(target=read, args=(look,)) for look in (lambda: shared.digest(), lambda: shared.copy().digest())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(name, wrong, shared.digest() == known[-1], known.index(shared.copy().digest()))

# Threads that make the first object of a kind at the same time.
results, gate = [], threading.Barrier(4)


def first():
    gate.wait()
    results.append(hashlib.shake_128(b"x").hexdigest(8))


threads = [threading.Thread(target=first) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(results), set(results))
