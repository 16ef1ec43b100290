import re


def clean(text):
    return re.sub("0x[0-9a-f]{6,}", "0x...", text)


import os
os.environ["TZ"] = "UTC"
import time
time.tzset()


def try_all(expressions):
    for e in expressions:
        try:
            print(e, "->", clean(repr(eval(e))))
        except BaseException as x:
            print(e, "=>", type(x).__name__, clean(str(x)))


try_all([
    'time.gmtime(0)',
    'time.localtime(0)',
    'time.gmtime(1e20)',
    'time.gmtime("a")',
    'time.gmtime(1,2)',
    'time.gmtime(None)[0]>2000',
    'time.gmtime(float("nan"))',
    'time.gmtime(1.9)',
    'time.gmtime(-1)',
    'time.struct_time((1,2,3,4,5,6,7,8,9))',
    'time.struct_time((1,2))',
    'time.struct_time(range(11))',
    'time.struct_time(range(12))',
    'time.struct_time(5)',
    'time.struct_time(range(9)).tm_zone',
    'time.asctime(time.gmtime(0))',
    'time.asctime((2000,13,1,0,0,0,0,0,0))',
    'time.asctime((2000,1,1))',
    'time.asctime(5)',
    'time.ctime(0)',
    'time.ctime(1,2)',
    'time.mktime((1970,1,1,0,0,0,0,0,0))',
    'time.mktime(5)',
    'time.mktime((1e400,1,1,0,0,0,0,0,0))',
    'time.strftime("%Y-%m-%d %H:%M:%S",time.gmtime(0))',
    'time.strftime("%a %A %b %B %c %j %p %U %w %x %X %y %Z %%",time.gmtime(1e9))',
    'time.strftime("")',
    'time.strftime("%Y",(0,1,1,0,0,0,0,1,0))',
    'time.strftime("%Y",(2000,13,1,0,0,0,0,1,0))',
    'time.strftime("é%Y",time.gmtime(0))',
    'time.strftime(5)',
    'time.strftime("%d",(2000,1,32,0,0,0,0,1,0))',
    'time.strftime("%H",(2000,1,1,25,0,0,0,1,0))',
    'time.strftime("%S",(2000,1,1,0,0,62,0,1,0))',
    'time.strftime("%w",(2000,1,1,0,0,0,-2,1,0))',
    'time.strftime("%j",(2000,1,1,0,0,0,0,367,0))',
    'time.strftime("%Y",(99,1,1,0,0,0,0,1,0))',
    'time.strftime("%C %Y %G",(-99,1,1,0,0,0,0,1,0))',
    'time.sleep(-1)',
    'time.sleep("a")',
    'time.sleep(0)',
    'time.sleep(0.001)',
    'time.sleep(float("nan"))',
    'time.sleep(1e20)',
    'time.sleep()',
    'time.clock_gettime(99)',
    'time.clock_gettime(time.CLOCK_REALTIME)>0',
    'type(time.clock_gettime_ns(1))',
    'time.clock_getres(1)',
    'time.get_clock_info("monotonic")',
    'time.get_clock_info("time")',
    'time.get_clock_info("perf_counter")',
    'time.get_clock_info("process_time")',
    'time.get_clock_info("thread_time")',
    'time.get_clock_info("foo")',
    'time.timezone,time.altzone,time.daylight,time.tzname',
    'time.time()>1',
    'time.monotonic()<=time.monotonic()',
    'type(time.time_ns())',
    'type(time.perf_counter_ns())',
    'type(time.process_time())',
    'time.thread_time()>=0',
    'time.struct_time.__module__',
    'time.gmtime(0).tm_gmtoff',
    'time.gmtime(0).__reduce__()',
    'time.clock_settime(99,1)',
    'time.tzset()',
    'time.gmtime(2**70)',
    'time.gmtime(10**30)',
    'time.strftime("%",time.gmtime(0))',
    'time.localtime(1,2)',
])
