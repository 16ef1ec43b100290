"""Measures build/skein against other Pythons, in runs that take turns.

    bench/run [OPTIONS] [PEER ...]

PEER is a command that starts a Python ("python3.14", "chroot /opt/debian python3.14"). What is measured, one of:

    (nothing)     every program on one thread: each side's best time, and PEER's time / Skein's, with geometric means by group
    --threads N,M every program on one thread and on N, M, ...: how many times faster than on one; and how much
                  faster by processor time, which other programs on the machine do not disturb, but which does not see waiting. Without PEER
    --idle        every program alone, and with a second thread that waits for an event: time with / time alone. Without PEER
    --startup     -c pass: time and memory
    --starts      threads started and joined: bench/micro/starts.py
    --memory      a million records: bench/micro/million.py
    --reads       what threads do with shared data side by side: bench/scale/reads.py (--threads says how many; 2). Without PEER

    -n RUNS       runs of each (5)
    --scale S     SKEIN_SCALE: each program's work that many times over (1). Start-up is in the times: 10 makes it small
    --gil         Skein with --gil
    --skein CMD   another command than build/skein for Skein's side
    --group G     programs of the group `pure` or `library` alone ("waiting" has no speed figure, and runs only if named)
    --only A,B    these programs alone
    --json FILE   all readings: wall and processor seconds

Times are by the clock, from the start of the process to its end, best of RUNS. The output of each program must be the same on all sides.
"""
import json
import math
import os
import shlex
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
GROUPS = {
    "pure": "dijkstra fannkuch fib levenshtein mandelbrot matmul montecarlo nbody records stats sumsquares wordcount".split(),
    "library": "jsontrip locked_counter pipeline pool regexes sorting".split(),
    "waiting": "scraper".split(),
}


def program(name):
    return os.path.join(HERE, "programs", name + ".py")


def measure(command, variables):
    """One run: its readings and its output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SKEIN_", "PYTHON"))} | variables
    read, write = os.pipe()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=write, env=environment)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{shlex.join(command)} ended with {process.returncode}")
    return {"wall": wall, "processor": usage.ru_utime + usage.ru_stime}, output.decode()


def series(cases, runs):
    """Runs each case (command, variables) in turn, `runs` times. For each: its readings; and its last output."""
    readings, outputs = [[] for _ in cases], [""] * len(cases)
    for _ in range(runs):
        for i, (command, variables) in enumerate(cases):
            reading, outputs[i] = measure(command, variables)
            readings[i].append(reading)
    return readings, outputs


def best(readings, what="wall"):
    return min(reading[what] for reading in readings)


def geometric_mean(numbers):
    return math.exp(sum(map(math.log, numbers)) / len(numbers))


def version(command):
    return subprocess.run([*command, "-V"], capture_output=True, text=True).stdout.strip()


class Options:
    def __init__(self, arguments):
        self.what, self.runs, self.scale, self.threads, self.peers = "programs", 5, "1", [2], []
        self.skein, self.gil, self.groups, self.only, self.json = [os.path.join(HERE, "..", "build", "skein")], False, ["pure", "library"], None, None
        arguments = list(arguments)
        while arguments:
            option = arguments.pop(0)
            value = lambda: arguments.pop(0) if arguments else sys.exit(f"bench/run: {option} needs a value")
            if option in ("-h", "--help"):
                print(__doc__)
                sys.exit()
            elif option in ("--idle", "--startup", "--starts", "--memory", "--reads"):
                self.what = option[2:]
            elif option == "--threads":
                self.threads = [int(n) for n in value().split(",")]
                self.what = "threads" if self.what == "programs" else self.what
            elif option == "-n":
                self.runs = int(value())
            elif option == "--scale":
                self.scale = str(int(value()))
            elif option == "--gil":
                self.gil = True
            elif option == "--skein":
                self.skein = shlex.split(value())
            elif option == "--group":
                self.groups = [value()]
                self.groups[0] in GROUPS or sys.exit(f"bench/run: there is no group {self.groups[0]}")
            elif option == "--only":
                self.only = value().split(",")
            elif option == "--json":
                self.json = value()
            elif option.startswith("-"):
                sys.exit(f"bench/run: unknown option {option} (--help)")
            else:
                self.peers.append(shlex.split(option))
        if self.gil:
            self.skein.append("--gil")
        self.record = {"what": self.what, "scale": int(self.scale), "runs": self.runs, "sides": [version(side) for side in self.sides()], "readings": {}}

    def sides(self):
        return [self.skein, *self.peers]

    def programs(self):
        """(group, names) for what is to run."""
        known = {name for names in GROUPS.values() for name in names}
        for name in self.only or ():
            name in known or sys.exit(f"bench/run: there is no program {name}")
        for group, names in GROUPS.items():
            names = [name for name in names if (name in self.only if self.only else group in self.groups)]
            if names:
                yield group, names

    def variables(self, threads=1, **more):
        return {"SKEIN_SCALE": self.scale, "SKEIN_THREADS": str(threads)} | more


def same(name, outputs):
    if len(set(outputs)) > 1:
        sys.exit(f"bench/run: {name} printed different things: {outputs}")


def table(options, make_cases, show):
    """A row for each program: show(best times) gives its text and the figure of each column; then the columns' geometric means."""
    for group, names in options.programs():
        columns = []
        for name in names:
            readings, outputs = series(make_cases(name), options.runs)
            same(name, outputs)
            options.record["readings"][name] = readings
            text, figures = show([best(r) for r in readings], [best(r, "processor") for r in readings])
            columns.append(figures)
            print(f"{name:16}{text}" + "".join(f"{figure:8.2f}" for figure in figures), flush=True)
        if group != "waiting" and columns and columns[0]:
            means = [geometric_mean(column) for column in zip(*columns)]
            options.record.setdefault("means", {})[group] = means
            print(f"{group + ': geometric mean':{16 + len(text)}}" + "".join(f"{mean:8.2f}" for mean in means), flush=True)


