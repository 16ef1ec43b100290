# PEP 688: __buffer__ and __release_buffer__ of classes, with and without a native base.
import threading


class Lender:
    def __init__(self):
        self.memory = bytearray(b'memory')
        self.log = []

    def __buffer__(self, flags):
        self.log.append(('lend', bool(flags & 1)))
        self.view = memoryview(self.memory)
        return self.view

    def __release_buffer__(self, view):
        self.log.append(('back', view is self.view, bytes(view)))


def attempt(f):
    try:
        return f()
    except Exception as e:
        return type(e).__name__, str(e)


a = Lender()
with memoryview(a) as m:
    print(m.tobytes(), m[0], attempt(lambda: a.memory.append(1)))
    m[0] = ord('M')
print(a.memory, a.log)
a.view.release()
a.memory.append(33)
print(bytes(a), bytearray(a), b''.join([a, b'+']), a.log[2:])
a.log.clear()
a.view.release()
m = memoryview(a)
part = m[2:]
m.release()
print(part.tobytes(), a.log)
part.release()
print(a.log)

# ---- only the release is overridden: the base's own memory, in a view for the call alone
class Array(bytearray):
    kept = None

    def __release_buffer__(self, view):
        print('  back', view.tobytes(), attempt(lambda: memoryview(view)), attempt(lambda: view[1:]), attempt(lambda: view.cast('b')))
        Array.kept = view
        if self.first:
            self.first = False
            super().__release_buffer__(view)


b = Array(b'array')
b.first = True
for _ in range(2):
    with memoryview(b) as m:
        print(m.tobytes(), attempt(lambda: b.append(1)))
    b.append(1)
    print(attempt(lambda: Array.kept.tobytes()), b)

# ---- both, through super()
class Both(bytearray):
    def __buffer__(self, flags):
        print('  lend')
        return super().__buffer__(flags)

    def __release_buffer__(self, view):
        print('  back', view.tobytes())
        super().__release_buffer__(view)


c = Both(b'both')
print(bytes(c), c[:2])
with memoryview(c) as m:
    print(m.tobytes())
c.clear()

# ---- another's memory; errors
class Other(bytearray):
    def __buffer__(self, flags):
        return memoryview(b'constant')

    def __release_buffer__(self, view):
        print('  ', attempt(lambda: super(Other, self).__release_buffer__(view)))


with memoryview(Other(b'x')) as m:
    print(m.tobytes(), m.readonly)


class Bad:
    def __buffer__(self, flags):
        return 5


class Failing:
    def __buffer__(self, flags):
        raise ZeroDivisionError


print(attempt(lambda: memoryview(Bad())), attempt(lambda: bytes(Failing())), attempt(lambda: bytearray(b'x').__buffer__(1 << 70)))
v = bytearray(b'abc').__buffer__(0)
print(v.tobytes(), attempt(lambda: bytearray().__release_buffer__(v)), attempt(lambda: bytearray().__release_buffer__(3)))

# ---- by many threads at once
many = Lender()


def use():
    for _ in range(200):
        memoryview(many).release()


many.log = []
threads = [threading.Thread(target=use) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(many.log), sum(1 for e in many.log if e[0] == 'lend'))
