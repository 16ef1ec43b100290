import os, tempfile, warnings
warnings.simplefilter("ignore")
os.chdir(tempfile.mkdtemp())

import re
def T(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
pats=[r'a*b',r'(a|b)*c',r'(?:(a)|b)*',r'^abc$',r'(\w+)\s(\d+)',r'a{2,4}?',r'(?=abc)a',r'(?<=x)y',r'(?<!x)y',r'(?!abc)a',r'(a+)+$',r'(?P<n>.)(?P=n)',r'(?i:HeLLo)',r'[^a-c]+',r'\bfoo\b',r'(?>a+)b',r'a++b',r'(?:ab)*+c',r'(?:ab){2,3}+',r'(a)?(?(1)b|c)',r'(a)?(?(1)b)',r'(?s).+',r'(?m)^x$',r'.*?x',r'(?:a|ab)(?:c|bcd)(d*)',r'(?:.*?,){3}',r'((?:a|b)*?)c',r'(a*)*',r'(a*)+?b',r'(?:a?){3}a{3}',r'[\u0400-\u04ff]+',r'(?i)[а-я]+',r'\d+(?:\.\d+)?',r'x*',r'',r'(?:)+',r'(|a)+',r'\B',r'(?i)ß|ſ|K',r'(\d)(?:\1)+',r'(?i)(.)\1',r'[\w-]+@[\w.]+',r'(?a:\w+)',r'(?x) a  b # c',r'\Aabc\Z',r'(?:(x)|(y)|(z))*']
subs=['','aaab','ababc','abcabc','hello 42 world 7','aaaaaaa','xyxyzy','fooxfoo foo','HELLO hello','а Привет МИР ё','a\nx\nb','1,2,3,4,','abcd','aabbcc1112','ſKßk','me@x.org, you@y.com','x y\nz','aaaaaaaaaaaaaaaaaaaaaac','yzx','é9٣_']
for p in pats:
    r=re.compile(p)
    for s in subs:
        for f in ('match','search','fullmatch'):
            m=getattr(r,f)(s)
            print(p,repr(s),f, m and (m.span(),m.groups(),m.lastindex,m.lastgroup))
        print(r.findall(s), r.split(s), r.sub('<\\g<0>>',s), r.subn('-',s,2),[m.span() for m in r.finditer(s)])
bp=[rb'a(b)?',rb'\w+',rb'[\x80-\xff]',rb'(?i)ABC',rb'(?L)\w']
for p in bp:
    r=re.compile(p)
    for s in (b'',b'ab abc',b'\x80\xff',bytearray(b'abcab'),memoryview(b'xABCx')):
        print(p,bytes(s),r.findall(s),r.split(s),r.sub(b'-',s))
r=re.compile('(a)(b)?'); m=r.match('ab')
T(m.group,0,1,2);T(m.group,'x');T(m.groupdict);T(lambda:m[1]);T(m.start,1);T(m.span,2);T(m.expand,r'\2\1');T(lambda:m.regs);T(lambda:m.re is r);T(lambda:m.string);T(repr,m);T(repr,r);T(lambda:r==re.compile('(a)(b)?'));T(lambda:hash(r)==hash(re.compile('(a)(b)?')));T(lambda:r.groupindex)
T(re.sub,'a',lambda m:m.group().upper(),'banana');T(re.sub,'(a)',r'[\1]','banana',count=2);T(re.sub,'a',r'\n','ba');T(re.sub,'(x)?a',r'[\1]','ba');T(re.sub,'a','\\q','a')
s=r.scanner('ab a b'); print(s.search(),s.search(),s.search(),s.search())
s=r.scanner('aba'); print(s.match(),s.match(),s.match())
T(r.match,'xab',1);T(r.match,'xab',1,2);T(r.search,'xab',-5,100);T(re.compile('^b').search,'ab',1);T(re.compile('(?<=a)b').search,'ab',1)
T(re.escape,'a.b*c');T(re.purge);T(re.split,'(,)','a,b,,c',2);T(re.compile('(?P<x>a)').groupindex.__getitem__,'x');T(re.compile,'(');T(re.compile,'a**');T(re.compile,'(?P<a>b)(?P<a>c)')
print(len(re.match('(?:a|b)*','ab'*100000).group()), len(re.findall('[ab]','ab'*50000)), len(re.match('(?:(?:a|b)*?c)*','abc'*10000).group()))
