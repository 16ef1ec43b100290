"""Edit distances of random pairs of words."""
import random
from workers import run


def distance(pair):
    a, b = pair
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            if x == y:
                current.append(previous[j - 1])
            else:
                current.append(1 + min(previous[j], current[j - 1], previous[j - 1]))
        previous = current
    return previous[-1]


random.seed(20)
WORDS = ["".join(random.choice("abcdefgh") for _ in range(random.randint(20, 60))) for _ in range(240)]
print("levenshtein", sum(run(distance, zip(WORDS[::2], WORDS[1::2]))))
