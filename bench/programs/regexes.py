"""Log lines taken apart by regular expressions."""
import random
import re
from workers import run

random.seed(11)
LINE = re.compile(r"(\d+\.\d+\.\d+\.\d+) - (\w+) \[([^\]]+)\] \"(GET|POST) ([^\"]*)\" (\d{3}) (\d+)")
WORD = re.compile(r"[a-z]+")
LINES = ["10.0.%d.%d - user%d [day %d] \"%s /path/%d/page?q=%d\" %d %d" % (
    random.randrange(256), random.randrange(256), random.randrange(50), i % 30, random.choice(("GET", "POST")), i % 97, i,
    random.choice((200, 404, 500)), random.randrange(100000)) for i in range(600)]


def scan(number):
    total = 0
    for line in LINES:
        match = LINE.match(line)
        total += int(match[7]) + (number if match[6] == "404" else 0)
        total += len(WORD.findall(line)) + len(re.sub(r"\d+", "#", line))
    return total


print("regexes", sum(run(scan, range(16))))
