# gc.callbacks are called for collections that start by themselves, too, and may make garbage themselves.
import gc

told = []


class Node:  # a large one: collections start by bytes, or by number
    __slots__ = ["itself"] + [f"slot_{i}" for i in range(150)]


def garbage():
    node = Node()
    node.itself = node


def look(phase, info):
    told.append((phase, sorted(info)))
    for _ in range(100):
        garbage()


gc.callbacks.append(look)
for i in range(10_000_000):
    garbage()
    if len(told) >= 6:
        break
gc.callbacks.remove(look)
print(told[:2], [phase for phase, _ in told[:6]], len(told) % 2)

# One that fails is reported, and does no harm.
import sys

reported = []
sys.unraisablehook = lambda report: reported.append((type(report.exc_value).__name__, report.err_msg.split(" <")[0]))


def fail(phase, info):
    raise ValueError(phase)


gc.callbacks.append(fail)
try:
    raise KeyError("kept")
except KeyError as e:
    gc.collect()
    print(repr(e))
gc.callbacks.remove(fail)
print(reported)
