"""Records written to JSON text and read back."""
import json
from workers import run


def trip(seed):
    records = [{"id": seed * 1000 + i, "name": "item %d" % i, "price": i * 0.25, "tags": ["a", "b%d" % (i % 7)], "stock": {"here": i % 3, "there": None}} for i in range(300)]
    text = json.dumps(records)
    back = json.loads(text)
    return len(text) + sum(record["id"] + len(record["tags"]) for record in back)


print("jsontrip", sum(run(trip, range(16))))
