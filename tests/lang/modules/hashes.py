# Hash functions: every length around a block, one piece and many; BLAKE2 with all its parameters; refused arguments.
import hashlib, random
for n in ('md5','sha1','sha224','sha256','sha384','sha512','sha3_224','sha3_256','sha3_384','sha3_512','blake2b','blake2s','shake_128','shake_256'):
    import _md5,_sha1,_sha2,_sha3,_blake2
    f={**vars(_md5),**vars(_sha1),**vars(_sha2),**vars(_sha3),**vars(_blake2)}[n]
    out=[]
    for k in list(range(0,300,7))+[55,56,57,63,64,65,111,112,113,119,120,127,128,129,136,144,168,1000,100003]:
        d=bytes((i*7+k)&255 for i in range(k))
        h=f(d); g=f()
        for i in range(0,len(d),37): g.update(d[i:i+37])
        a=(40,) if n.startswith('shake') else ()
        assert h.digest(*a)==g.digest(*a)==h.copy().digest(*a)
        assert h.hexdigest(*a)==h.digest(*a).hex()
        out.append(h.hexdigest(*a))
    print(n, hash(tuple(int(x,16)%(2**61-1) for x in out)))
print(_blake2.blake2b(b'abc',digest_size=20,key=b'k'*64,salt=b'salt',person=b'pp',fanout=2,depth=3,leaf_size=4,node_offset=5,node_depth=6,inner_size=7,last_node=True).hexdigest())
print(_blake2.blake2s(b'abc',digest_size=20,key=b'k'*32,salt=b'salt',person=b'pp',fanout=2,depth=3,leaf_size=4,node_offset=1<<40,node_depth=6,inner_size=7,last_node=True).hexdigest())
print(len(_sha3.shake_128(b'x').digest(100000)), hash(int.from_bytes(_sha3.shake_256(b'x').digest(5000))))
import hmac
print(hmac.new(b'k',b'm','sha256').hexdigest(), hashlib.new('md5',b'x').hexdigest())
random.seed('abc'); print(random.random())


def refused(function, *args, **keywords):
    try:
        return function(*args, **keywords).hexdigest()
    except (TypeError, ValueError, OverflowError) as e:
        return type(e).__name__, str(e)


print(refused(hashlib.md5, "text"), refused(_sha2.sha256, 3), refused(_md5.md5, b"", string=b""), refused(type(_md5.md5())))
for keywords in ({"digest_size": 0}, {"digest_size": 65}, {"key": b"k" * 65}, {"salt": b"s" * 17}, {"person": "p"}, {"fanout": 256}, {"depth": 0},
                 {"leaf_size": -1}, {"leaf_size": 1 << 32}, {"node_offset": 1 << 64}, {"node_offset": "a"}, {"inner_size": 65}, {"last_node": 2}):
    print(keywords, refused(_blake2.blake2b, **keywords), refused(_blake2.blake2s, **keywords))
h = _sha3.shake_128()
print(refused(h.digest, -1), refused(h.digest, 1 << 30), h.digest_size, h.block_size, h._capacity_bits, h._rate_bits, h._suffix)

# Threads that take input into one object: each piece whole.
import threading

shared = hashlib.sha256()
threads = [threading.Thread(target=lambda: [shared.update(b"a" * 5000) for _ in range(20)]) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shared.hexdigest() == hashlib.sha256(b"a" * 400000).hexdigest())
