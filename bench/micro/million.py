"""How much memory a million records take: instances with a str, an int and a float attribute, kept in a list. Megabytes of growth."""


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096 / 1e6


class UserRecord:
    def __init__(self, name, age, score):
        self.name = name
        self.age = age
        self.score = score


before = resident()
records = [UserRecord("user%d" % i, i, i * 0.25) for i in range(1_000_000)]
after = resident()
print(f"million records: {after - before:.0f} MB", sum(len(r.name) + r.age for r in records))
