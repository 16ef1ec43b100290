"""Mean, variance and quantiles of samples, in plain Python."""
import random
from workers import run


def summary(seed):
    rng = random.Random(seed)
    data = [rng.random() * 100 for _ in range(15000)]
    mean = sum(data) / len(data)
    variance = sum((x - mean) ** 2 for x in data) / (len(data) - 1)
    ordered = sorted(data)
    quartiles = [ordered[len(ordered) * k // 4] for k in (1, 2, 3)]
    counts = {}
    for x in data:
        bucket = int(x)
        counts[bucket] = counts.get(bucket, 0) + 1
    return mean + variance ** 0.5 + sum(quartiles) + max(counts.values())


print("stats %.6f" % sum(run(summary, range(16))))
