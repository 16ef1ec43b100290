import re


def clean(text):
    return re.sub("0x[0-9a-f]{6,}", "0x...", text)


from collections import *
import _collections
from _collections import _tuplegetter
d = deque([1, 2, 3])
m = deque([1, 2, 3], 2)


class T(tuple): x = _tuplegetter(0, 'doc')


class DD(defaultdict): pass


def try_all(expressions):
    for e in expressions:
        try:
            print(e, "->", clean(repr(eval(e))))
        except BaseException as x:
            print(e, "=>", type(x).__name__, clean(str(x)))


try_all([
    'deque(1)',
    'deque([1],-1)',
    'deque([1],"a")',
    'deque(maxlen=3)',
    'deque([1,2],maxlen=1)',
    'deque(1,2,3)',
    'deque(foo=1)',
    'd',
    'm',
    'd[0]',
    'd[-1]',
    'd[5]',
    'd["a"]',
    'd[0:1]',
    'd.index(2)',
    'd.index(9)',
    'd.index(2,2)',
    'd.remove(9)',
    'deque().pop()',
    'deque().popleft()',
    'd.insert(1,9)',
    'm.insert(0,1)',
    'd',
    'd.rotate(1)',
    'd',
    'd.rotate(-2)',
    'd',
    'd.rotate("a")',
    'd.count(1)',
    'd.reverse()',
    'd',
    'd.copy()',
    'm.copy()',
    'm.maxlen',
    'd.maxlen',
    'd+d',
    'd+[1]',
    'd*2',
    '2*d',
    'm*3',
    'd==deque([1])',
    'd<deque([5])',
    'd==[1]',
    'd<[1]',
    'hash(d)',
    '1 in d',
    'd.__reduce__()',
    'm.__reduce__()',
    'iter(d)',
    'reversed(d)',
    'list(reversed(d))',
    'd.__iadd__([7])',
    'd.append()',
    'd.extend(5)',
    'd.extendleft([1,2])',
    'd',
    'len(d)',
    'bool(deque())',
    'd.__setitem__(0,5)',
    'd.__setitem__(50,5)',
    'd.__delitem__(0)',
    'd.__delitem__(50)',
    'd.clear()',
    'd',
    'deque[int]',
    'iter(d).__length_hint__()',
    '_collections._deque_iterator(deque([1,2,3]),1)',
    'list(_collections._deque_iterator(deque([1,2,3]),1))',
    'iter(deque([1,2])).__reduce__()',
    'd.maxlen.__class__',
    'setattr(d,"maxlen",1)',
    'defaultdict()',
    'defaultdict(5)',
    'defaultdict(None)',
    'defaultdict(list,{1:2},a=3)',
    'defaultdict(list)[5]',
    'defaultdict()[5]',
    'defaultdict(list).copy()',
    'defaultdict(list)',
    '{1:2}',
    'defaultdict(int,a=1).__reduce__()',
    'DD(list)',
    'defaultdict(list,{1:2})',
    'defaultdict(list,{1:1})',
    '{2:2}',
    'defaultdict(int)==({})',
    'OrderedDict()',
    'OrderedDict([(1,2),(3,4)])',
    'OrderedDict(a=1)',
    'OrderedDict(1)',
    'OrderedDict({1:2}).move_to_end(5)',
    'OrderedDict().popitem()',
    'OrderedDict([(1,2),(3,4)])==OrderedDict([(3,4),(1,2)])',
    'OrderedDict([(1,2),(3,4)])=={3:4,1:2}',
    'OrderedDict([(1,2),(3,4)]).popitem(False)',
    'OrderedDict.fromkeys([1,2],3)',
    'list(reversed(OrderedDict([(1,2),(3,4)])))',
    'OrderedDict([(1,2)]).pop(5)',
    'OrderedDict([(1,2)]).pop(5,6)',
    'OrderedDict([(1,2)]).setdefault(5)',
    'OrderedDict([(1,2)])',
    '{3:4}',
    '{3:4}',
    'OrderedDict([(1,2)])',
    'T((5,)).x',
    'T.x',
    'T(()).x',
    '_tuplegetter("a","b")',
    '_tuplegetter(1)',
    'Counter("aab")',
    '_collections._count_elements({},"aab")',
    'OrderedDict([(1,2)]).copy()',
])
