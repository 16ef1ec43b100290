"""Disassembler of Skein's register bytecode, with the interface of CPython's module of that name.

An instruction takes eight bytes: an operation and three operands, which are registers, constants, names, numbers or jumps. Registers with
a variable's name are shown by it, others as r0, r1, ... A mark RESUME, of no bytes, stands where the body of a function begins.
"""

import collections
import io
import struct
import sys
import types
from opcode import *
from opcode import __all__ as _opcode_names
from _opcode import _get_operands, _get_operations, _get_registers

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code", "get_instructions",
           "Instruction", "Bytecode"] + _opcode_names

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE", 128: "COROUTINE",
    256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR", 0x4000000: "HAS_DOCSTRING", 0x8000000: "METHOD"}

_SIZE = 8
_WIDE = "WIDE"
_operations = _get_operations()


class _Unknown:
    def __repr__(self):
        return "<unknown>"


UNKNOWN = _Unknown()
Positions = collections.namedtuple("Positions", "lineno end_lineno col_offset end_col_offset", defaults=(None,) * 4)
_Instruction = collections.namedtuple(
    "_Instruction", "opname opcode arg argval argrepr offset start_offset starts_line line_number label positions cache_info",
    defaults=(None, None, None))


class Instruction(_Instruction):
    """One operation: its name and number, its operands as numbers (arg), what they stand for (argval, argrepr), and where it is."""

    @property
    def oparg(self):
        return self.arg

    @property
    def baseopcode(self):
        return self.opcode

    @property
    def baseopname(self):
        return self.opname

    @property
    def cache_offset(self):
        return self.end_offset

    @property
    def end_offset(self):
        return self.offset + (_SIZE if self.opcode is not None else 0)

    @property
    def jump_target(self):
        """Where it jumps; None where it does not."""
        return self.argval if self.argrepr.startswith("to ") or " to " in self.argrepr else None

    @property
    def is_jump_target(self):
        return self.label is not None

    def __str__(self):
        return f"{self.offset:>6} {self.opname:<22} {self.argrepr}".rstrip()


