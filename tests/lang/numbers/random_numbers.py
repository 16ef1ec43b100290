# Formatting, parsing and arithmetic of numbers with random operands: a hash of each 250 rows. `PYTHON random_numbers.py SEED rows` shows the rows.
import builtins, hashlib, random, struct, sys
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
def t(f,*a):
    try: return repr(f(*a))
    except Exception as e: return type(e).__name__+': '+str(e)
def rf():
    k=r.randrange(6)
    if k==0: return struct.unpack('d',r.randbytes(8))[0]
    if k==1: return r.uniform(-1000,1000)
    if k==2: return float(r.randint(-10**18,10**18))
    if k==3: return r.choice([0.0,-0.0,1.0,-1.0,0.5,1.5,2.5,1e16,1e15,123456789.0,1e-5,1e-4,0.1,9.995,0.00001234,1e22,1e23,float('inf'),float('-inf'),float('nan'),5e-324,1.7976931348623157e308])
    if k==4: return round(r.uniform(-100,100),r.randint(0,5))
    return r.uniform(-1,1)*10**r.randint(-320,308)
def ri():
    return r.choice([0,1,-1,7,255,-256,1000,123456789,-10**12,2**31,2**61,2**62,2**63,-2**62,10**30,r.randint(-10**6,10**6),r.randint(-10**40,10**40)])
def spec():
    s=''
    if r.random()<.3: s+=r.choice(['','*','x','0','{','é',' '])+r.choice('<>=^')
    if r.random()<.3: s+=r.choice('+- ')
    if r.random()<.15: s+='z'
    if r.random()<.2: s+='#'
    if r.random()<.2: s+='0'
    if r.random()<.4: s+=str(r.randint(1,30))
    if r.random()<.25: s+=r.choice(',_')
    if r.random()<.35: s+='.'+r.choice(['','0','1','2','3','5','10','17','30'])
    if r.random()<.1: s+=r.choice(',_')
    s+=r.choice(['','','f','F','e','E','g','G','n','%','d','b','o','x','X','c','s','q','r'])
    return s
strs=['','a','héllo','日本','abc def','\U0001f600x']
for i in range(1000):
    sp=spec()
    for v in (rf(),ri(),r.choice(strs),complex(rf(),rf()),r.random()<.5):
        print(i,repr(sp),repr(v),t(format,v,sp))
for i in range(800):
    sp='%'+r.choice(['','','-','+',' ','0','#','-0','+ ','#0','0-'])+r.choice(['','','5','12','*','30'])+r.choice(['','','.2','.0','.','.*','.10'])+r.choice(['','l','h'])+r.choice('diouxXeEfFgGcrsa%bq')
    for v in (rf(),ri() % 10**9 if '*' in sp else ri(),r.choice(strs),b'ab\xff',None):
        print(i,repr(sp),repr(v),t(lambda: sp%v),t(lambda: sp%(v,)),t(lambda:sp%(r.randint(-9,9),v)),t(lambda:sp.encode()%v))
for i in range(800):
    x,y=rf(),rf(); n=ri(); m=ri()
    print(repr(x),t(hash,x) if x==x else '',t(lambda:x//y),t(lambda:x%y),t(lambda:divmod(x,y)),t(lambda:round(x)),t(lambda:round(x,r.randint(-5,20))),t(x.as_integer_ratio),t(x.hex),t(lambda:float.fromhex(x.hex())),t(int,x),t(lambda:x**y if abs(y)<50 else 0), t(lambda: x<n), t(lambda:x==n), t(lambda: n//x), t(lambda: n%x), t(lambda:n+x), t(lambda: n/m), t(lambda:n//m),t(lambda:n%m),t(lambda:divmod(n,m)),t(lambda:n&m),t(lambda:n|m),t(lambda:n^m),t(lambda:~n),t(lambda:n>>r.randint(0,100)),t(lambda:n<<r.randint(0,100)),t(lambda:pow(n,abs(m)%50,r.choice([7,-7,10**20,1]))),t(lambda: pow(n,-1,abs(m))),t(hash,n),t(n.bit_length),t(n.bit_count),t(lambda:round(n,-r.randint(0,20))),t(lambda:n.to_bytes(r.randint(0,20),r.choice(['big','little']),signed=r.random()<.5)),t(bin,n),t(hex,n),t(oct,n),t(float,n))
def rs():
    return ''.join(r.choice(['0','1','9','a','f','e','E','.','_','+','-',' ','x','b','o','n','i','j','(',')','inf','nan','١','\u2003','5','7','\n','0x','0b','z']) for _ in range(r.randint(0,7)))
for i in range(2000):
    s=rs()
    b=r.choice([0,2,8,10,16,36,37,1,3])
    print(repr(s),b,t(int,s),t(int,s,b),t(float,s),t(complex,s),t(int,s.encode()),t(float,s.encode()),t(float.fromhex,s))
for i in range(400):
    b=r.randbytes(r.randint(0,12)); print(t(int.from_bytes,b,'big'),int.from_bytes(b,'little',signed=True))
    z=complex(rf(),rf()); w=complex(r.uniform(-5,5),r.uniform(-5,5))
    print(z,repr(z),t(lambda:z*w),t(lambda:z/w),t(lambda:z-1),t(lambda:1-z),t(lambda:z+1.5),t(hash,w),t(abs,w),t(lambda:w**2),t(lambda:w**-3),t(lambda: w==1),t(z.conjugate))
# str.format
fmts=['{}','{0}','{1}','{a}','{0!r}','{0!s:>10}','{0!a}','{:{}}','{0:{1}}','{0.real}','{0[1]}','{0[a]}','{','}','{{}}','{{','}}','{0','{!}','{!x}','{0!r','{:','{0:{','{a.b}','{0.}','{0[}','{0[]}','{0[1]x}','{} {0}','{0} {}','{:{:{}}}','{ 0}','{0 }','{0!rs}','{0:}','{0!}','{-1}','{99999999999999999999}','{0[-1]}','{0[99999999999999999999999]}','{0.__class__}','{a!r:^{w}}']
for f in fmts:
    for args in ((),(1,),('ab',5),([1,2,3],4),({'a':1},2)):
        print(f,args,t(lambda:f.format(*args)),t(lambda:f.format(*args,a=1,w=9)),t(lambda:f.format_map({'a':2})))
for _ in range(249): print()
