"""Sorting: numbers, strings, and records by a key."""
import random
from operator import itemgetter
from workers import run


def sort(seed):
    rng = random.Random(seed)
    numbers = [rng.randrange(1000000) for _ in range(6000)]
    texts = ["key%d" % n for n in numbers]
    rows = [(n % 100, text) for n, text in zip(numbers, texts)]
    numbers.sort()
    texts.sort(reverse=True)
    rows.sort(key=itemgetter(0))
    return numbers[10] + len(texts[0]) + rows[5][0] + sum(a <= b for a, b in zip(numbers, numbers[1:]))


print("sorting", sum(run(sort, range(16))))
