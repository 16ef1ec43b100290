# Every interleaving of sync/refcount.c's steps for one object: an owner A, another thread B, a weak reference's reader C.
# One step here is one atomic access there. `python3 merge.py [variant ...]` prints the number of states and, per kind of
# failure, the shortest bad trace. Variants other than `code` are what the code must not do:
#   merged-first   the merge sets MERGED before it clears the owner
#   plain-owner    the merge stores the owner instead of comparing
#   no-weak-test   the owner's zero frees without the compare-and-swap although weak references exist
import sys
from collections import deque, namedtuple

# tA tB tC: references held (counted or, after the flip, not); ow: A, 0 (none), D (deferred); rl rs: counts; M Q X: flags
# (X = DEAD); h: heat bits stand in the shared word, which is then not 0; inq: in the queue; fr: times freed; pa pb pc: program counters; la lb lc: a local each; n: increments left
S = namedtuple('S', 'tA tB tC ow rl rs M Q X inq fr pa pb pc la lb lc n weak fl h')

class Bad(Exception):
    pass

def steps(s, v):
    out = []
    def add(label, **k):
        out.append((label, s._replace(**k)))
    def touch(who):
        if s.fr:
            raise Bad('use after free by ' + who)

    # A release that is not the owner's; returns (changes, next pc) of its compare-and-swap
    def foreign_release(owner, tok, who):
        touch(who)
        if s.X:
            raise Bad('release of a dead object by ' + who)
        d = {tok: getattr(s, tok) - 1}
        if s.M:
            if s.rs == 1:
                return dict(d, rs=0, X=1, fr=s.fr + 1), 0
            return dict(d, rs=s.rs - 1), 0
        if s.rs <= 0 and not s.Q:
            return dict(d, Q=1), ('push', owner)
        return dict(d, rs=s.rs - 1), 0

    # ---- A, the owner ----
    if s.pa == 0:
        if s.tA and s.n:
            add('A.inc owner', pa='inc', n=s.n - 1)
        if s.tA:
            add('A.dec owner', pa='dec')
            add('A->B', tA=s.tA - 1, tB=s.tB + 1)
        if s.inq:
            add('A.drain pop', inq=s.inq - 1, pa='d0')
    elif s.pa == 'inc':
        touch('A')
        if s.ow == 'A':
            add('A.inc', rl=s.rl + 1, tA=s.tA + 1, pa=0)
        elif s.ow == 'D':
            add('A.inc none', tA=s.tA + 1, pa=0)
        else:
            add('A.inc shared', rs=s.rs + 1, tA=s.tA + 1, pa=0)
    elif s.pa == 'dec':
        touch('A')
        if s.ow == 'A':
            add('A saw itself', pa='dec-local')
        elif s.ow == 'D':
            add('A.dec none', tA=s.tA - 1, pa=0)
        else:
            add('A saw none', pa='dec-shared')
    elif s.pa == 'dec-shared':
        ch, pc = foreign_release('0', 'tA', 'A')
        if pc:
            raise Bad('A queues an object that has no owner')
        add('A.dec shared', pa=0, **ch)
    elif s.pa == 'dec-local':
        touch('A')
        add('A.--local', rl=s.rl - 1, tA=s.tA - 1, pa='z1' if s.rl == 1 else 0)
    elif s.pa == 'z1':
        touch('A')
        zero = s.rs == 0 and not s.M and not s.Q and not s.h
        if zero and (not s.weak or v == 'no-weak-test'):
            add('A.saw 0, frees', pa='zf')
        elif zero:
            add('A.saw 0', pa='z2')
        else:
            add('A.saw others', pa='z3')
    elif s.pa == 'zf':
        add('A.free', X=1, fr=s.fr + 1, pa=0)
    elif s.pa == 'z2':
        touch('A')
        if s.rs == 0 and not s.M and not s.Q and not s.h:
            add('A.cas 0->DEAD', M=1, X=1, fr=s.fr + 1, pa=0)
        else:
            add('A.cas 0 fails', pa='z3')
    elif s.pa == 'z3':
        touch('A')
        if v == 'merged-first':
            if s.rs == 0 and not s.Q:
                add('A.MERGED|DEAD', M=1, X=1, fr=s.fr + 1, pa=0)
            else:
                add('A.MERGED', M=1, pa='z4')
        elif s.ow == 'A' or v == 'plain-owner':
            add('A.owner=NONE', ow='0', pa='z4')
        else:
            add('A.owner cas fails', pa=0)
    elif s.pa == 'z4':
        touch('A')
        if v == 'merged-first':
            add('A.owner=NONE', ow='0' if s.ow == 'A' else s.ow, pa=0)
        elif s.rs == 0 and not s.Q:
            add('A.MERGED|DEAD', M=1, X=1, fr=s.fr + 1, pa=0)
        else:
            add('A.MERGED', M=1, pa=0)
    elif s.pa == 'd0':
        touch('A.drain')
        if s.ow == 'A':
            add('A.drain owner=NONE', ow='0', la=s.rl, rl=0, pa='d1')
        elif s.ow == 'D':
            add('A.drain deferred', pa=0)
        else:
            add('A.drain merged before', la=0, pa='d1')
    elif s.pa == 'd1':
        touch('A.drain')
        c = s.rs + s.la - 1
        if c < 0:
            raise Bad('merge below zero')
        add('A.drain merge', rs=c, M=1, Q=0, h=0, la=0, pa=0, **(dict(X=1, fr=s.fr + 1) if c == 0 else {}))

    # ---- B ----
    if s.pb == 0:
        if s.tB:
            if s.n:
                add('B.inc owner', pb='inc', lb=s.ow, n=s.n - 1)
            add('B.dec owner', pb='dec', lb=s.ow)
            add('B->A', tB=s.tB - 1, tA=s.tA + 1)
            if s.fl:
                add('B.flip', pb='flip', fl=0)
            if not s.h:
                add('B.look', pb='look')
    elif s.pb == 'inc':
        touch('B')
        add('B.inc', rs=s.rs + (s.lb != 'D'), tB=s.tB + 1, pb=0)
    elif s.pb == 'dec':
        touch('B')
        if s.lb == 'D':
            add('B.dec none', tB=s.tB - 1, pb=0)
        else:
            ch, pc = foreign_release(s.lb, 'tB', 'B')
            if pc:
                if pc[1] == '0':
                    raise Bad('B queues an object that has no owner')
            add('B.cas', pb='push' if pc else 0, **ch)
    elif s.pb == 'look':  # the compare-and-swap is tried until it holds: one step
        touch('B.look')
        add('B.warm', h=1, pb=0)
    elif s.pb == 'push':
        add('B.push', inq=s.inq + 1, pb=0)
    elif s.pb == 'flip':
        touch('B.flip')
        add('B.owner=D', ow='D', pb=0)

    # ---- C: one weak dereference, whose memory a grace period keeps, and the release of what it got ----
    if s.weak:
        if s.pc == 0:
            add('C.owner', pc='try', lc=s.ow)
        elif s.pc == 'try':
            if s.X:
                add('C.dead', pc='end')
            elif s.lc == 'D':
                add('C.got uncounted', tC=1, pc='use')
            else:
                add('C.got', rs=s.rs + 1, tC=1, pc='use')
        elif s.pc == 'use':
            touch('C')
            add('C.dec owner', pc='dec', lc=s.ow)
        elif s.pc == 'dec':
            touch('C')
            if s.lc == 'D':
                add('C.dec none', tC=0, pc='end')
            else:
                ch, pc = foreign_release(s.lc, 'tC', 'C')
                if pc and pc[1] == '0':
                    raise Bad('C queues an object that has no owner')
                add('C.cas', pc='push' if pc else 'end', **ch)
        elif s.pc == 'push':
            add('C.push', inq=s.inq + 1, pc='end')
    return out

