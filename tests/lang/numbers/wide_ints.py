# Arithmetic on ints around the sizes where their forms change: one number that stands for all results.
import random
random.seed(4)
h=0
vals=[]
for b in (1,30,61,62,63,64,65,90,124,125,126,127,128,130,200):
    for d in (-1,0,1):
        vals+= [ (1<<b)+d, -(1<<b)+d ]
    vals.append(random.getrandbits(b)); vals.append(-random.getrandbits(b))
vals += [0,1,-1,True,False]
import operator as o
class I(int): pass
vals += [I(5),I(1<<70),I(0)]
for x in vals:
    for y in vals:
        for f in (o.add,o.sub,o.mul,o.and_,o.or_,o.xor,o.floordiv,o.mod,divmod):
            try: r=f(x,y)
            except ZeroDivisionError: r=-7
            h=hash((h,r))
    for s in (0,1,5,30,61,62,63,64,65,100,125,126,127,128,300):
        h=hash((h,x<<s,x>>s,x**2,x**3,(x&1023)**s))
print(h)
