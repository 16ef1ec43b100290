# A finally clause that leaves by itself drops what was to be returned.
import contextlib, warnings
class Noisy:
    def __init__(self, name): self.name = name
    def __del__(self): print("dropped", self.name)
@contextlib.contextmanager
def manager(name):
    try: yield name
    finally: print("left", name)
source = '''
def plain():
    try: return Noisy("plain")
    finally: return "other"
def looped():
    for i in (1, 2):
        try: return Noisy("looped %d" % i)
        finally:
            if i == 1: continue
            break
    return "end"
def in_with():
    with manager("outer"):
        try:
            with manager("inner"): return Noisy("in with")
        finally: return Noisy("instead").name
def around_with():
    try:
        with manager("within"): return Noisy("around")
    finally: return "after with"
def twice():
    try:
        try: return Noisy("first")
        finally: return Noisy("second")
    finally: return "third"
def kept():
    try: return Noisy("kept")
    finally:
        for i in range(3):
            if i == 1: break
def raised():
    try:
        try: return Noisy("raised over")
        finally: raise KeyError("from finally")
    except KeyError as e: return repr(e)
'''
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    exec(source)
for f in (plain, looped, in_with, around_with, twice, raised): print(f.__name__, f())
k = kept(); print("kept", k.name); del k
