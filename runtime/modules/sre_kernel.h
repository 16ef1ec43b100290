// The matcher for subjects of one width; sre_match.c includes it for each, with CHAR and WIDTH(name) defined.

// How many characters from `at` on, at most `max`, the operation takes.
static int64_t WIDTH(count)(const Sre *s, const uint32_t *op, int64_t at, uint64_t max) {
    const CHAR *data = s->data, *p = data + at, *end = data + s->end;
    if (max < (uint64_t)(end - p)) end = p + max;
    switch (op[0]) {
    case SRE_ANY_ALL: p = end; break;
    case SRE_ANY:
        while (p < end && *p != '\n') p++;
        break;
    case SRE_LITERAL:
        while (p < end && *p == op[1]) p++;
        break;
    case SRE_NOT_LITERAL:
        while (p < end && *p != op[1]) p++;
        break;
    case SRE_IN:
        while (p < end && sre_charset(op + 2, *p)) p++;
        break;
    default:
        while (p < end && unit(op, *p)) p++;
        break;
    }
    return p - (data + at);
}

static bool WIDTH(at_place)(const Sre *s, uint32_t kind, int64_t at) {
    const CHAR *data = s->data;
    bool (*word)(uint32_t);
    switch (kind) {
    case SRE_AT_BEGINNING: case SRE_AT_BEGINNING_STRING: return at == 0;
    case SRE_AT_BEGINNING_LINE: return at == 0 || data[at - 1] == '\n';
    case SRE_AT_END: return at == s->end || (at == s->end - 1 && data[at] == '\n');
    case SRE_AT_END_LINE: return at == s->end || data[at] == '\n';
    case SRE_AT_END_STRING: return at == s->end;
    case SRE_AT_BOUNDARY: case SRE_AT_NON_BOUNDARY: word = ascii_word; break;
    case SRE_AT_LOC_BOUNDARY: case SRE_AT_LOC_NON_BOUNDARY: word = locale_word; break;
    default: word = unicode_word; break;
    }
    bool before = at > 0 && word(data[at - 1]), here = at < s->end && word(data[at]);
    bool boundary = kind == SRE_AT_BOUNDARY || kind == SRE_AT_LOC_BOUNDARY || kind == SRE_AT_UNI_BOUNDARY;
    return (before != here) == boundary;
}

#define PUSH(...) do { SreEntry *e_ = push(s); if (UNLIKELY(!e_)) return -1; *e_ = (SreEntry){__VA_ARGS__}; } while (0)
#define NO_BARRIER ((int64_t)-1)
#define POLL()                                                                             \
    do {                                                                                   \
        if (UNLIKELY(--s->steps == 0)) {                                                   \
            s->steps = POLL_STEPS;                                                         \
            if (poll_pending(&s->t->core) && poll_slow(&s->t->core) < 0) return -1;        \
        }                                                                                  \
    } while (0)

