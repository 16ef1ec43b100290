"""What is fuzzed: each function takes bytes and must end without a crash, whatever they are. Exceptions are what bad input gives.

skein stress/fuzz/targets.py [FOLDER]    replays the kept inputs (FOLDER/TARGET/*; the corpus folder beside this file)
stress/fuzz/run TARGET SECONDS           looks for new ones (libFuzzer)
"""
import marshal, os, re, signal, struct, sys, types, warnings

warnings.simplefilter("ignore")
TARGETS = []


def target(f):
    def run(data):
        try:
            f(data)
        except Exception:
            pass
    run.__name__ = f.__name__
    TARGETS.append(run)
    return run


def text(data):
    "Bytes as a str with characters of every width: most are themselves, some stand for wider ones."
    return "".join(chr(b) if b < 0xf0 else chr((0x100, 0x3b1, 0x4e00, 0xd800, 0x1f600)[b % 5]) for b in data)


def far_count(data):
    "A count that asks for much memory by right: no defect, and slow."
    return re.search(rb"[0-9]{6}", data) is not None


class TooLong(Exception):
    pass


def enough(signum, frame):
    raise TooLong


def limited(seconds, f, *args):
    "f(*args), ended after a time: what is fuzzed may loop by right."
    signal.signal(signal.SIGVTALRM, enough)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return f(*args)
    except RecursionError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@target
def source(data):
    "Lexer, parser, symbol table, compiler; the first byte chooses the mode. Then the tree as objects, and back."
    if not data:
        return
    mode = ("exec", "eval", "single", "exec")[data[0] & 3]
    flags = (0x4000 if data[0] & 4 else 0) | (0x200 if data[0] & 8 else 0)
    code = compile(data[1:], "<fuzz>", mode, flags, optimize=data[0] >> 6 & 1)
    if data[0] & 16:
        tree = compile(data[1:], "<fuzz>", mode, 0x400)
        compile(tree, "<fuzz>", mode)
    marshal.loads(marshal.dumps(code))


SAFE = {name: getattr(__builtins__, name) if isinstance(__builtins__, types.ModuleType) else __builtins__[name]
        for name in ("abs", "len", "range", "sum", "list", "tuple", "dict", "set", "int", "str", "iter", "next", "zip", "isinstance",
                     "ValueError", "StopIteration", "Exception", "super", "type", "__build_class__", "property")}


@target
def marshalled(data):
    "marshal.loads of anything; what is a code object runs."
    try:
        value = marshal.loads(data)
    except Exception:
        return
    if isinstance(value, types.CodeType) and not value.co_freevars and len(data) < 4096:
        run_code(value)


def run_code(code):
    namespace = {"__builtins__": SAFE, "__name__": "fuzz"}

    def go():
        exec(code, namespace)
        for f in list(namespace.values()):
            if isinstance(f, types.FunctionType):
                for args in ((), (1,), ([1, 2], "x")):
                    try:
                        value = f(*args)
                        if isinstance(value, types.GeneratorType):
                            for _ in zip(range(5), value):
                                pass
                            value.throw(ValueError)
                    except TooLong:
                        raise
                    except Exception:
                        pass
    try:
        limited(0.2, go)
    except BaseException:
        pass


PIECES = []


@target
def bytecode(data):
    "Code objects whose bytes are changed: pairs of bytes say which to take, where, and what to put there."
    if not PIECES:
        PIECES.extend(marshal.dumps(compile(s, "<fuzz>", "exec")) for s in SOURCES)
    if len(data) < 4:
        return
    piece = bytearray(PIECES[data[0] % len(PIECES)])
    # The instructions stand first, behind twelve numbers.
    n = struct.unpack_from("<I", piece, 5)[0] * 8
    for i in range(1, len(data) - 3, 4):
        at, what = struct.unpack_from("<HH", data, i)
        place = 49 + at % n if at & 0x8000 else at % len(piece)
        piece[place] = what & 255 if what & 256 else piece[place] + (what & 7) & 255
    marshalled(bytes(piece))


SOURCES = [
    "def f(a, b=2, *c, d=4, **e):\n x = [a, b, *c]\n for i in range(3): x.append(i)\n return {**e, 'x': x, 'd': d}\nf(1); f(1, 2, 3, d=5, z=6)",
    "def f(n):\n def g():\n  nonlocal n\n  n += 1\n  return n\n yield from [g(), g()]\n try: x = yield n\n except ValueError as e: x = str(e)\n finally: n = None\n return x",
    "class C:\n x: int = 1\n def __init__(self, y): self.y = y; super().__init__()\n @property\n def z(self): return [i * self.y for i in range(3) if i]\nC(3).z",
    "def f(v):\n match v:\n  case [x, *y] if x: return y\n  case {'a': z, **w}: return z, w\n  case C(q=1) | 5: return 0\n return f'{v!r:>{10}}' + str(v)",
    "def f():\n with M() as m, M():\n  try: 1/0\n  except* ZeroDivisionError: pass\n  else: return m\n while True:\n  if m: break\nclass M:\n def __enter__(s): return s\n def __exit__(s, *a): return True\nf()",
    "async def f(x):\n async with x as y: await y\n async for z in x: yield z\n [i async for i in f(1)]\n(lambda *a: a)(*[1], **{})",
    "def f[T: int = str](a: T, b: list[T]) -> T: return a\ntype A[X] = list[X]\nx = t'{1!r}{2:3}'\ndel x\ni = 1; i += 2; i **= 2; i = -i; i = i < 2 <= 3 and not i or i in (1, 2) is None",
]