def _code_of(x):
    for name in ("__func__", "__code__", "gi_code", "ag_code", "cr_code"):
        x = getattr(x, name, x)
    if isinstance(x, str):
        try:
            x = compile(x, "<disassembly>", "eval")
        except SyntaxError:
            x = compile(x, "<disassembly>", "exec")
    if hasattr(x, "co_code"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


def _decode(code):
    """(start, offset, number of the operation, [(kind, number)], where it jumps or None) of each instruction."""
    high, start = (0, 0, 0), None
    for offset in range(0, len(code) - len(code) % _SIZE, _SIZE):
        number, *fields = struct.unpack_from("<4H", code, offset)
        name, *kinds = _operations[number] if number < len(_operations) else ("?", "", "", "")
        start = offset if start is None else start
        if name == _WIDE:
            high = fields
            continue
        operands, target = [], None
        for i, kind in enumerate(kinds):
            if not kind:
                continue
            if kind in "DRXWF":
                value = fields[i] & 0x7fff | high[i] << 15
            elif kind.endswith("32"):
                value = fields[1] | fields[2] << 16
                value = value if kind == "K32" else _signed(value, 32)
            else:
                value = fields[i] | high[i] << 16
                if kind in "IJ":
                    value = _signed(value, 32 if any(high) else 16)
            if kind[0] == "J":
                target = offset + _SIZE * (1 + value)
            operands.append((kind, value))
        yield start, offset, number, operands, target
        high, start = (0, 0, 0), None


def findlabels(code):
    """The offsets that instructions of a bytecode string jump to."""
    return sorted({target for *_, target in _decode(code) if target is not None})


def findlinestarts(code):
    """(offset, line) for each place where another line begins."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """The instructions of a function, method, generator, string of source, or code object."""
    code = _code_of(x)
    shift = first_line - code.co_firstlineno if first_line is not None else 0
    starts = {start - start % _SIZE: line for start, line in findlinestarts(code)}
    labels = {offset: i for i, offset in enumerate(findlabels(code.co_code), 1)}
    positions = [Positions(*p) for p in code.co_positions()][_SIZE // 2 - 1::_SIZE // 2]  # the first unit is the entry's
    constants, registers = _get_operands(code), _get_registers(code)

    def shown(kind, value):
        if kind in "DRXWF":
            return registers[value] if value < len(registers) else f"r{value}"
        if kind in ("K", "K32", "N"):
            constant = constants[value] if value < len(constants) else UNKNOWN
            return constant if kind == "N" else f"({constant!r})"
        return str(value)

    begins = not code.co_flags & (0x20 | 0x80 | 0x200)
    for start, offset, number, operands, target in _decode(code.co_code):
        name = _operations[number][0] if number < len(_operations) else f"<{number}>"
        place = positions[offset // _SIZE] if offset // _SIZE < len(positions) else Positions()
        line = None if place.lineno is None else place.lineno + shift
        if begins:
            begins = False
            yield Instruction("RESUME", None, 0, 0, "", start, start, False, code.co_firstlineno + shift, None,
                              Positions(code.co_firstlineno, code.co_firstlineno, 0, 0))
        texts = [shown(kind, value) for kind, value in operands if kind[0] != "J"]
        if target is not None:
            texts.append(f"to L{labels[target]}")
        named = [(kind, value) for kind, value in operands if kind in ("K", "K32", "N")]
        argval = target
        if target is None:
            argval = constants[named[0][1]] if named and named[0][1] < len(constants) else operands[0][1] if len(operands) == 1 else tuple(v for _, v in operands) or None
        yield Instruction(name, number, operands[0][1] if len(operands) == 1 else tuple(v for _, v in operands) or None, argval, ", ".join(texts), offset,
                          start, offset in starts or start in starts, line, labels.get(start), place)
        begins = name == "RETURN_GENERATOR"


def pretty_flags(flags):
    """The names of a code object's flags."""
    names = []
    for i in range(32):
        flag = 1 << i
        if flags & flag:
            names.append(COMPILER_FLAG_NAMES.get(flag, hex(flag)))
    return ", ".join(names) or hex(flags)


def code_info(x):
    """What is known of a code object, line by line."""
    code = _code_of(x)
    lines = [f"Name:              {code.co_name}", f"Filename:          {code.co_filename}", f"Argument count:    {code.co_argcount}",
             f"Positional-only arguments: {code.co_posonlyargcount}", f"Kw-only arguments: {code.co_kwonlyargcount}",
             f"Number of locals:  {code.co_nlocals}", f"Stack size:        {code.co_stacksize}", f"Flags:             {pretty_flags(code.co_flags)}"]
    for title, items in (("Constants", map(repr, code.co_consts)), ("Names", code.co_names), ("Variable names", code.co_varnames),
                         ("Free variables", code.co_freevars), ("Cell variables", code.co_cellvars)):
        rows = [f"{i:4}: {item}" for i, item in enumerate(items)]
        if rows:
            lines += [title + ":", *rows]
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Prints code_info."""
    print(code_info(co), file=file)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False, first_line=None):
    """Prints the instructions of a code object; an arrow stands at offset lasti."""
    last = None
    for i in get_instructions(co, first_line=first_line):
        starts = i.opcode is not None and i.starts_line and i.line_number != last
        if starts and last is not None:
            print(file=file)
        last = i.line_number if starts else last
        line = "" if not starts else "--" if i.line_number is None else str(i.line_number)
        where = ""
        if show_positions:
            p = i.positions
            where = f"{p.lineno}:{p.col_offset}-{p.end_lineno}:{p.end_col_offset}  " if p.col_offset is not None else f"{p.lineno}  "
        label = f"L{i.label}:" if i.label is not None and i.opcode is not None else ""
        arrow = "-->" if i.opcode is not None and i.offset <= lasti < i.offset + _SIZE else "   "
        offset = f"{i.offset:>6} " if show_offsets else ""
        print(f"{line:>4} {arrow} {label:>6} {where}{offset}{i.opname:<22} {i.argrepr}".rstrip(), file=file)


def _disassemble_all(co, depth, **options):
    disassemble(co, **options)
    if depth is None or depth > 0:
        for constant in co.co_consts:
            if hasattr(constant, "co_code"):
                print(file=options.get("file"))
                print(f"Disassembly of {constant!r}:", file=options.get("file"))
                _disassemble_all(constant, None if depth is None else depth - 1, **options)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Prints the instructions of what is given: a function, class, module, code object, source... Without anything: the last traceback."""
    options = {"file": file, "show_offsets": show_offsets, "show_positions": show_positions}
    if x is None:
        distb(**options)
    elif isinstance(x, (bytes, bytearray)):
        for start, offset, number, operands, target in _decode(bytes(x)):
            name = _operations[number][0] if number < len(_operations) else f"<{number}>"
            print(f"{offset:>8} {name:<22} {', '.join(str(v) for _, v in operands)}".rstrip(), file=file)
    elif hasattr(x, "__dict__") and not hasattr(x, "__code__") and not hasattr(x, "__func__") and not hasattr(x, "co_code"):
        for name, value in sorted(vars(x).items()):
            if isinstance(value, (types.FunctionType, types.MethodType, types.CodeType, classmethod, staticmethod, type)):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(value, depth=depth, **options)
                except TypeError as error:
                    print("Sorry:", error, file=file)
                print(file=file)
    else:
        _disassemble_all(_code_of(x), depth, **options)


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Prints the code where a traceback ends, with an arrow there; without one, the last that was not handled."""
    if tb is None:
        error = getattr(sys, "last_exc", None)
        tb = error.__traceback__ if error is not None else getattr(sys, "last_traceback", None)
        if tb is None:
            raise RuntimeError("no last traceback to disassemble")
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


disco = disassemble


def stack_effect(opcode, oparg=None, /, *, jump=None):
    """Register bytecode has no stack."""
    raise ValueError("Skein's operations have no stack effect")


class Bytecode:
    """The bytecode of something: iterable over its instructions, printable."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
        self.codeobj = _code_of(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self.current_offset = current_offset
        self.show_offsets = show_offsets
        self.show_positions = show_positions
        self._original_object = x

    @classmethod
    def from_traceback(cls, tb, **options):
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti, **options)

    def __iter__(self):
        return get_instructions(self.codeobj, first_line=self.first_line)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    def info(self):
        return code_info(self.codeobj)

    def dis(self):
        out = io.StringIO()
        disassemble(self.codeobj, -1 if self.current_offset is None else self.current_offset, file=out, show_offsets=self.show_offsets,
                    show_positions=self.show_positions, first_line=self.first_line)
        return out.getvalue()


def main(args=None):
    """Disassembles a file, or standard input."""
    import argparse
    parser = argparse.ArgumentParser(color=True)
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show where instructions stand")
    parser.add_argument("-P", "--show-positions", action="store_true", help="show the source positions of instructions")
    parser.add_argument("infile", nargs="?", default="-")
    given = parser.parse_args(args=args)
    if given.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = given.infile
        with open(name, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=given.show_offsets, show_positions=given.show_positions)


if __name__ == "__main__":
    main()
