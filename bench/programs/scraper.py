"""A simulated web scraper: each page takes 20 ms to come, and a little work to parse."""
import time
from workers import run


def fetch(page):
    time.sleep(0.02)
    text = "<li>item %d</li>" % page * 50
    return sum(int(part.split("<")[0]) for part in text.split("item ")[1:])


print("scraper", sum(run(fetch, range(64))))