def judge(s):
    if s.fr > 1:
        return 'freed twice'
    if s.fr and (s.tA or s.tB or s.tC):
        return 'freed while referenced'
    if s.fr and s.inq:
        return 'freed while queued'
    if s.fr and s.ow == 'D':
        return 'freed although deferred'

def run(v, tA, tB, n, weak, fl):
    s0 = S(tA, tB, 0, 'A', tA + tB, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n, weak, fl, 0)
    seen, queue, bad = {s0: None}, deque([s0]), {}
    def trace(s, last):
        t = [last] if last else []
        while seen[s]:
            s, label = seen[s]
            t.append(label)
        return t[::-1]
    while queue:
        s = queue.popleft()
        try:
            nexts = steps(s, v)
        except Bad as e:
            bad.setdefault(str(e), trace(s, None))
            continue
        if not nexts and not s.fr and s.ow != 'D':
            bad.setdefault('leaked', trace(s, None))
        for label, t in nexts:
            why = judge(t)
            if why:
                bad.setdefault(why, trace(s, label))
            elif t not in seen:
                seen[t] = (s, label)
                queue.append(t)
    return len(seen), bad

if __name__ == '__main__':
    failed = False
    for v in sys.argv[1:] or ['code', 'merged-first', 'plain-owner', 'no-weak-test']:
        total, found = 0, {}
        for tA, tB in ((2, 0), (1, 1), (3, 0), (2, 1)):
            for weak in (0, 1):
                for fl in (0, 1):
                    n, bad = run(v, tA, tB, 2, weak, fl)
                    total += n
                    for k, t in bad.items():
                        if k not in found or len(t) < len(found[k]):
                            found[k] = t
        print(v, total, 'states', 'holds' if not found else '')
        for k, t in found.items():
            print('   ', k + ':', ' / '.join(t))
        failed |= bool(found) and v == 'code'
    sys.exit(failed)
