"""Matrix product of lists of floats, by rows."""
from workers import run

N = 130
A = [[(i * j % 7) + 0.5 for j in range(N)] for i in range(N)]
B = [[(i + j) % 5 - 1.5 for j in range(N)] for i in range(N)]


def row(i):
    a = A[i]
    result = []
    for j in range(N):
        total = 0.0
        for k in range(N):
            total += a[k] * B[k][j]
        result.append(total)
    return sum(result)


print("matmul %.3f" % sum(run(row, range(N))))
