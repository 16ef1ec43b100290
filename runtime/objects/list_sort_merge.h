// One instance of the merge sort of list_sort.c; included there once per kind of key and record. No include guard on purpose.
//   RECORD        the type of what is moved: its `key` decides
//   LESS(s, a, b) 1, 0, or -1 with an exception, for two keys
//   CHEAP         1 where LESS is a few instructions that cannot fail: then no branch depends on what it says
//   NAMED(x)      gives the instance's functions their names
// A stable merge sort of natural runs: binary insertion for short ones, merging in powersort's order (Munro and Wild, "Nearly-
// Optimal Mergesorts", ESA 2018), exponential search where one run keeps winning (McIlroy 1993). Whatever fails leaves a permutation.

// Where `key` belongs in the sorted a[0, n): before its equals. Searches in growing steps from the start. -1: failed.
static int64_t NAMED(gallop_left)(Sort *s, WORD key, const RECORD *a, int64_t n) {
    int64_t low = 0, high = 1;
    while (high <= n) {
        int r = LESS(s, a[high - 1].key, key);
        if (r < 0) return -1;
        if (!r) break;
        low = high;
        high = 2 * high + 1;
    }
    if (high > n) high = n + 1;
    for (high--; low < high;) { // a[low - 1] < key <= a[high]
        int64_t middle = low + (high - low) / 2;
        int r = LESS(s, a[middle].key, key);
        if (r < 0) return -1;
        if (r) low = middle + 1;
        else high = middle;
    }
    return low;
}
// The same, behind its equals.
static int64_t NAMED(gallop_right)(Sort *s, WORD key, const RECORD *a, int64_t n) {
    int64_t low = 0, high = 1;
    while (high <= n) {
        int r = LESS(s, key, a[high - 1].key);
        if (r < 0) return -1;
        if (r) break;
        low = high;
        high = 2 * high + 1;
    }
    if (high > n) high = n + 1;
    for (high--; low < high;) { // a[low - 1] <= key < a[high]
        int64_t middle = low + (high - low) / 2;
        int r = LESS(s, key, a[middle].key);
        if (r < 0) return -1;
        if (r) high = middle;
        else low = middle + 1;
    }
    return low;
}
// The same two, searching from the end.
static int64_t NAMED(gallop_left_back)(Sort *s, WORD key, const RECORD *a, int64_t n) {
    int64_t low = n, step = 1;
    for (;; step *= 2) {
        low = n - step;
        if (low < 0) {
            low = 0;
            break;
        }
        int r = LESS(s, a[low].key, key);
        if (r < 0) return -1;
        if (r) {
            low++;
            break;
        }
    }
    int64_t high = step == 1 ? n : n - step / 2; // !(a[high] < key) or high == n
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int r = LESS(s, a[middle].key, key);
        if (r < 0) return -1;
        if (r) low = middle + 1;
        else high = middle;
    }
    return low;
}
static int64_t NAMED(gallop_right_back)(Sort *s, WORD key, const RECORD *a, int64_t n) {
    int64_t low = n, step = 1;
    for (;; step *= 2) {
        low = n - step;
        if (low < 0) {
            low = 0;
            break;
        }
        int r = LESS(s, key, a[low].key);
        if (r < 0) return -1;
        if (!r) {
            low++;
            break;
        }
    }
    int64_t high = step == 1 ? n : n - step / 2; // key < a[high] or high == n
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int r = LESS(s, key, a[middle].key);
        if (r < 0) return -1;
        if (r) high = middle;
        else low = middle + 1;
    }
    return low;
}

// The length of the run that starts at `a`; a strictly descending one is turned around.
static int64_t NAMED(run)(Sort *s, RECORD *a, int64_t n) {
    if (n < 2) return n;
    int64_t end = 2;
    int down = LESS(s, a[1].key, a[0].key);
    if (down < 0) return -1;
    for (; end < n; end++) {
        int r = LESS(s, a[end].key, a[end - 1].key);
        if (r < 0) return -1;
        if (r != down) break;
    }
    if (down)
        for (int64_t i = 0, j = end - 1; i < j; i++, j--) {
            RECORD x = a[i];
            a[i] = a[j];
            a[j] = x;
        }
    return end;
}