// Matches at s->start. Leaves the stack empty and the marks as they were where it fails.
static int WIDTH(match)(Sre *s) {
    const uint32_t *code = s->code;
    const CHAR *data = s->data;
    const int64_t end = s->end;
    uint32_t pc = 0;
    int64_t at = s->start, bar = NO_BARRIER; // bar: index of the innermost barrier
    int32_t rep = -1;
    s->top = 0;
    s->nnodes = 0;
    for (;;) {
        const uint32_t *op = code + pc;
        switch (op[0]) {
        case SRE_FAILURE: goto fail;
        case SRE_INFO: pc += 1 + op[1]; continue;
        case SRE_JUMP: pc += 1 + op[1]; continue;

        case SRE_LITERAL:
            if (at >= end || data[at] != op[1]) goto fail;
            at++;
            pc += 2;
            continue;
        case SRE_ANY: case SRE_ANY_ALL:
            if (at >= end || (op[0] == SRE_ANY && data[at] == '\n')) goto fail;
            at++;
            pc += 1;
            continue;
        case SRE_IN:
            if (at >= end || !sre_charset(op + 2, data[at])) goto fail;
            at++;
            pc += 1 + op[1];
            continue;
        case SRE_IN_IGNORE: case SRE_IN_LOC_IGNORE: case SRE_IN_UNI_IGNORE:
            if (at >= end || !unit(op, data[at])) goto fail;
            at++;
            pc += 1 + op[1];
            continue;
        case SRE_CATEGORY: case SRE_NOT_LITERAL: case SRE_LITERAL_IGNORE: case SRE_NOT_LITERAL_IGNORE: case SRE_LITERAL_LOC_IGNORE:
        case SRE_NOT_LITERAL_LOC_IGNORE: case SRE_LITERAL_UNI_IGNORE: case SRE_NOT_LITERAL_UNI_IGNORE:
            if (at >= end || !unit(op, data[at])) goto fail;
            at++;
            pc += 2;
            continue;

        case SRE_AT:
            if (!WIDTH(at_place)(s, op[1], at)) goto fail;
            pc += 2;
            continue;
        case SRE_MARK:
            PUSH(.kind = MARK, .pc = op[1], .at = s->marks[op[1]], .low = s->lastindex);
            s->marks[op[1]] = at;
            if (op[1] & 1) s->lastindex = op[1] / 2 + 1;
            pc += 2;
            continue;

        case SRE_GROUPREF: case SRE_GROUPREF_IGNORE: case SRE_GROUPREF_LOC_IGNORE: case SRE_GROUPREF_UNI_IGNORE: {
            int64_t from = s->marks[op[1] * 2], to = s->marks[op[1] * 2 + 1];
            if (from < 0 || to < from || to - from > end - at) goto fail;
            for (; from < to; from++, at++)
                if (data[from] != data[at] && (op[0] == SRE_GROUPREF || fold(op[0], data[from]) != fold(op[0], data[at]))) goto fail;
            pc += 2;
            continue;
        }
        case SRE_GROUPREF_EXISTS: {
            int64_t from = s->marks[op[1] * 2], to = s->marks[op[1] * 2 + 1];
            pc += from < 0 || to < from ? 1 + op[2] : 3; // the word of the skip is at pc + 2
            continue;
        }

        case SRE_BRANCH:
            pc += 1;
        alternative: // pc is at an alternative's skip word
            for (;;) {
                uint32_t skip = code[pc];
                if (!skip) goto fail;
                const uint32_t *first = code + pc + 1;
                if ((first[0] == SRE_LITERAL && (at >= end || data[at] != first[1])) ||
                    (first[0] == SRE_IN && (at >= end || !sre_charset(first + 2, data[at])))) {
                    pc += skip;
                    continue;
                }
                if (code[pc + skip]) PUSH(.kind = ALTERNATIVE, .pc = pc + skip, .at = at, .rep = rep, .nodes = s->nnodes);
                pc += 1;
                break;
            }
            continue;

        // one character repeated
        case SRE_REPEAT_ONE: {
            if ((int64_t)op[2] > end - at) goto fail;
            uint32_t tail = pc + 1 + op[1];
            int64_t n = WIDTH(count)(s, op + 4, at, op[3] == SRE_MAXREPEAT ? UINT64_MAX : op[3]);
            if (n < (int64_t)op[2]) goto fail;
            if (n == (int64_t)op[2]) {
                at += n;
                pc = tail;
                continue;
            }
            PUSH(.kind = GREEDY, .pc = tail, .at = at + n + 1, .low = at + op[2], .rep = rep, .nodes = s->nnodes);
            goto back;
        }
        case SRE_MIN_REPEAT_ONE: {
            if ((int64_t)op[2] > end - at) goto fail;
            if (op[2]) {
                int64_t n = WIDTH(count)(s, op + 4, at, op[2]);
                if (n < (int64_t)op[2]) goto fail;
                at += n;
            }
            if (op[2] != op[3]) PUSH(.kind = LAZY, .pc = pc, .at = at, .count = op[2], .rep = rep, .nodes = s->nnodes);
            pc += 1 + op[1];
            continue;
        }
        case SRE_POSSESSIVE_REPEAT_ONE: {
            if ((int64_t)op[2] > end - at) goto fail;
            int64_t n = WIDTH(count)(s, op + 4, at, op[3] == SRE_MAXREPEAT ? UINT64_MAX : op[3]);
            if (n < (int64_t)op[2]) goto fail;
            at += n;
            pc += 1 + op[1];
            continue;
        }

        // more than a character repeated: REPEAT skip min max body UNTIL tail
        case SRE_REPEAT:
            if ((rep = node_push(s, pc, rep, 0, -1)) < 0) return -1;
            pc += 1 + op[1];
            if (code[pc] == SRE_MIN_UNTIL) goto min_until;
            goto max_until;
        case SRE_MAX_UNTIL:
        max_until: {
            POLL();
            SreNode node = s->nodes[rep];
            uint32_t min = code[node.pc + 2], max = code[node.pc + 3];
            if (node.count < min) {
                if ((rep = node_push(s, node.pc, node.outer, node.count + 1, node.last)) < 0) return -1;
                pc = node.pc + 4;
                continue;
            }
            if ((node.count < max || max == SRE_MAXREPEAT) && at != node.last) {
                PUSH(.kind = CHOICE, .pc = pc + 1, .at = at, .rep = node.outer, .nodes = s->nnodes);
                if ((rep = node_push(s, node.pc, node.outer, node.count + 1, at)) < 0) return -1;
                pc = node.pc + 4;
                continue;
            }
            rep = node.outer;
            pc += 1;
            continue;
        }
        case SRE_MIN_UNTIL:
        min_until: {
            POLL();
            SreNode node = s->nodes[rep];
            uint32_t min = code[node.pc + 2], max = code[node.pc + 3];
            if (node.count < min) {
                if ((rep = node_push(s, node.pc, node.outer, node.count + 1, node.last)) < 0) return -1;
                pc = node.pc + 4;
                continue;
            }
            if ((node.count < max || max == SRE_MAXREPEAT) && at != node.last)
                PUSH(.kind = LAZY_BODY, .at = at, .rep = rep, .nodes = s->nnodes);
            rep = node.outer;
            pc += 1;
            continue;
        }

        // barriers
        case SRE_ATOMIC_GROUP:
            PUSH(.kind = ATOMIC, .pc = pc + 1 + op[1], .at = at, .rep = rep, .nodes = s->nnodes, .low = bar);
            bar = (int64_t)s->top - 1;
            pc += 2;
            continue;
        case SRE_ASSERT: case SRE_ASSERT_NOT:
            if (at < (int64_t)op[2]) {
                if (op[0] == SRE_ASSERT) goto fail;
                pc += 1 + op[1];
                continue;
            }
            PUSH(.kind = op[0] == SRE_ASSERT ? ASSERTION : NEGATIVE, .pc = pc + 1 + op[1], .at = at, .rep = rep, .nodes = s->nnodes, .low = bar);
            bar = (int64_t)s->top - 1;
            at -= op[2];
            pc += 3;
            continue;
        case SRE_POSSESSIVE_REPEAT:
            if (op[3] == 0) {
                pc += 2 + op[1];
                continue;
            }
            PUSH(.kind = POSSESSIVE, .pc = pc, .at = at, .rep = rep, .nodes = s->nnodes, .low = bar, .count = 0);
            bar = (int64_t)s->top - 1;
            pc += 4;
            continue;

        case SRE_SUCCESS: {
            if (bar == NO_BARRIER) {
                if ((s->match_all && at != end) || (s->must_advance && at == s->start)) goto fail;
                s->at = at;
                return 1;
            }
            SreEntry b = s->stack[bar];
            rep = b.rep;
            s->nnodes = b.nodes;
            if (b.kind == NEGATIVE) {
                unwind(s, (size_t)bar);
                bar = b.low;
                goto fail;
            }
            cut(s, (size_t)bar);
            bar = b.low;
            if (b.kind == ASSERTION) at = b.at;
            if (b.kind != POSSESSIVE) {
                pc = b.pc;
                continue;
            }
            POLL();
            op = code + b.pc;
            b.count++;
            if (b.count < op[2] || ((op[3] == SRE_MAXREPEAT || b.count < op[3]) && at != b.at)) {
                PUSH(.kind = POSSESSIVE, .pc = b.pc, .at = at, .rep = rep, .nodes = s->nnodes, .low = bar, .count = b.count);
                bar = (int64_t)s->top - 1;
                pc = b.pc + 4;
                continue;
            }
            pc = b.pc + 2 + op[1];
            continue;
        }
        default: return raise_int(s->t, RUNTIME_ERROR, "invalid SRE code");
        }

    fail:
    back:
        POLL();
        for (;;) {
            if (s->top == 0) return 0;
            SreEntry *e = &s->stack[s->top - 1];
            if (e->kind == MARK) {
                s->marks[e->pc] = e->at;
                s->lastindex = e->low;
                s->top--;
                continue;
            }
            rep = e->rep;
            s->nnodes = e->nodes;
            pc = e->pc;
            at = e->at;
            switch (e->kind) {
            case CHOICE:
                s->top--;
                break;
            case ALTERNATIVE:
                s->top--;
                goto alternative;
            case GREEDY: {
                int64_t low = e->low;
                at--;
                if (code[pc] == SRE_LITERAL) {
                    uint32_t c = code[pc + 1];
                    while (at >= low && (at >= end || data[at] != c)) at--;
                    if (at < low) {
                        s->top--;
                        continue;
                    }
                }
                if (at == low) s->top--;
                else e->at = at;
                break;
            }
            case LAZY: {
                const uint32_t *one = code + pc;
                uint32_t tail = pc + 1 + one[1];
                bool literal = code[tail] == SRE_LITERAL;
                bool more = false;
                while ((e->count < one[3] || one[3] == SRE_MAXREPEAT) && at < end && unit(one + 4, data[at])) {
                    at++;
                    e->count++;
                    if (literal && (at >= end || data[at] != code[tail + 1])) continue;
                    more = true;
                    break;
                }
                if (!more) {
                    s->top--;
                    continue;
                }
                e->at = at;
                pc = tail;
                break;
            }
            case LAZY_BODY: {
                s->top--;
                SreNode node = s->nodes[rep];
                if ((rep = node_push(s, node.pc, node.outer, node.count + 1, at)) < 0) return -1;
                pc = node.pc + 4;
                break;
            }
            case NEGATIVE: // its pattern did not match: good
                bar = e->low;
                s->top--;
                break;
            case POSSESSIVE: { // no more iterations
                bar = e->low;
                uint64_t done = e->count;
                s->top--;
                if (done < code[pc + 2]) continue;
                pc += 2 + code[pc + 1];
                break;
            }
            default: // ATOMIC, ASSERTION
                bar = e->low;
                s->top--;
                continue;
            }
            break;
        }
    }
}

