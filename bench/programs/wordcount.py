"""Word frequencies of generated texts, merged at the end."""
import random
from workers import run

random.seed(3)
VOCABULARY = ["word%d" % i for i in range(2000)]
TEXTS = [" ".join(random.choices(VOCABULARY, k=20000)) for _ in range(12)]


def count(text):
    counts = {}
    for word in text.split():
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts


totals = {}
for counts in run(count, TEXTS):
    for word, n in counts.items():
        totals[word] = totals.get(word, 0) + n
print("wordcount", sum(n * i for i, (_, n) in enumerate(sorted(totals.items()))))
