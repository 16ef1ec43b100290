import os, tempfile, warnings
warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())

def T(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
import array,binascii
A=array.array
T(A);T(A,5);T(A,'z');T(A,'i',5);T(A,'i',['x']);T(A,'i',[2**40]);T(A,'B',[-1]);T(A,'B',[256]);T(A,'b',[200]);T(A,'i','ab');T(A,'i',b'abcd');T(A,'i',b'abc');T(A,'f',[1,2.5]);T(A,'f',['x']);T(A,'w','aé');T(A,'w',[5]);T(A,'w',['ab']);T(A,'q',[2**63]);T(A,'Q',[-1]);T(A,'Q',[2**64]);T(A,'I',[2**32]);T(A,'L',[-1]);T(A,'h',[40000]);T(A,'H',[70000]);T(A,'i',x=5);T(A,'d',A('i',[1]));T(A,'i',[1.5])
a=A('i',[1,2,3]); T(a.append,'x');T(a.pop,9);T(A('i').pop);T(a.remove,9);T(a.index,9);T(a.__getitem__,9);T(a.__setitem__,9,1);T(a.__getitem__,'x');T(a.__setitem__,slice(0,1),[1]);T(a.__setitem__,slice(0,1),A('b',[1]));T(a.__setitem__,slice(0,3,2),A('i',[1]));T(a.__add__,[1]);T(a.__add__,A('b'));T(a.__iadd__,[1]);T(a.extend,A('b',[1]));T(a.extend,5);T(a.fromlist,5);T(a.fromlist,[1,'x']);T(a.frombytes,b'abc');T(a.frombytes,'x');T(a.fromunicode,'x');T(a.tounicode);T(a.__reduce_ex__,3);T(a.__reduce_ex__,2);T(repr,A('w','xy'));T(repr,A('d'));T(a.__mul__,2);T(a.__eq__,5);T(lambda:a<A('d',[1.5]));T(lambda: a==[1,2,3]);m=memoryview(a);T(a.append,1);T((lambda:(m.format,m.itemsize,m.shape,m.tolist(),m[1]))); T(a.byteswap); m.release(); a.byteswap(); T(lambda:a)
T(a.__delitem__,slice(0,2)); T(lambda:a);T(a.insert,0,5);T(lambda:a); T(A('b').byteswap); T(hash,a); T(array._array_reconstructor,A,'i',8,b'abcd');T(array._array_reconstructor,A,'i',99,b'abcd');T(a.__class_getitem__,int);T(a.count,5);T(a.tolist); T(a.tofile,5);T(lambda: 5 in a);T(lambda:a.itemsize);T(a.__setitem__,slice(None),5);T(a.__deepcopy__,{});T(a.index,5,1)
a=A('h',range(10)); del a[::3]; T(lambda:a); del a[::-2]; T(lambda:a); a[1:2]=A('h',[7,8,9]); T(lambda:a); a[::2]=A('h',[0]*len(a[::2])); T(lambda:a); a*=2; T(lambda:a); a+=a; T(lambda:a[-1::-3]); T(list,a[3:5]); T(lambda:bytes(a[:2]))
for x in (b'YQ==x',b'YQ==YQ==',b'YQ==YWJj',b'YQ==\n',b'YQ==x===',b'YQ==YQ=',b'YWI=YWI=',b'YWI==',b'YWI=x',b'Y=Q==',b'=YQ==',b'YWJj=',b'YWJj=YWJj',b'YWJj==YQ==',b'YQ=x=',b'YQ=x',b'====',b'',b'YQ====','YQ','YQ=','Y','é',b'Y Q==x',b'Y$Q=='):
    T(binascii.a2b_base64,x); T(binascii.a2b_base64,x,strict_mode=True)
T(binascii.a2b_hex,'abc');T(binascii.a2b_hex,'zz');T(binascii.hexlify,b'abcdef',':',2);T(binascii.hexlify,b'abcdef','-',-4);T(binascii.hexlify,b'abc','::');T(binascii.hexlify,b'abc','é');T(binascii.hexlify,'x');T(binascii.b2a_uu,b'x'*46);T(binascii.b2a_uu,b'abc\0\0');T(binascii.b2a_uu,b'abc\0\0',backtick=True);T(binascii.a2b_uu,b'%86)C  ');T(binascii.a2b_uu,b'%86)Cxxx');T(binascii.a2b_uu,b'%86)\xff');T(binascii.a2b_uu,b'');T(binascii.hexlify,b'abc',b':',0);T(binascii.hexlify,b'abc',5)
T(binascii.crc_hqx,b'abc',5);T(binascii.crc32,b'abc');T(binascii.crc32,b'abc',-1);T(binascii.a2b_qp,b'a=20b=\nc=XX=3D_',header=True);T(binascii.a2b_qp,b'a_=\r\nb==5');T(binascii.b2a_base64,b'abc',newline=False);T(binascii.b2a_base64,b'');T(binascii.Error.__mro__)
import random
r=random.Random(5)
for i in range(300):
    d=bytes(r.choice(b'ab  \t\n\r=._\xff\0!') for _ in range(r.randrange(160)))
    for q in (0,1):
        for t in (0,1):
            for h in (0,1):
                e=binascii.b2a_qp(d,q,t,h); print(e)
    print(binascii.a2b_qp(d),binascii.a2b_qp(d,True)); T(binascii.a2b_uu,d)
    assert binascii.a2b_uu(binascii.b2a_uu(d[:45]))==d[:45]; assert binascii.a2b_base64(binascii.b2a_base64(d))==d; assert binascii.unhexlify(binascii.hexlify(d))==d
