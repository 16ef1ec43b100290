# bytes, bytearray, memoryview: results and error messages.
class S(str): pass
class I(int): pass
class F(float): pass
class BB(bytes): pass


class Idx:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Fl:
    def __float__(self):
        return 2.5


A = bytearray
B = 10**30
M = memoryview


def show(f):
    try:
        print(repr(f()).encode("ascii", "backslashreplace").decode())
    except BaseException as e:
        print(type(e).__name__ + ":", str(e).encode("ascii", "backslashreplace").decode())


show(lambda: (b'a'.find('a')))
show(lambda: (b'a'.find(256)))
show(lambda: (b'abc'.index(b'z')))
show(lambda: (A(b'abc').index(b'z')))
show(lambda: (b'a'.count('a')))
show(lambda: (b'a'.startswith('a')))
show(lambda: (b'a'.startswith((b'a','b'))))
show(lambda: (b'b'.startswith(('b',))))
show(lambda: (b'a'.center(5,'a')))
show(lambda: (b'a'.center(5,b'ab')))
show(lambda: (b'a'.center(5,1)))
show(lambda: (b','.join([1])))
show(lambda: (b','.join(1)))
show(lambda: (b'abc'[5]))
show(lambda: (A(b'abc')[5]))
show(lambda: (b'abc'['a']))
show(lambda: (A(b'abc')['a']))
show(lambda: (b'a'+1))
show(lambda: (b'a'+'a'))
show(lambda: (A(b'a')+1))
show(lambda: (b'a'*'a'))
show(lambda: ('a' in b'a'))
show(lambda: (300 in b'a'))
show(lambda: (1.5 in b'a'))
show(lambda: (bytes('a')))
show(lambda: (bytes(-1)))
show(lambda: (bytes(3), bytes(), bytes(Idx(2)), bytes([1,2]), bytes((3,)), bytes(range(3)), bytes(b'ab'), bytes(A(b'x')), bytes(M(b'y')), bytes({1}), bytes(True)))
show(lambda: (bytes([256])))
show(lambda: (bytes([1.5])))
show(lambda: (bytes(1.5)))
show(lambda: (bytes('é','utf8'), bytes('é','latin-1')))
show(lambda: (bytes(b'a','utf8')))
show(lambda: (bytes(encoding='a')))
show(lambda: (bytes('a',errors='strict')))
show(lambda: (bytes(None)))
show(lambda: (bytearray('a')))
show(lambda: (bytearray(-1)))
show(lambda: (bytearray([256])))
show(lambda: (bytearray(1.5)))
show(lambda: (bytes(['a'])))
show(lambda: (bytes.fromhex('zz')))
show(lambda: (bytes.fromhex('0')))
show(lambda: (bytes.fromhex('01 02'), bytes.fromhex(''), bytes.fromhex(b'0102'), A.fromhex('ff'), bytes.fromhex(' aA ')))
show(lambda: (bytes.fromhex('0 1')))
show(lambda: (bytes.fromhex(1)))
show(lambda: (b'ab'.hex(':'), b'abcdef'.hex(':',2), b'abcdef'.hex(':',-2), b'abc'.hex(b'-'), b'abcde'.hex('_',2), b'abcde'.hex('_',-2), b''.hex(':'), A(b'abc').hex(), b'abc'.hex(':',0), b'abc'.hex(sep=' ',bytes_per_sep=10)))
show(lambda: (b'ab'.hex('::')))
show(lambda: (b'ab'.hex(1)))
show(lambda: (b'ab'.hex('é')))
show(lambda: (b'a'.translate(b'x')))
show(lambda: (b'abc'.translate(None,b'b'), b'abc'.translate(bytes(range(256)),b'a'), b'abc'.translate(bytes.maketrans(b'ab',b'xy')), A(b'abc').translate(None,delete=b'c'), b'abc'.translate(None)))
show(lambda: (b'a'.translate(1)))
show(lambda: (bytes.maketrans(b'ab',b'c')))
show(lambda: (b'a'.replace('a',b'b')))
show(lambda: (b'a'.split('a')))
show(lambda: (b'a'.split(b'')))
show(lambda: (b'a'.partition(b'')))
show(lambda: (b'a'.partition('a')))
show(lambda: (b'a'.strip('a')))
show(lambda: (b'a'.strip(1)))
show(lambda: (b'a'.removeprefix('a')))
show(lambda: (b'a'.zfill('a')))
show(lambda: (A(b'abc').pop(5)))
show(lambda: (A().pop()))
show(lambda: (A(b'a').remove(5)))
show(lambda: (A(b'a').remove('a')))
show(lambda: (A(b'a').append(256)))
show(lambda: (A(b'a').append('a')))
show(lambda: (A(b'a').insert(0,300)))
show(lambda: (A(b'a').extend(1)))
show(lambda: (A(b'a').extend(['a'])))
show(lambda: (A(b'a').extend('a')))
show(lambda: (A(b'a').extend([300])))
show(lambda: (A(b'a').resize(-1)))
show(lambda: (b'a'<'a'))
show(lambda: (A(b'a')<b'b', b'a'==A(b'a'), b'a'<A(b'b'), b'a'!='a', A(b'a')==A(b'a'), b'a'==b'a', b'abc'>b'abb', A(b'')==b'', b'a'==M(b'a'), A(b'a')==M(b'a'), A(b'a')!='a', b'ab'<=b'ab'))
show(lambda: (memoryview(1)))
show(lambda: (memoryview(b'abc')[5]))
show(lambda: (memoryview(b'abc')[0], memoryview(b'abc')[-1], M(b'abc')[0:2].tobytes(), M(b'abc')[::-1].tolist(), M(b'abcdef')[1:][1:].tobytes(), list(M(b'ab')), len(M(b'abc')), bytes(M(b'abc')[::2])))
show(lambda: (memoryview(b'abc')['a']))
show(lambda: (memoryview(b'abc').cast('x')))
show(lambda: (memoryview(b'abcd').cast('I')[0]))
show(lambda: (memoryview(b'abc').cast('I')))
show(lambda: (memoryview(b'abcdef').cast('B',[2,3]).tolist(), memoryview(b'abcdef').cast('B',[2,3])[1,2], memoryview(b'abcdef').cast('B',[2,3]).shape, memoryview(b'abcdef').cast('B',(2,3)).strides, memoryview(b'abcdef').cast('B',[2,3]).cast('B').tolist(), memoryview(b'abcdef').cast('B',[2,3]).tobytes('F')))
show(lambda: (memoryview(b'abcdef').cast('B',[2,3])[1]))
show(lambda: (memoryview(b'abcdef').cast('B',[2,4])))
show(lambda: (memoryview(b'abc').index(1)))
show(lambda: (memoryview(b'abc').tobytes('X')))
show(lambda: (b'%s'%'a'))
show(lambda: (b'%b'%1))
show(lambda: (b'%c'%300))
show(lambda: (b'%c'%b'ab'))
show(lambda: (b'%c'%'a'))
show(lambda: (b'%d'%'a'))
show(lambda: (b'%f'%'a'))
show(lambda: (b'%a'%'é', b'%r'%b'x', b'%s %s'%(b'a',A(b'b')), b'%(a)s'%{b'a':b'x'}, b'%.2s'%b'abc', b'%5s'%b'a', A(b'%d')%5, b'%s'%memoryview(b'ab'), b'%05.1f|%x'%(3.14,255), b'%c%c'%(65,b'b'), b'%%'%(), b'%5d|%-5d|'%(1,2)))
show(lambda: (b'%x'%1.5))
show(lambda: (b'%q'%1))
show(lambda: (b'%s'%(1,2)))
show(lambda: (b'a'%1))
show(lambda: (b'abc'.decode(1)))
show(lambda: (b'a'.expandtabs('a')))
show(lambda: (bytes(object())))
show(lambda: (A(b'ab').__reduce__()))
show(lambda: (A(b'ab').__reduce_ex__(2)))
show(lambda: (A(b'ab').__reduce_ex__(3)))
show(lambda: (A(b"a'b"), b"a'b", b"a'\"b\n\x00\xff", b'\t\r\\', A(b'\x80a'), repr(b''), repr(A()), str(b'a'), str(A(b'a'))))
show(lambda: (b'a'.__getnewargs__(), b'a'.__bytes__(), A(b'abc').__alloc__()>3))
show(lambda: (A.__init__(A(),1,2,3,4)))
show(lambda: (bytes(1,2,3,4)))
show(lambda: (memoryview(b'abc')[()]))
show(lambda: (memoryview(b'a').cast('c')[0], memoryview(b'a').cast('?')[0], memoryview(b'abcd').cast('f').tolist(), memoryview(b'\x00\x3c').cast('e')[0], M(b'\xff').cast('b')[0], M(b'\xff\xff').cast('H')[0], M(b'\xff\xff').cast('h').tolist(), M(bytes(8)).cast('Q')[0], M(b'\xff'*8).cast('q')[0], M(b'\xff'*8).cast('N')[0]))
show(lambda: (b'a b'.split(), b'a,b'.split(b','), b'a b c'.rsplit(None,1), b'a\nb'.splitlines(), b'abc'.partition(b'b'), A(b'abc').rpartition(b'z'), b' a '.strip(), b'xax'.strip(b'x'), A(b' a').lstrip(), b'abc'.replace(b'b',b'X'), b'aXa'.swapcase(), b'hello world'.title(), b'ab'.upper(), b'AB'.lower(), b'hELLO'.capitalize(), b'42'.zfill(5), b'a\tb'.expandtabs(4), b'a'.center(5), b'a'.ljust(3,b'-'), A(b'a').rjust(3), b','.join([b'a',A(b'b'),M(b'c')]), A(b',').join([b'x']), b''.join([b'q'])))
show(lambda: (b'abc'.find(b'c'), b'abc'.find(99), b'abcabc'.rfind(b'b'), b'abc'.count(b''), b'aaa'.count(97), b'abc'.index(b'c'), b'abc'.endswith(b'c'), b'abc'.startswith((b'x',b'a')), b'abc'.removeprefix(b'a'), b'abc'.removesuffix(b'c'), b'abc'.find(b'b',2), b'abc'.startswith(M(b'ab'))))
show(lambda: (b'abc'.isalpha(), b'a1'.isalnum(), b'12'.isdigit(), b' '.isspace(), b'Ab C'.istitle(), b'AB'.isupper(), b'ab1'.islower(), b'\x80'.isascii(), b''.isascii(), b''.isalpha()))
show(lambda: (b'abc'[1], b'abc'[1:], b'abc'[::-1], b'abc'*2, 2*b'ab', b'a'+b'b', b'a'+A(b'b'), A(b'a')+b'b', b'a'+M(b'b'), b'b' in b'abc', 98 in b'abc', b'' in b'', len(b'abc'), list(b'ab'), list(A(b'ab')), b'abc'<b'abd', max(b'abc'), sorted(b'cab'), A(b'abc')[1:], A(b'abc')[::-1], A(b'ab')*2))
