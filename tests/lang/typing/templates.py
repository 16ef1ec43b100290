# PEP 750 template strings.
from string.templatelib import Template, Interpolation
x = 5
t = t"a{x!r:>3}b{x}"
print(t)
print(t"", list(t), t.strings, t.interpolations, t.values)
print(Template(), Template("a", "b", Interpolation(1, "x")), Template("a") + Template("b"))
print(Template("a", Interpolation(1)) + Template(Interpolation(2), "b"))
for f in (lambda: Template(1), lambda: Template(a=1), lambda: Template("a") + "b", lambda: "b" + Template("a"), lambda: Interpolation(), lambda: Interpolation(1, 2),
          lambda: Interpolation(1, "a", "z"), lambda: Interpolation(1, "a", 5), lambda: Interpolation(1, "a", "r", 5), lambda: t.nothing,
          lambda: type("X", (Template,), {})):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
print(Interpolation(1, "a", "s", "b"), Interpolation.__match_args__, Interpolation(1, "a").__reduce__()[1])
match Interpolation(1, "a"):
    case Interpolation(value, expression, None, ""): print(value, expression)
print(t"{x}{x}".strings, t"{x=}".strings, t'{x:{x}}'.interpolations)
print(type(t).__name__, Template.__module__)
