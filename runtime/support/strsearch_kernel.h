// The search for one pair of widths and one direction: strsearch.c includes this with
//   HAY, NEEDLE: the types of their characters      NAME(x): a name for each function      REVERSED: 0 or 1
// Two-Way (Crochemore and Perrin 1991), after a plain search whose work is bounded.
#if REVERSED
#define H(i) hay[n - 1 - (i)]
#define N(i) needle[m - 1 - (i)]
#else
#define H(i) hay[i]
#define N(i) needle[i]
#endif

// The start of the maximal suffix less one (SIZE_MAX: at the very start) and its period; with the order turned where `turn`.
static size_t NAME(maximal_suffix)(const NEEDLE *needle, size_t m, bool turn, size_t *period) {
    size_t suffix = SIZE_MAX, j = 0, k = 1, p = 1;
    while (j + k < m) {
        NEEDLE a = N(j + k), b = N(suffix + k);
        if (turn ? b < a : a < b) {
            j += k;
            k = 1;
            p = j - suffix;
        } else if (a == b) {
            if (k != p) k++;
            else {
                j += p;
                k = 1;
            }
        } else {
            suffix = j++;
            k = p = 1;
        }
    }
    *period = p;
    return suffix;
}

static size_t NAME(two_way)(const HAY *hay, size_t n, const NEEDLE *needle, size_t m, size_t from) {
    size_t p, q, a = NAME(maximal_suffix)(needle, m, false, &p), b = NAME(maximal_suffix)(needle, m, true, &q);
    size_t cut = a + 1 > b + 1 ? a + 1 : b + 1, period = a + 1 > b + 1 ? p : q;
    bool periodic = cut + period <= m;
    for (size_t i = 0; periodic && i < cut; i++) periodic = N(i) == N(i + period);
    if (!periodic) period = (cut > m - cut ? cut : m - cut) + 1;
    size_t known = 0;  // characters at the needle's start known to match
    for (size_t at = from; at + m <= n;) {
        size_t i = cut > known ? cut : known;
        while (i < m && N(i) == H(at + i)) i++;
        if (i < m) {
            at += i - cut + 1;
            known = 0;
            continue;
        }
        i = cut;
        while (i > known && N(i - 1) == H(at + i - 1)) i--;
        if (i <= known) return at;
        at += period;
        known = periodic ? m - period : 0;
    }
    return SEARCH_NONE;
}

static size_t NAME(search)(const HAY *hay, size_t n, const NEEDLE *needle, size_t m) {
    const HAY first = N(0), last = N(m - 1);
    size_t work = 0, limit = 4 * m + 64;
    for (size_t at = 0; at + m <= n; at++) {
        if (H(at) != first || H(at + m - 1) != last) continue;
        size_t i = 1;
        while (i < m && H(at + i) == N(i)) i++;
        if (i == m) return at;
        work += i;
        if (work > limit + 2 * at) return NAME(two_way)(hay, n, needle, m, at + 1);
    }
    return SEARCH_NONE;
}

#undef H
#undef N
#undef HAY
#undef NEEDLE
#undef NAME
#undef REVERSED