static int WIDTH(search)(Sre *s) {
    const uint32_t *code = s->code;
    const CHAR *data = s->data;
    int64_t at = s->start, last = s->end;
    uint32_t flags = 0;
    if (at > s->end) return 0;
    if (code[0] == SRE_INFO) {
        flags = code[2];
        if (code[3] > s->end - at) return 0;
        last = s->end - code[3];
    }
    if (flags & SRE_INFO_PREFIX && s->prefix.length) {
        if (s->prefix.width > sizeof(CHAR)) return 0;
        for (; at <= last; at++) {
            size_t found = s->prefix.length == 1 ? strsearch_char(text_of(data + at, (size_t)(s->end - at), sizeof(CHAR)), text_at(s->prefix, 0))
                                                 : strsearch_find(text_of(data + at, (size_t)(s->end - at), sizeof(CHAR)), s->prefix);
            if (found == SEARCH_NONE) return 0;
            at += (int64_t)found;
            if (at > last) return 0;
            s->start = at;
            if (flags & SRE_INFO_LITERAL) {
                s->at = at + (int64_t)s->prefix.length;
                return 1;
            }
            int result = WIDTH(match)(s);
            if (result) return result;
            s->must_advance = false;
            POLL();
        }
        return 0;
    }
    const uint32_t *first = code[0] == SRE_INFO ? code + 1 + code[1] : code;
    if (first[0] == SRE_AT && (first[1] == SRE_AT_BEGINNING || first[1] == SRE_AT_BEGINNING_STRING)) { // nowhere else
        if (at > 0) return 0;
        last = 0;
    }
    const uint32_t *set = flags & SRE_INFO_CHARSET ? code + 5 : NULL;
    for (;; at++) {
        if (set)
            while (at <= last && at < s->end && !sre_charset(set, data[at])) at++;
        if (at > last || (set && at >= s->end)) return 0;
        s->start = at;
        int result = WIDTH(match)(s);
        if (result) return result;
        s->must_advance = false;
    }
}
#undef PUSH
#undef NO_BARRIER
#undef POLL
