# Strings that threads fight over stop being counted; when nothing refers to them any more, the collector frees them all the same.
import gc
import threading


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


def read(table, barrier):
    total = 0
    for _ in range(10):
        barrier.wait()  # so that the strings change hands, however few processors there are
        for _ in range(30):
            for text in table:
                total += len(text)
    totals.append(total)


def fight(size):
    table = [chr(97 + i) * size for i in range(16)]
    barrier = threading.Barrier(3)
    threads = [threading.Thread(target=read, args=(table, barrier)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


totals = []
fight(1000)
before = resident()
for _ in range(40):
    fight(1_000_000)  # 16 MB each time
    gc.collect()
    gc.collect()
    gc.collect()
print(set(totals[3:]), len(totals))
print("freed" if resident() - before < 400 << 20 else f"kept {resident() - before >> 20} MB")

# The same with lists, and with what they hold.
kept = [["text %d" % i] for i in range(50)]


barrier = threading.Barrier(3)


def walk():
    for _ in range(10):
        barrier.wait()
        for _ in range(40):
            for row in kept:
                assert row[0].startswith("text")


threads = [threading.Thread(target=walk) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
gc.collect()
print(kept[7], sum(len(row) for row in kept))
del kept[:]
for _ in range(4):
    gc.collect()
