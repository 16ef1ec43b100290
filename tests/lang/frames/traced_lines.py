# The lines that a tracer is told: none again at the end of a block, none that were not reached. f_lasti lies on f_lineno's line.
import sys


def ends_of_try(x):
    try:
        try:
            pass
        except KeyError:
            pass
    except ValueError:
        pass


def ends_of_if(x):
    if x:
        if x:
            if not x:
                x = 1
        else:
            x = 2
    else:
        x = 3


def handlers(x):
    try:
        try:
            1 / 0
        except KeyError:
            x = 1
        except ZeroDivisionError as e:
            if not x:
                raise
    except TypeError:
        x = 2
    x = 3


def groups(x):
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* TypeError as e:
        x = 1
    except* ValueError:
        if not x:
            x = 2
    return x


def numbers(x):
    yield x
    yield 2


def line_of(code, offset):
    return next((line for start, end, line in code.co_lines() if start <= offset < end), "nowhere")


def tracer(frame, event, arg):
    events.append((event, frame.f_lineno - frame.f_code.co_firstlineno, line_of(frame.f_code, frame.f_lasti) == frame.f_lineno))
    return tracer


for function in (ends_of_try, ends_of_if, handlers, groups, lambda x: list(numbers(x))):
    events = []
    sys.settrace(tracer)
    function(1)
    sys.settrace(None)
    print(function.__name__, all(matches for *_, matches in events))
    print(*(f"{event} {line}" for event, line, _ in events), sep=", ")
