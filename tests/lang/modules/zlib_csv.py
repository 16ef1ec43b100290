import os, tempfile, warnings
warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())

import zlib,_csv,csv,io
def T(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
T(zlib.compress,5);T(zlib.compress,b'x',99);T(zlib.compress,b'x',level=1,wbits=-15);T(zlib.decompress,b'x');T(zlib.decompress,zlib.compress(b'abc')[:-1]);T(zlib.decompress,zlib.compress(b'abc')+b'x');T(zlib.decompress,b'',bufsize=0);T(zlib.decompress,b'',bufsize=-1);T(zlib.compressobj,99);T(zlib.compressobj,wbits=99);T(zlib.decompressobj,99);T(zlib.adler32,b'abc',-1);T(zlib.crc32,b'abc',5)
c=zlib.compressobj(); d=c.compress(b'a'*1000)+c.flush(zlib.Z_SYNC_FLUSH); c2=c.copy(); d1=d+c.flush(); T(c.flush);T(c.compress,b'x');T(c.flush,99);T(c.copy)
o=zlib.decompressobj(); T(o.decompress,d1[:5]);T(o.decompress,d1[5:]+b'tail',10);T(lambda:(len(o.unconsumed_tail),o.unused_data,o.eof));T(o.decompress,o.unconsumed_tail);T(lambda:(o.unconsumed_tail,o.unused_data,o.eof));T(o.flush);T(o.flush,0);T(o.decompress,b'',-1);T(o.copy);T(o.decompress,b'more');T(lambda:o.unused_data)
T(zlib.decompressobj,zdict=5);z=zlib.compressobj(zdict=b'hello'); x=z.compress(b'hello hello')+z.flush(); T(zlib.decompressobj(zdict=b'hello').decompress,x);T(zlib.decompressobj().decompress,x)
p=zlib._ZlibDecompressor(); T(p.decompress,d1[:4],5); T(lambda:p.needs_input); T(p.decompress,d1[4:],5);T(lambda:p.needs_input); T(p.decompress,b'',5);T(p.decompress,b'');T(lambda:(p.eof,p.unused_data,p.needs_input));T(type(c).__name__);T(type(c).__name__);T(type(o));T(zlib.error.__mro__)
T(zlib.compress,b'',0);T(o.__copy__) ;T(zlib.ZLIB_VERSION.__class__)
R=lambda s,**k:list(csv.reader(io.StringIO(s,newline=''),**k))
T(R,'a,b\n"c ""d",e\r\n\n f , g');T(R,"a;'b;c';d",delimiter=';',quotechar="'");T(R,'a,"b\nc",d\n');T(R,'a,"b');T(R,'a,"b',strict=True);T(R,'"a"b,c',strict=True);T(R,'"a"b,c');T(R,'1,"2",x',quoting=csv.QUOTE_NONNUMERIC);T(R,'1,"2",3.5',quoting=csv.QUOTE_NONNUMERIC);T(R,'a\\,b,c',escapechar='\\');T(R,'a,"b"',quoting=csv.QUOTE_NONE);T(R,'a,,"",b',quoting=csv.QUOTE_NOTNULL);T(R,'1,,"",b',quoting=csv.QUOTE_STRINGS);T(R,'1,,""',quoting=csv.QUOTE_STRINGS);T(R,'a, b',skipinitialspace=True);T(R,'a, "b"',skipinitialspace=True);T(R,'a\rb');T(R,'a\0b')
T(csv.reader,5);T(list,csv.reader([5]));T(list,csv.reader(['a\nb','c']));T(list,csv.reader(['a\rb']));T(csv.reader,[],delimiter='ab');T(csv.reader,[],delimiter='');T(csv.reader,[],delimiter=5);T(csv.reader,[],delimiter=None);T(csv.reader,[],quotechar='ab');T(csv.reader,[],quoting=99);T(csv.reader,[],quoting='x');T(csv.reader,[],lineterminator=None);T(csv.reader,[],lineterminator=5);T(csv.reader,[],foo=1);T(csv.reader,[],'nope');T(csv.reader,[],delimiter='\n');T(csv.reader,[],escapechar=' ',skipinitialspace=True);T(csv.reader,[],quotechar=' ',skipinitialspace=True);T(csv.reader,[],quotechar=',');T(csv.reader,[],escapechar='"');T(csv.reader,[],lineterminator='"');T(csv.reader,[],quotechar='\n');T(csv.reader,[],quotechar='')
def W(rows,**k):
    s=io.StringIO(newline=''); w=csv.writer(s,**k); r=[w.writerow(x) for x in rows]; return s.getvalue(),r
rows=[['a','b c','d,e','f"g','h\ni',1,2.5,None,''],[],[''],[None],[' x '],['\r'],[True,b'x']]
for q in range(6): T(W,rows,quoting=q);T(W,rows,quoting=q,escapechar='\\');T(W,rows,quoting=q,escapechar='\\',doublequote=False);T(W,rows,quoting=q,delimiter=' ',quotechar=None if q==3 else "'",lineterminator='!')
T(W,[5]);T(W,['abc']);T(W,[[1]],doublequote=False);T(W,[['a"b']],doublequote=False);T(W,[['a']],quotechar=None);T(W,[['a\\b']],escapechar='\\');T(W,[['a\\b']],escapechar='\\',quoting=3);T(W,[['']],quoting=3);T(W,[['','']],quoting=3);T(csv.writer,5);T(csv.writer(io.StringIO()).writerows,5);T(W,[[' a']],skipinitialspace=True,delimiter=' ');T(W,[['',' ']],delimiter=' ',skipinitialspace=True)
class F:
    def write(self,s): return len(s)*2
T(csv.writer(F()).writerow,['a']);T(csv.list_dialects);T(csv.get_dialect,'x');T(csv.register_dialect,5);T(csv.register_dialect,'x',delimiter=';');d=csv.get_dialect('x');T(lambda:(d.delimiter,d.quotechar,d.escapechar,d.lineterminator,d.quoting,d.doublequote,d.skipinitialspace,d.strict));T(csv.unregister_dialect,'x');T(csv.unregister_dialect,'x');T(csv.field_size_limit);T(csv.field_size_limit,3);T(R,'abcd');T(csv.field_size_limit,'x');T(csv.field_size_limit,131072);T(setattr,d,'delimiter',',');T(csv.Dialect);T(d.__reduce__);r=csv.reader(['a','b']);next(r);T(lambda:r.line_num);T(lambda:r.dialect.__class__);T(type(r));T(type(csv.writer(io.StringIO())))
T(lambda:list(csv.DictReader(io.StringIO('a,b\n1,2'))));T(csv.Sniffer().sniff,'a;b\n1;2\n')
class E(csv.excel): delimiter='|'
T(R,'a|b',dialect=E);T(R,'a|b',dialect=E());T(R,'a|b',dialect=5)
