"""Pi by random points, each batch with a generator of its own."""
import random
from workers import run


def batch(seed):
    draw = random.Random(seed).random
    inside = 0
    for _ in range(60000):
        x = draw()
        y = draw()
        if x * x + y * y <= 1.0:
            inside += 1
    return inside


print("montecarlo", sum(run(batch, range(16))))
