# Methods of str, normal forms and codecs with random texts: a hash of each 250 rows. `PYTHON random_text.py SEED rows` shows the rows.
import builtins, hashlib, random, sys, unicodedata
seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
pending, chunks = [], 0
def print(*values):
    global pending, chunks
    line = " ".join(map(str, values))
    if len(sys.argv) > 2:
        return builtins.print(line)
    pending.append(line)
    if len(pending) == 250:
        builtins.print(chunks, hashlib.sha256("\n".join(pending).encode()).hexdigest()[:16])
        pending, chunks = [], chunks + 1
builtins.print("seed", seed)
r = random.Random(seed)
# Each method over every character, a hash for each plane's sixteenth.
for name in ("isalnum", "isalpha", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper",
             "lower", "upper", "title", "swapcase", "casefold", "capitalize", "__repr__"):
    for start in range(0, 0x20000, 0x8000):
        text = "\0".join(str(getattr(chr(c), name)()) for c in range(start, start + 0x8000))
        builtins.print(name, hex(start), hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16])
alpha=['a','B','ß','İ','ı','Σ','σ','ς','ǆ','ǅ',' ','\t','\n','\r','\x0b','\x1c','\x85','\u2028','é','e\u0301','ﬁ','ŉ','1','٣','²','_','\u00a0','日','\U0001f600','\ud800','ᾳ','Ω','ͅ','\u0345','-','.',"'",'x','%','\u3000']
for i in range(3000):
    s=''.join(r.choice(alpha) for _ in range(r.randint(0,9)))
    sub=''.join(r.choice(alpha) for _ in range(r.randint(0,2)))
    a,b=r.randint(-10,10),r.randint(-10,10)
    out=[]
    for n in ('lower','upper','title','swapcase','casefold','capitalize','split','rsplit','splitlines','strip','lstrip','rstrip','istitle','isupper','islower','isidentifier','isspace','isalnum','isprintable','isdecimal','isdigit','isnumeric','expandtabs'):
        out.append(ascii(getattr(s,n)()))
    def t(f):
        try: return ascii(f())
        except Exception as e: return type(e).__name__+str(e)
    out+= [t(lambda:s.split(sub)),t(lambda:s.rsplit(sub,1)),t(lambda:s.split(None,1)),t(lambda:s.rsplit(None,2)),t(lambda:s.partition(sub)),t(lambda:s.rpartition(sub)),t(lambda:s.find(sub,a,b)),t(lambda:s.rfind(sub,a,b)),t(lambda:s.count(sub,a,b)),t(lambda:s.index(sub,a)),t(lambda:s.replace(sub,'<>',a)),t(lambda:s.replace(sub,'')),t(lambda:s.startswith(sub,a,b)),t(lambda:s.endswith(sub,a,b)),t(lambda:s.strip(sub)),t(lambda:s.removeprefix(sub)),t(lambda:s.removesuffix(sub)),t(lambda:s.center(a,'é')),t(lambda:s.zfill(b)),t(lambda:s.ljust(12,sub)),t(lambda:s.splitlines(True)),t(lambda:s[a:b]),t(lambda:s[a:b:r.choice([2,-1,-3])]),t(lambda:s.translate({97:None,66:'xx',223:0x10000})),t(lambda:s.encode('utf-16')),t(lambda:s.encode('latin-1','xmlcharrefreplace')),t(lambda:s.encode('ascii','backslashreplace')),t(lambda:s.encode('cp1252','replace')),t(lambda:s.encode()),t(lambda:s.encode('utf-8','surrogateescape')),t(lambda:s.encode('utf-7')),t(lambda:s.encode('idna')),t(lambda:s.encode('unicode_escape')),t(lambda:s.encode('raw_unicode_escape'))]
    for f in ('NFC','NFD','NFKC','NFKD'): out.append(ascii(unicodedata.normalize(f,s))+str(unicodedata.is_normalized(f,s)))
    print(i,'|'.join(out))
for i in range(3000):
    bs=bytes(r.choice([0x61,0xc3,0xa9,0xe2,0x82,0xac,0xf0,0x9f,0x98,0x80,0xed,0xa0,0xff,0xfe,0x00,0x2b,0x2d,0x5c,0x78,0x75,0x4e,0xd8]) for _ in range(r.randint(0,8)))
    out=[]
    for enc in ('utf-8','utf-16','utf-16-le','utf-32','utf-7','ascii','latin-1','unicode_escape','raw_unicode_escape','cp1252','utf-8-sig'):
        for err in ('strict','replace','ignore','backslashreplace','surrogateescape','surrogatepass'):
            try: out.append(ascii(bs.decode(enc,err)))
            except Exception as e: out.append(type(e).__name__+str(e))
    print(i,bs,'|'.join(out))
for _ in range(249): print()
