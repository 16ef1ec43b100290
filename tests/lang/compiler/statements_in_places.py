# Statements that CPython takes or refuses in places of their own, and which text an error shows.
import traceback
def attempt(text, mode="exec"):
    try:
        compile(text, "F", mode)
        print(repr(text), mode, "compiles")
    except SyntaxError as e:
        print(repr(text), mode, e.msg, (e.lineno, e.offset, e.end_lineno, e.end_offset), repr(e.text))
attempt("def f():\n    from __future__ import annotations\n")
attempt("def f():\n    from __future__ import nope\n")
attempt("class A:\n    from __future__ import annotations\n")
attempt("if 1:\n    from __future__ import annotations\n")
attempt("from __future__ import annotations\n")
attempt("from __future__ import annotations; x = 1")
attempt("x = 1\nfrom __future__ import annotations\n")
attempt("def f():\n    import os\n    global os\n")
attempt("def f():\n    from os import path\n    global path\n")
attempt("def f():\n    os = 1\n    global os\n")
attempt("def f():\n    import os\n    os\n    global os\n")
attempt("class A:\n    def f(self):\n        import os as n\n        def g():\n            nonlocal n\n            n = 1\n")
for text in ("(", "x = (1,", "a b", "1 +", "f(a b", "lambda"):
    for mode in ("exec", "eval", "single"):
        if mode == "exec" or text != "x = (1,":
            attempt(text, mode)
            attempt(text + "\n", mode)
attempt("f(*a for a in b)")
attempt("x = pass if b else c")
attempt("x = break if b else c")
attempt("match x:\n  case {**_}: pass")
attempt("match x:\n  case 1 as: pass")
g = {}
exec("def f():\n    import os\n    global os\n", g)
g["f"]()
print("os" in g)
try:
    from collections import (deque,
        OrderDict)
except ImportError:
    print(traceback.format_exc().split(" (/")[0].split("\n")[2:4])
try:
    from os import path, nosuch as other
except ImportError:
    print(traceback.format_exc().split(" (/")[0].split("\n")[2:4])
