# Words of errors about arguments and items that are easily got wrong, and what an ignored exception is called.
import atexit, collections, gc, io, itertools, operator, os, socket, string.templatelib, sys, types, warnings

def show(what, scope={}):
    try:
        print(what, "->", repr(eval(what, globals(), scope)))
    except Exception as e:
        print(what, "=>", type(e).__name__, e)

# None is told by its own name where an argument has the wrong type.
for what in ('"a".replace(None, "b")', '"a".encode(None)', '"a".encode("utf-8", None)', "bytes('a', None)", "b'a'.decode(None)", "format(1, None)",
             "(1).__format__(None)", "[].__format__(None)", "'%d'.__format__(None)", "open('x', None)", "types.ModuleType(None)", "(5).to_bytes(2, None)",
             "int.from_bytes(b'a', 5)", "ValueError().add_note(None)", "ExceptionGroup(None, [ValueError()])", "float.fromhex(1)" if 0 else "0", "str(encoding=5)",
             "str(b'a', 5)", "string.templatelib.Interpolation(1, None)", "sys.intern(None)", "io.StringIO().write(None)" if 0 else "0"):
    show(what)
# Whole numbers that do not fit.
big = 2**70
for what in ("'a'.center(big)", "'a'.split('b', big)", "[].pop(big)", "[].insert(big, 1)", "itertools.repeat(1, big)", "itertools.batched([], big)", "itertools.islice([], big)",
             "operator.length_hint([], big)", "b'a'.replace(b'a', b'', big)", "collections.deque(maxlen=big)", "itertools.combinations([1], big)", "itertools.combinations(1, 'a')",
             "itertools.combinations_with_replacement(1, None)", "itertools.combinations([1], -1)", "itertools.permutations([1], -1)", "itertools.permutations(1, 'a')",
             "io.BytesIO(b'a').read(big)", "'%.*f' % (big, 1.0)", "'%.*f' % (2**40, 1.0)", "'%*d' % (big, 1)", "'%*d' % ('a', 1)", "complex('1_')", "complex('1x')", "complex('1_0+2j')",
             "collections.deque([1])['a']"):
    show(what)
# Deleting from what cannot: two ways to say so.
class Plain:
    pass
for thing in ("text", (), b"", range(3), {1}, frozenset(), Plain(), types.MappingProxyType({}), {}.keys(), {}.values(), {}.items(), 1, 1.5, None, len, Plain, iter([]), slice(1), t"a"):
    for key in (0, "a"):
        try:
            del thing[key]
        except TypeError as e:
            print(e)
# OrderedDict's own views and messages.
OrderedDict = collections.OrderedDict
ordered = OrderedDict(a=1, b=2)
for what in ("ordered.keys()", "ordered.values()", "ordered.items()", "type(ordered.keys()).__mro__", "ordered.keys() & {'a'}", "ordered.items() >= {('a', 1)}", "list(reversed(ordered.items()))",
             "ordered.keys() == {'a', 'b'}", "ordered.keys() | {'c'} == {'a', 'b', 'c'}", "ordered.keys().mapping", "type(ordered.keys())()", "OrderedDict.fromkeys('ab', value=1)",
             "OrderedDict.fromkeys(iterable='ab')", "OrderedDict.fromkeys()", "OrderedDict(1, 2)", "len(ordered.items())", "'a' in ordered.keys()", "hash(ordered.keys())"):
    show(what)
class Loud(OrderedDict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)
print(Loud.fromkeys("ab", 5), type(Loud().items()).__name__)
for what in ("collections.deque.copy()", "list.append()", "__import__('math').log(1, x=2)"):
    show(what)
# With the whole name of the class.
def nested():
    class Half:
        def __enter__(self): pass
    class Async:
        async def __aenter__(self): pass
        async def __aexit__(self, *a): pass
    for manager in (Half(), Async(), 5):
        try:
            with manager: pass
        except TypeError as e:
            print(e)
nested()
# Every exception class says what it is for.
print([n for n, e in vars(__import__("builtins")).items() if isinstance(e, type) and issubclass(e, BaseException) and not e.__doc__ and n != "ExceptionGroup"])
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError:
        raise KeyError("k")
except ExceptionGroup as e:
    print(repr(e))

# What is called ignored.
def hook(u):
    about = u.err_msg and u.err_msg.split(" <")[0]
    print(type(u.exc_value).__name__, about, type(u.object).__name__)
sys.unraisablehook = hook
def fail(*a): raise ZeroDivisionError
class Raw(io.RawIOBase):
    def close(self): fail()
Raw(); gc.collect()
class Buffer(bytearray):
    def __buffer__(self, flags): return memoryview(b"a")
    def __release_buffer__(self, view): fail()
memoryview(Buffer()).release()
def delegating():
    class It:
        def __iter__(self): return self
        def __next__(self): return 1
        close = property(fail)
    yield from It()
g = delegating(); next(g); del g; gc.collect()
gc.callbacks.append(fail); gc.collect(); gc.callbacks.clear()
warnings.simplefilter("error")
async def agen(): yield 1
a = agen(); s = a.asend(None); del s; gc.collect()
s = a.aclose(); del s; gc.collect()
def unclosed(make): make()
unclosed(lambda: open(os.devnull)); gc.collect()
unclosed(socket.socket); gc.collect()
unclosed(lambda: next(os.scandir("/"))); gc.collect()
os.register_at_fork(after_in_parent=fail)
if os.fork() == 0:
    os._exit(0)
os.wait()
atexit.register(fail)