// Sorts a[0, n), of which a[0, sorted) is sorted.
static int NAMED(insertion)(Sort *s, RECORD *a, int64_t n, int64_t sorted) {
    for (int64_t i = sorted; i < n; i++) {
        RECORD pivot = a[i];
        int64_t low = 0, high = i;
        for (int64_t length = i; CHEAP && length > 0;) {
            int64_t half = (length + 1) / 2, stay = LESS(s, pivot.key, a[low + half - 1].key);
            low += half & (stay - 1);
            length -= half;
        }
        while (!CHEAP && low < high) {
            int64_t middle = low + (high - low) / 2;
            int r = LESS(s, pivot.key, a[middle].key);
            if (r < 0) return -1;
            if (r) high = middle;
            else low = middle + 1;
        }
        memmove(a + low + 1, a + low, (size_t)(i - low) * sizeof *a);
        a[low] = pivot;
    }
    return 0;
}

#if CHEAP
// Some steps of a merge in which neither side can run out: as many as are left of the shorter one, STRIDE at most. How many were b's.
static inline int64_t NAMED(steps_low)(RECORD **to, RECORD **p, const RECORD *p_end, RECORD **b, const RECORD *b_end, int64_t *n) {
    RECORD *out = *to, *x = *p, *y = *b;
    *n = p_end - x < b_end - y ? p_end - x : b_end - y;
    if (*n > STRIDE) *n = STRIDE;
    for (int64_t i = 0; i < *n; i++) {
        int64_t take = LESS(NULL, y->key, x->key);
        *out++ = *(take ? y : x);
        y += take;
        x += 1 - take;
    }
    int64_t wins = y - *b;
    *to = out, *p = x, *b = y;
    return wins;
}
static inline int64_t NAMED(steps_high)(RECORD **to, RECORD **p, const RECORD *p_start, RECORD **q, const RECORD *q_start, int64_t *n) {
    RECORD *out = *to, *x = *p, *y = *q;
    *n = x - p_start < y - q_start ? x - p_start : y - q_start;
    if (*n > STRIDE) *n = STRIDE;
    for (int64_t i = 0; i < *n; i++) {
        int64_t take = LESS(NULL, y[-1].key, x[-1].key); // of a: the greater
        *--out = *(take ? x - 1 : y - 1);
        x -= take;
        y -= 1 - take;
    }
    int64_t wins = *q - y;
    *to = out, *p = x, *q = y;
    return wins;
}
#endif

// Merges a[0, na) with b[0, nb), which follows it, from the left: a waits in the buffer.
static int NAMED(merge_low)(Sort *s, RECORD *a, int64_t na, RECORD *b, int64_t nb) {
    RECORD *to = a, *p = s->buffer, *p_end = p + na, *q_end = b + nb;
    int64_t wins_a = 0, wins_b = 0, k;
    int result = -1;
    memcpy(p, a, (size_t)na * sizeof *a);
    while (p < p_end && b < q_end) {
#if CHEAP
        for (int64_t n, b_wins;;) {
            b_wins = NAMED(steps_low)(&to, &p, p_end, &b, q_end, &n);
            if (UNLIKELY((s->steps += (uint64_t)n) > 8191) && (s->steps = 0, poll_check(&s->t->core) < 0)) goto done;
            if (p == p_end || b == q_end) goto merged;
            if (n == STRIDE && (b_wins == 0 || b_wins == n)) break;
        }
#else
        do {
            int r = LESS(s, b->key, p->key);
            if (r < 0) goto done;
            if (r) {
                *to++ = *b++;
                wins_b++;
                wins_a = 0;
            } else {
                *to++ = *p++;
                wins_a++;
                wins_b = 0;
            }
            if (UNLIKELY((++s->steps & 8191) == 0) && poll_check(&s->t->core) < 0) goto done;
            if (p == p_end || b == q_end) goto merged;
        } while ((wins_a | wins_b) < s->gallop);
#endif
        s->gallop++;
        do {
            s->gallop -= s->gallop > 1;
            if ((k = NAMED(gallop_right)(s, b->key, p, p_end - p)) < 0) goto done;
            memcpy(to, p, (size_t)k * sizeof *p);
            to += k;
            p += k;
            wins_a = k;
            if (p == p_end) goto merged;
            *to++ = *b++;
            if (b == q_end) goto merged;
            if ((k = NAMED(gallop_left)(s, p->key, b, q_end - b)) < 0) goto done;
            memmove(to, b, (size_t)k * sizeof *b);
            to += k;
            b += k;
            wins_b = k;
            if (b == q_end) goto merged;
            *to++ = *p++;
            if (p == p_end) goto merged;
        } while (wins_a >= GALLOP_START || wins_b >= GALLOP_START);
        s->gallop++;
        wins_a = wins_b = 0;
    }
merged:
    result = 0;
done:
    memcpy(to, p, (size_t)(p_end - p) * sizeof *p); // fills the gap before what is left of b
    return result;
}

