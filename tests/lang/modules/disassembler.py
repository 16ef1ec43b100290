# dis: what does not depend on the bytecode itself.
import contextlib
import dis
import io


def loop(a, b):
    for x in a:
        if x:
            print(b)
    return len(a)


def numbers():
    yield 1


class Some:
    def method(self):
        return 1

    @classmethod
    def other(cls):
        return 2


print(sorted({line for _, line in dis.findlinestarts(loop.__code__) if line} - {loop.__code__.co_firstlineno}))
for function in (loop, numbers):
    instructions = list(dis.get_instructions(function))
    names = [i.opname for i in instructions]
    print("RESUME" in names, all(i.offset < len(function.__code__.co_code) for i in instructions))
    following = instructions[names.index("RESUME") + 1]
    print(following.positions.lineno)
    targets = {i.jump_target for i in instructions if i.jump_target is not None}
    print(bool(targets), targets == set(dis.findlabels(function.__code__.co_code)))
print(sorted({i.argval for i in dis.get_instructions(loop) if i.argval in ("print", "len")}))
out = io.StringIO()
dis.dis(Some, file=out)
print([line for line in out.getvalue().splitlines() if line.startswith("Disassembly")])
print(dis.code_info(loop).splitlines()[0], "Flags" in dis.code_info(loop))
print(repr(dis.Bytecode("x = 1")), bool(dis.Bytecode("x = 1").dis()), dis.pretty_flags(67))
try:
    dis.dis(3)
except TypeError as e:
    print(e)
try:
    loop(1, 2)
except TypeError as e:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        dis.distb(e.__traceback__)
print("-->" in out.getvalue())