@target
def regular(data):
    "A pattern, and (behind a zero byte) what it searches."
    pattern, _, rest = data.partition(b"\0")
    if far_count(pattern) or len(pattern) > 256:
        return

    def use(pattern, subject):
        p = re.compile(pattern)
        for f in (p.search, p.fullmatch, p.findall, p.split, lambda s: p.sub(r"<\g<0>>" if isinstance(s, str) else rb"<\g<0>>", s)):
            f(subject)
    limited(0.2, use, pattern, rest or pattern)
    limited(0.2, use, text(pattern), text(rest or pattern))


@target
def structs(data):
    "A format, and behind a zero byte what it unpacks."
    form, _, rest = data.partition(b"\0")
    if far_count(form):
        return
    n = struct.calcsize(form)
    if n > 1 << 16:
        return
    buffer = (rest * (n // (len(rest) or 1) + 1) + bytes(n))[:n]
    values = struct.unpack(form, buffer)
    struct.pack(form, *values)
    struct.pack_into(form, bytearray(n + 1), 1, *values)
    list(struct.iter_unpack(form, buffer))
    memoryview(bytearray(64)).cast(text(form)).tolist()


@target
def formats(data):
    "Format specifications of every type, str.format, the % operator."
    if far_count(data) or len(data) > 200:
        return
    spec = text(data)
    for value in (5, -2 ** 70, 1.5, -0.0, float("inf"), 1e300, 2 - 3j, "téxt", "", True, None):
        for f in (lambda: format(value, spec), lambda: spec.format(value, value, a=value), lambda: spec % value, lambda: spec % (value, value),
                  lambda: spec % {"a": value}):
            try:
                f()
            except Exception:
                pass
    data % (b"bytes", 3)


@target
def numbers(data):
    "int, float and complex of text; of bytes; and back."
    s = text(data[1:])
    for f in (int, float, complex, float.fromhex, lambda s: int(s, data[0] % 40), lambda s: int(s, 0), lambda s: int(data[1:], 16), lambda s: bytes.fromhex(s),
              lambda s: round(float(s), data[0] % 40 - 20), lambda s: hash(float(s)), lambda s: repr(float(s)), lambda s: int.from_bytes(data, "big", signed=True)):
        try:
            v = f(s)
            if isinstance(v, int):
                assert v == int(hex(v), 16) and v == eval(f"0b{v:b}" if v >= 0 else f"-0b{-v:b}")
                divmod(v, 3), v >> 3, v << 3, v * v, float(v) if abs(v) < 10 ** 300 else 0
            elif isinstance(v, float) and v == v:
                assert float(repr(v)) == v and float.fromhex(v.hex()) == v
        except (ValueError, OverflowError, TypeError, ZeroDivisionError, SyntaxError, MemoryError):
            pass
        except AssertionError:
            print("numbers:", data, file=sys.stderr)
            os.abort()


CODECS = ("utf-8", "utf-16", "utf-32", "utf-7", "utf-16-le", "utf-32-be", "unicode_escape", "raw_unicode_escape", "ascii", "latin-1", "idna", "punycode")
HANDLERS = ("strict", "replace", "ignore", "surrogateescape", "surrogatepass", "backslashreplace")


@target
def codecs_(data):
    "The first two bytes choose codec and handler."
    if len(data) < 2:
        return
    name, errors = CODECS[data[0] % len(CODECS)], HANDLERS[data[1] % len(HANDLERS)]
    import codecs
    s = data[2:].decode(name, errors)
    s.encode(name, errors)
    d = codecs.getincrementaldecoder(name)(errors)
    "".join(d.decode(data[i:i + 1], i + 1 == len(data)) for i in range(2, len(data)))


@target
def documents(data):
    "json, csv, base64 and zlib of what is read from outside."
    import binascii, csv, io, json, zlib
    s = text(data)
    for f in (lambda: json.loads(data), lambda: json.dumps(json.loads(s)), lambda: list(csv.reader(io.StringIO(s))), lambda: binascii.a2b_base64(data),
              lambda: binascii.a2b_uu(data), lambda: binascii.a2b_qp(data), lambda: zlib.decompressobj().decompress(data, 1 << 16), lambda: zlib.decompressobj(-15).decompress(data, 1 << 16)):
        try:
            f()
        except Exception:
            pass


def replay(folder):
    for run in TARGETS:
        names = sorted(os.listdir(os.path.join(folder, run.__name__)))
        for name in names:
            with open(os.path.join(folder, run.__name__, name), "rb") as f:
                run(f.read())
        print(f"{run.__name__}: {len(names)} inputs")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    replay(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus"))
