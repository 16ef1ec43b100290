import re


def clean(text):
    return re.sub("0x[0-9a-f]{6,}", "0x...", text)


import _bisect, _heapq, _random, _string
from _heapq import *
from _bisect import *
R = _random.Random
r = R(42)
h = [5, 3, 8, 1, 9, 2]
heapify(h)
m = [5, 3, 8, 1, 9, 2]
heapify_max(m)


class W(int):
    def __lt__(s, o): raise ValueError('w')


def try_all(expressions):
    for e in expressions:
        try:
            print(e, "->", clean(repr(eval(e))))
        except BaseException as x:
            print(e, "=>", type(x).__name__, clean(str(x)))


try_all([
    'h',
    'heappop(h)',
    'h',
    'heappush(h,0)',
    'h',
    'heappushpop(h,4)',
    'heapreplace(h,100)',
    'h',
    'm',
    'heappop_max(m)',
    'heappush_max(m,100)',
    'm',
    'heappushpop_max(m,50)',
    'heapreplace_max(m,1)',
    'm',
    'heappop([])',
    'heapreplace([],1)',
    'heappushpop([],1)',
    'heappush(1,2)',
    'heappop(1)',
    'heapify(1)',
    'heapify((1,))',
    'heappushpop(1,2)',
    'heapreplace(1,2)',
    'heappush([W(1)],W(2))',
    'bisect_left([1,2,2,3],2)',
    'bisect_right([1,2,2,3],2)',
    'bisect_left([1,2,3],2,lo=-1)',
    'bisect_left([1,2,3],2,hi=1)',
    'bisect_left([3,2,1],-2,key=lambda x:-x)',
    'bisect_left(5,1)',
    'bisect_left([1,2],"a")',
    'insort_left([1,3],2)',
    'insort_right((1,3),2)',
    'bisect_left([1,2,3],2,0,None)',
    'bisect_left()',
    'bisect_left([1])',
    'bisect_right([1,2,3],2,1.5)',
    'r.random()',
    'r.random()',
    'r.getrandbits(10)',
    'r.getrandbits(100)',
    'r.getrandbits(0)',
    'r.getrandbits(-1)',
    'r.getrandbits("a")',
    'R(0).random()',
    'R(-42).random()',
    'R(10**50).random()',
    'R((1,2)).random()==R((1,2)).random()',
    'R([])',
    'R(1,2)',
    'R(x=1)',
    'r.seed(1)',
    'r.random()',
    'len(r.getstate())',
    'r.setstate(1)',
    'r.setstate((1,))',
    'r.setstate(tuple([1]*624+[1000]))',
    'r.setstate(tuple([1]*624+[5]))',
    'r.random()',
    'r.seed()',
    'type(R())',
    'R(2**32).random()',
    'R(2**64).getrandbits(64)',
    'R(0).getrandbits(33)',
    'R(True).random()',
    '_string.formatter_parser("a{b}c{d!r:x{e}}{{}}")',
    'list(_string.formatter_parser("a{b}c{d!r:x{e}}{{}}"))',
    'list(_string.formatter_parser("{"))',
    'list(_string.formatter_parser("}"))',
    'list(_string.formatter_parser("{a"))',
    'list(_string.formatter_parser("{a!}"))',
    'list(_string.formatter_parser("{a!rx}"))',
    'list(_string.formatter_parser("{a!r"))',
    'list(_string.formatter_parser("{}"))',
    'list(_string.formatter_parser("{:}"))',
    'list(_string.formatter_parser("{a[}]}"))',
    'list(_string.formatter_parser("{{"))',
    'list(_string.formatter_parser("{a:{b}"))',
    'list(_string.formatter_parser("x}}y"))',
    'list(_string.formatter_parser(""))',
    'list(_string.formatter_parser("{!r}"))',
    'list(_string.formatter_parser("{a{b}}"))',
    '_string.formatter_parser(1)',
    '_string.formatter_field_name_split("a.b[c][0]")',
    '[_string.formatter_field_name_split("a.b[c][0]")[0],list(_string.formatter_field_name_split("a.b[c][0]")[1])]',
    '_string.formatter_field_name_split("0.x")[0]',
    '_string.formatter_field_name_split("")[0]',
    'list(_string.formatter_field_name_split("a.")[1])',
    'list(_string.formatter_field_name_split("a[")[1])',
    'list(_string.formatter_field_name_split("a[]")[1])',
    'list(_string.formatter_field_name_split("a[0]x")[1])',
    'list(_string.formatter_field_name_split("a..b")[1])',
    '_string.formatter_field_name_split("10000000000000000000000000")[0]',
    'list(_string.formatter_field_name_split("a[99999999999999999999999]")[1])',
    '_string.formatter_field_name_split(1)',
    '_string.formatter_field_name_split("-1")[0]',
    'list(_string.formatter_parser("{a!s:}"))',
    'list(_string.formatter_parser("{a:b!c}"))',
    'list(_string.formatter_parser("{!}"))',
    'list(_string.formatter_parser("a}b"))',
    'list(_string.formatter_parser("{a!r:}b{"))',
])
