import concurrent.futures as cf, logging, unittest, dataclasses, io, sys, threading, contextvars, functools, collections, re, typing, enum
with cf.ThreadPoolExecutor(4) as ex:
    print(sum(ex.map(lambda x: x*x, range(1000))))
    f=ex.submit(lambda: 1/0)
    print(repr(f.exception()))
    done,_=cf.wait([ex.submit(pow,2,i) for i in range(10)])
    print(sorted(d.result() for d in done))
s=io.StringIO()
logging.basicConfig(stream=s, format="%(levelname)s:%(threadName)s:%(message)s")
logging.warning("x %d", 5); print(s.getvalue())
try: 1/0
except ZeroDivisionError: logging.exception("oops"); print(s.getvalue().splitlines()[-1])
@dataclasses.dataclass(order=True, frozen=True)
class P:
    x: int
    y: list = dataclasses.field(default_factory=list)
print(P(1), P(1)<P(2), dataclasses.asdict(P(3,[1])))
class T(unittest.TestCase):
    def test_a(self): self.assertEqual(1,1)
    def test_b(self):
        with self.assertRaises(ValueError): int('x')
    @unittest.skip("no")
    def test_c(self): pass
    def test_d(self): self.assertEqual([1],[2])
st=io.StringIO()
r=unittest.TextTestRunner(st,verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(T)); print(r)
print(re.sub(r"in [0-9.]+s", "in T", st.getvalue()).replace(__file__, "FILE"))
