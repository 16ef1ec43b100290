"""Loops over sums of squares."""
from workers import run


def part(number):
    total = 0
    for i in range(number, 200000 + number):
        total += i * i
    return total


print("sumsquares", sum(run(part, range(16))))