// The same from the right: b waits in the buffer.
static int NAMED(merge_high)(Sort *s, RECORD *a, int64_t na, RECORD *b, int64_t nb) {
    RECORD *start = s->buffer, *q = start + nb, *p = a + na, *to = b + nb; // each one behind its next
    int64_t wins_a = 0, wins_b = 0, k;
    int result = -1;
    memcpy(start, b, (size_t)nb * sizeof *b);
    while (p > a && q > start) {
#if CHEAP
        for (int64_t n, b_wins;;) {
            b_wins = NAMED(steps_high)(&to, &p, a, &q, start, &n);
            if (UNLIKELY((s->steps += (uint64_t)n) > 8191) && (s->steps = 0, poll_check(&s->t->core) < 0)) goto done;
            if (p == a || q == start) goto merged;
            if (n == STRIDE && (b_wins == 0 || b_wins == n)) break;
        }
#else
        do {
            int r = LESS(s, q[-1].key, p[-1].key);
            if (r < 0) goto done;
            if (r) {
                *--to = *--p;
                wins_a++;
                wins_b = 0;
            } else {
                *--to = *--q;
                wins_b++;
                wins_a = 0;
            }
            if (UNLIKELY((++s->steps & 8191) == 0) && poll_check(&s->t->core) < 0) goto done;
            if (p == a || q == start) goto merged;
        } while ((wins_a | wins_b) < s->gallop);
#endif
        s->gallop++;
        do {
            s->gallop -= s->gallop > 1;
            if ((k = NAMED(gallop_right_back)(s, q[-1].key, a, p - a)) < 0) goto done;
            wins_a = (p - a) - k;
            to -= wins_a;
            p -= wins_a;
            memmove(to, p, (size_t)wins_a * sizeof *p);
            if (p == a) goto merged;
            *--to = *--q;
            if (q == start) goto merged;
            if ((k = NAMED(gallop_left_back)(s, p[-1].key, start, q - start)) < 0) goto done;
            wins_b = (q - start) - k;
            to -= wins_b;
            q -= wins_b;
            memcpy(to, q, (size_t)wins_b * sizeof *q);
            if (q == start) goto merged;
            *--to = *--p;
            if (p == a) goto merged;
        } while (wins_a >= GALLOP_START || wins_b >= GALLOP_START);
        s->gallop++;
        wins_a = wins_b = 0;
    }
merged:
    result = 0;
done:
    memcpy(to - (q - start), start, (size_t)(q - start) * sizeof *q);
    return result;
}

// Merges the two runs on top of the stack.
static int NAMED(merge_top)(Sort *s, RECORD *base) {
    SortRun *left = &s->runs[s->nruns - 2], *right = left + 1;
    RECORD *a = base + left->start, *b = base + right->start;
    int64_t na = left->length, nb = right->length;
    left->length = na + nb;
    s->nruns--;
    int64_t k = NAMED(gallop_right)(s, b->key, a, na); // what is in place already
    if (k < 0) return -1;
    a += k;
    na -= k;
    if (na == 0) return 0;
    nb = NAMED(gallop_left_back)(s, a[na - 1].key, b, nb);
    if (nb <= 0) return (int)nb;
    return na <= nb ? NAMED(merge_low)(s, a, na, b, nb) : NAMED(merge_high)(s, a, na, b, nb);
}

static int NAMED(sort)(Sort *s, RECORD *a, int64_t n) {
    int64_t shortest = n, odd = 0;
    for (; shortest >= 64; shortest >>= 1) odd |= shortest & 1;
    shortest += odd;
    for (int64_t start = 0; start < n;) {
        int64_t length = NAMED(run)(s, a + start, n - start);
        if (length < 0) return -1;
        if (length < shortest) {
            int64_t wanted = n - start < shortest ? n - start : shortest;
            if (NAMED(insertion)(s, a + start, wanted, length) < 0) return -1;
            length = wanted;
        }
        if (s->nruns) {
            int power = run_power(&s->runs[s->nruns - 1], length, n);
            while (s->nruns > 1 && s->runs[s->nruns - 2].power > power)
                if (NAMED(merge_top)(s, a) < 0) return -1;
            s->runs[s->nruns - 1].power = power;
        }
        s->runs[s->nruns++] = (SortRun){start, length, 0};
        start += length;
        if (poll_check(&s->t->core) < 0) return -1;
    }
    while (s->nruns > 1)
        if (NAMED(merge_top)(s, a) < 0) return -1;
    return 0;
}
#undef RECORD
#undef LESS
#undef CHEAP
#undef NAMED
