"""Shortest paths from several sources in a random graph that all threads read."""
import heapq
import random
from workers import run

NODES, EDGES, SOURCES = 3000, 20, 8
random.seed(7)
GRAPH = [[(random.randrange(NODES), random.randint(1, 100)) for _ in range(EDGES)] for _ in range(NODES)]


def far(source):
    distance = [10**9] * NODES
    distance[source] = 0
    queue = [(0, source)]
    while queue:
        d, node = heapq.heappop(queue)
        if d > distance[node]:
            continue
        for neighbour, weight in GRAPH[node]:
            nd = d + weight
            if nd < distance[neighbour]:
                distance[neighbour] = nd
                heapq.heappush(queue, (nd, neighbour))
    return sum(distance)


print("dijkstra", sum(run(far, range(SOURCES))))
