"""A million UserRecord instances, made and summed in batches."""
from workers import run


class UserRecord:
    def __init__(self, name, age, score):
        self.name = name
        self.age = age
        self.score = score

    def weight(self):
        return self.age * self.score


def batch(number):
    records = [UserRecord("user%d" % i, i % 90, i * 0.25) for i in range(number * 62500, (number + 1) * 62500)]
    total = 0.0
    for record in records:
        total += record.weight() + len(record.name)
    return total


print("records %.2f" % sum(run(batch, range(16))))
