"""Threads started and joined: one after another, and in groups of four. Microseconds a thread, best and median of forty rounds."""
import sys
import threading
import time

ROUND, ROUNDS = 500, 40


def nothing():
    pass


def one_by_one():
    for _ in range(ROUND):
        thread = threading.Thread(target=nothing)
        thread.start()
        thread.join()


def in_fours():
    for _ in range(ROUND // 4):
        threads = [threading.Thread(target=nothing) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


for function in (one_by_one, in_fours):
    wall, processor = [], []
    for _ in range(ROUNDS):
        before, used = time.perf_counter(), time.process_time()
        function()
        wall.append((time.perf_counter() - before) / ROUND * 1e6)
        processor.append((time.process_time() - used) / ROUND * 1e6)
    wall.sort()
    processor.sort()
    print(f"{function.__name__} {wall[0]:.1f} {wall[ROUNDS // 2]:.1f} processor {processor[ROUNDS // 2]:.1f}")
