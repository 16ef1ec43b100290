# Iterators, partials and exceptions that threads share: whatever they give, nothing breaks.
import threading, itertools, functools, operator
g = itertools.islice(itertools.count(), 100000)
b = itertools.batched(itertools.count(), 3)
gr = itertools.groupby(itertools.count(), lambda x: x//3)
ac = itertools.accumulate(itertools.repeat(1))
ch = itertools.chain.from_iterable(itertools.repeat((1,2)))
cy = itertools.cycle([1,2,3]); pw = itertools.pairwise(itertools.count()); zl = itertools.zip_longest(itertools.count(), itertools.repeat(1, 5000))
p = functools.partial(max, 1)
e = OSError(2, 'x')
class C:
    @property
    def x(self): return 1
prop = C.__dict__['x']
def work(k):
    for i in range(1500):
        for it in (g, b, ac, ch, cy, pw, zl):
            try: next(it)
            except (StopIteration, RuntimeError): pass
        try: key, grp = next(gr); next(grp, None)
        except StopIteration: pass
        p(i); e.errno = i; e.characters_written = i; e.characters_written; e.args; e.__context__ = None
        p.__setstate__((max, (i,), {}, None)) if k == 0 and i % 50 == 0 else None
        prop.__doc__ = str(i)
        prop.getter(len)
ts=[threading.Thread(target=work,args=(k,)) for k in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]
print('done')
