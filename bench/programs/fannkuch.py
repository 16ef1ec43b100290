"""Fannkuch: the most flips of any permutation, the permutations split by their first element."""
from workers import run

N = 8


def flips(first):
    rest = [i for i in range(N) if i != first]
    best = checksum = 0
    count = [0] * N
    sign = 1
    n = N - 1
    permutation = rest[:]
    while True:
        p = [first] + permutation
        steps = 0
        while p[0]:
            k = p[0]
            p[:k + 1] = p[k::-1]
            steps += 1
        if steps > best:
            best = steps
        checksum += sign * steps
        sign = -sign
        # Heap's order, without recursion.
        i = 1
        while i < n and count[i] >= i:
            count[i] = 0
            i += 1
        if i >= n:
            return best, checksum
        if i % 2 == 0:
            permutation[0], permutation[i] = permutation[i], permutation[0]
        else:
            permutation[count[i]], permutation[i] = permutation[i], permutation[count[i]]
        count[i] += 1


results = run(flips, range(N))
print("fannkuch", max(best for best, _ in results), sum(checksum for _, checksum in results))
