import marshal
values = (None, True, 5, -1, 2**31, 2**40, -2**70, 1.5, float("inf"), 1j, "abc", "é" * 3, "\ud800", b"x", bytes(300), (1, 2), tuple(range(300)), [1, [2]], {1: 2, "k": ()},
          {1}, frozenset([1]), ..., StopIteration, "a" * 300, slice(1, 2))
for v in values:
    for version in range(0, 6):
        if version < 5 and isinstance(v, slice): continue
        back = marshal.loads(marshal.dumps(v, version))
        assert back == v and type(back) is type(v), (v, version, back)
    if not isinstance(v, (set, frozenset, slice)):
        print(str(marshal.dumps(v, 2))[:60])
l = []; l.append(l)
print(marshal.loads(marshal.dumps(l)))
for bad in (b"", b"Z", b"i\x01", b"(\x01\0\0\0", b"0", b"r\0\0\0\0", b"[\1\0\0\0", b"l\x01\0\0\0\xff\xff", b"l\x01\0\0\0\0\0", b"?"):
    try:
        print(bad, marshal.loads(bad))
    except Exception as e:
        print(bad, type(e).__name__)
for v in (object(), [object()], marshal, lambda: 0):
    try:
        marshal.dumps(v)
    except ValueError as e:
        print(e)
code = compile("def f(a, *b, c=5, **k):\n  try:\n    return [x + c for x in a if x]\n  except ValueError as e:\n    raise\n  finally:\n    print('fin')\n"
               "class C:\n  '''doc'''\n  def m(self): return super().__repr__()\n", "zz.py", "exec")
ns = {}
exec(marshal.loads(marshal.dumps(code)), ns)
print(ns["f"]([1, 2, 0], c=3), ns["C"].__doc__, ns["f"].__code__.co_filename, ns["f"].__code__.co_firstlineno)
for kwargs in ({"allow_code": False},):
    for f in (lambda: marshal.dumps(code, **kwargs), lambda: marshal.loads(marshal.dumps(code), **kwargs)):
        try:
            f()
        except ValueError as e:
            print(e)
