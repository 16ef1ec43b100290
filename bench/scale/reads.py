"""What threads do side by side with shared data that nobody changes, and with data of their own: how it scales.

    reads.py [-t THREADS] [-n ROUNDS] [CASE...]

A case is a function of the number of times that it is to do its work. Each is timed on one thread, then on THREADS threads that do as
much each; the figures are THREADS * time of one / time of all, by the clock and by the threads' own processor time (best of ROUNDS):
THREADS where nothing stands in the way. The second holds where other programs take the processors now and then, but does not see waiting.
"""
import sys
import threading
import time

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


class Point:
    limit = 3

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def sum(self):
        return self.x + self.y

    @property
    def both(self):
        return self.x

    def __getitem__(self, i):
        return i


class Holder:
    def __init__(self):
        self.points = [Point(i, i) for i in range(100)]
        self.by_name = {"p%d" % i: point for i, point in enumerate(self.points)}


NUMBERS = list(range(1000))
STRINGS = ["text %d" % i for i in range(1000)]
PAIRS = [(i, str(i)) for i in range(1000)]
ROWS = [[(j, j + 1) for j in range(20)] for i in range(50)]
TABLE = {i: "value %d" % i for i in range(1000)}
NAMES = {"name%d" % i: i for i in range(1000)}
MEMBERS = frozenset(range(0, 1000, 2))
POINT = Point(1, 2)
POINTS = [Point(i, i) for i in range(100)]
HOLDER = Holder()
TUPLE = tuple(range(1000))


def add(a, b):
    return a + b


def make_closure():
    factor, table = 3, [1, 2, 3]

    def inner(x):
        return x * factor + table[1]

    return inner


CLOSURE = make_closure()


@case
def own_arithmetic(n):
    total = 0
    for i in range(n * 1000):
        total += i * i & 255


@case
def own_list(n):
    for _ in range(n):
        mine = [i for i in range(400)]
        mine.sort(reverse=True)


@case
def own_objects(n):
    for _ in range(n):
        for i in range(200):
            Point(i, i).sum()


@case
def own_dict(n):
    for _ in range(n):
        mine = {}
        for i in range(300):
            mine[i] = i


@case
def own_strings(n):
    for _ in range(n):
        "".join(["%d" % i for i in range(200)])


@case
def shared_list_of_ints(n):
    for _ in range(n):
        total = 0
        for i in range(1000):
            total += NUMBERS[i]


@case
def shared_list_of_str(n):
    for _ in range(n):
        for text in STRINGS:
            len(text)


@case
def shared_list_of_tuples(n):
    for _ in range(n):
        for number, text in PAIRS:
            pass


@case
def shared_graph(n):
    for _ in range(n):
        for row in ROWS:
            for a, b in row:
                pass


@case
def shared_tuple(n):
    for _ in range(n):
        total = 0
        for i in TUPLE:
            total += i


@case
def shared_dict_of_str(n):
    for _ in range(n):
        for i in range(600):
            TABLE[i]


@case
def shared_dict_by_name(n):
    for _ in range(n):
        for name in ("name1", "name2", "name3", "name4") * 150:
            NAMES[name]


@case
def shared_dict_items(n):
    for _ in range(n):
        for key, value in TABLE.items():
            pass


@case
def shared_set(n):
    for _ in range(n):
        for i in range(600):
            i in MEMBERS


@case
def shared_object(n):
    for _ in range(n * 600):
        POINT.x


@case
def shared_method(n):
    for _ in range(n * 200):
        POINT.sum()


@case
def shared_property(n):
    for _ in range(n * 200):
        POINT.both


@case
def shared_special_method(n):
    for _ in range(n * 200):
        POINT[1]


@case
def shared_objects_in_list(n):
    for _ in range(n * 4):
        for point in POINTS:
            point.x


@case
def shared_object_graph(n):
    for _ in range(n * 2):
        for point in HOLDER.points:
            point.x
        for name in ("p1", "p2", "p3") * 30:
            HOLDER.by_name[name].y


@case
def shared_closure(n):
    for _ in range(n * 250):
        CLOSURE(2)


@case
def global_function(n):
    for _ in range(n * 300):
        add(1, 2)


@case
def class_attribute(n):
    for _ in range(n * 600):
        Point.limit


@case
def builtin_function(n):
    for _ in range(n * 300):
        len(NUMBERS)


@case
def module_function(n):
    for _ in range(n * 200):
        time.gmtime


@case
def bound_method(n):
    for _ in range(n * 200):
        f = POINT.sum
        f()


@case
def generator_in_sum(n):
    for _ in range(n):
        sum(i * i for i in range(500))


@case
def exceptions(n):
    for _ in range(n * 60):
        try:
            raise ValueError(1)
        except ValueError:
            pass


@case
def formatting(n):
    for i in range(n * 150):
        f"{i} {i:>5} {POINT.x}"


def seconds(function, threads, n):
    used = [0.0] * threads

    def work(number):
        ready.wait()
        start = time.thread_time()
        function(n)
        used[number] = time.thread_time() - start

    ready = threading.Barrier(threads + 1)
    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start, sum(used) / threads


def main(arguments):
    threads, rounds = 2, 5
    while arguments and arguments[0].startswith("-"):
        option, value, *arguments = arguments
        if option == "-t":
            threads = int(value)
        elif option == "-n":
            rounds = int(value)
        else:
            sys.exit(__doc__)
    for name in arguments or CASES:
        function, n = CASES[name], 1
        while seconds(function, 1, n)[0] < 0.05:
            n *= 2
        one, several = [], []
        for _ in range(rounds):
            one.append(seconds(function, 1, n))
            several.append(seconds(function, threads, n))
        (wall, processor), (wall_all, processor_all) = [[min(column) for column in zip(*rows)] for rows in (one, several)]
        print(f"{name:24} {wall / n * 1e6:9.1f} us {wall_all / n * 1e6:9.1f} us {threads * wall / wall_all:6.2f} {threads * processor / processor_all:6.2f}", flush=True)


main(sys.argv[1:])
