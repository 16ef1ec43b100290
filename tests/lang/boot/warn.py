import sys, warnings, io
sys.stderr = io.StringIO()
warnings.warn("hello")
def f(): warnings.warn("dep", DeprecationWarning, stacklevel=2)
for _ in range(2): f()
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always"); warnings.warn("rec"); warnings.warn(UserWarning("inst"), stacklevel=1)
    print(len(w), w[0].message, w[0].lineno, w[1].category)
for action in ("error", "ignore", "always", "default", "module", "once"):
    with warnings.catch_warnings(record=True) as w:
        warnings.resetwarnings(); warnings.filterwarnings(action, "m.*", UserWarning)
        try:
            for _ in range(3): warnings.warn("msg")
        except UserWarning as e: print("raised", e)
        print(action, len(w))
for bad in (lambda: warnings.warn("x", 5), lambda: warnings.warn("x", int), lambda: warnings.warn("x", skip_file_prefixes="a"), lambda: warnings.warn_explicit("m", UserWarning, 5, 3),
            lambda: warnings.warn_explicit("m", UserWarning, "f.py", 3, registry=5)):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
warnings.warn_explicit("explicit", UserWarning, "f.py", 3)
import os
print(sys.stderr.getvalue().replace(os.path.abspath(__file__), "FILE").replace(__file__, "FILE"))
