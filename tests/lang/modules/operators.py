import re


def clean(text):
    return re.sub("0x[0-9a-f]{6,}", "0x...", text)


import operator as o


class A:
    a = 1

    class b: c = 2


def try_all(expressions):
    for e in expressions:
        try:
            print(e, "->", clean(repr(eval(e))))
        except BaseException as x:
            print(e, "=>", type(x).__name__, clean(str(x)))


try_all([
    'o.itemgetter()',
    'o.itemgetter(1)',
    'o.itemgetter(1,2)',
    'o.itemgetter(1)("abc")',
    'o.itemgetter(0,2)("abc")',
    'o.itemgetter(1)()',
    'o.itemgetter(1)(1,2)',
    'o.itemgetter(1)(x=1)',
    'o.itemgetter(x=1)',
    'o.attrgetter()',
    'o.attrgetter(1)',
    'o.attrgetter("a")(A)',
    'o.attrgetter("a","b.c")(A)',
    'o.attrgetter("b.c")',
    'o.attrgetter("x")(A)',
    'o.attrgetter("a")()',
    'o.methodcaller()',
    'o.methodcaller(1)',
    'o.methodcaller("split","b",maxsplit=1)',
    'o.methodcaller("split","b",maxsplit=1)("abc")',
    'o.methodcaller("x")(1)',
    'o.methodcaller("a")()',
    'o.itemgetter(1).__reduce__()',
    'o.attrgetter("a","b.c").__reduce__()',
    'o.methodcaller("a",1).__reduce__()',
    'o.methodcaller("a",1,x=2).__reduce__()',
    'o.call(len,[1])',
    'o.call()',
    'o.concat(1,2)',
    'o.concat([1],[2])',
    'o.iconcat([1],[2])',
    'o.iconcat(1,2)',
    'o.countOf([1,1,2],1)',
    'o.indexOf([1,2],2)',
    'o.indexOf([1,2],3)',
    'o.countOf(1,1)',
    'o.indexOf(1,1)',
    'o.length_hint([1])',
    'o.length_hint(1,5)',
    'o.length_hint(1,"a")',
    'o.truth([])',
    'o.not_(1)',
    'o.is_(1,1)',
    'o.is_none(None)',
    'o.index(True)',
    'o.pow(2,3)',
    'o.ipow(2,3)',
    'o.setitem([1],0,2)',
    'o.delitem([1],0)',
    'o.contains([1],1)',
    'o.itemgetter(slice(1,3))("abcd")',
    'type(o.itemgetter(1))',
    'o.itemgetter.__module__',
    'o.attrgetter("a.b..c")',
    'o.call.__text_signature__',
])
