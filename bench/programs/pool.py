"""A map over a thread pool of concurrent.futures."""
from concurrent.futures import ThreadPoolExecutor
from workers import SCALE, THREADS


def collatz(start):
    longest = 0
    for n in range(start, start + 400):
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        longest = max(longest, steps)
    return longest


with ThreadPoolExecutor(THREADS) as pool:
    print("pool", sum(pool.map(collatz, list(range(1, 20000, 400)) * SCALE)))