def seconds(times):
    return "".join(f"{t:9.3f} s" for t in times)


def run_programs(options):
    print(f"best of {options.runs}, scale {options.scale}, one thread: " + ", ".join(options.record["sides"]) + "; then the others' time / Skein's")
    table(options, lambda name: [([*side, program(name)], options.variables()) for side in options.sides()],
          lambda times, _: (seconds(times), [t / times[0] for t in times[1:]]))


def run_threads(options):
    ladder = [1] + [n for n in options.threads if n != 1]
    print(f"best of {options.runs}, scale {options.scale}, threads {ladder}: {options.record['sides'][0]}; then how many times faster than on one, and how many times by processor time")
    table(options, lambda name: [([*options.skein, program(name)], options.variables(n)) for n in ladder],
          lambda times, used: (seconds(times), [times[0] / t for t in times[1:]] + [n * used[0] / u for n, u in zip(ladder[1:], used[1:])]))


def run_idle(options):
    print(f"best of {options.runs}, scale {options.scale}, alone and beside a waiting thread: {options.record['sides'][0]}; then time beside it / time alone")
    table(options, lambda name: [([*options.skein, program(name)], options.variables()), ([*options.skein, program(name)], options.variables(SKEIN_IDLE="1"))],
          lambda times, _: (seconds(times), [times[1] / times[0]]))


def run_startup(options):
    readings, _ = series([([*side, "-c", "pass"], {}) for side in options.sides()], options.runs)
    # What wait4 tells of memory is this process's own from before the exec: the child has to say it.
    peak = "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
    _, memory = series([([*side, "-c", peak], {}) for side in options.sides()], 1)
    options.record["readings"]["startup"] = readings
    options.record["megabytes"] = [int(m) * 1024 / 1e6 for m in memory]
    for name, r, m in zip(options.record["sides"], readings, options.record["megabytes"]):
        print(f"{name:44} {best(r) * 1e3:7.1f} ms {best(r, 'processor') * 1e3:7.1f} ms of processor time {m:7.1f} MB")


def run_micro(options, file):
    for _ in range(options.runs):
        for side, name in zip(options.sides(), options.record["sides"]):
            reading, output = measure([*side, os.path.join(HERE, "micro", file)], {})
            options.record["readings"].setdefault(name, []).append(reading | {"output": output})
            print(name, *("    " + line for line in output.splitlines()), sep="\n", flush=True)


def run_reads(options):
    command = [*options.skein, os.path.join(HERE, "scale", "reads.py"), "-t", str(options.threads[0]), "-n", str(options.runs), *(options.only or ())]
    sys.exit(subprocess.run(command).returncode)


def main():
    options = Options(sys.argv[1:])
    {"programs": run_programs, "threads": run_threads, "idle": run_idle, "startup": run_startup, "reads": run_reads,
     "starts": lambda o: run_micro(o, "starts.py"), "memory": lambda o: run_micro(o, "million.py")}[options.what](options)
    if options.json:
        with open(options.json, "w") as f:
            json.dump(options.record, f, indent=1)


main()
