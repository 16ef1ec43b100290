// The compiler's tables and its memory. What compiled code does is tested by all the programs of tests/lang and tests/threads.
#include <criterion/criterion.h>
#include <string.h>
#include "jit/code_cache.h"
#include "jit/stencil.h"

static bool is_compiled(const OpInfo *info) { return strncmp(info->meaning, "not compiled", 12) != 0; }

Test(stencils, every_operation_is_in_the_tables) {
    // No stencil: they become another instruction, or are what only the interpreter has.
    static const uint16_t out_of_line[] = {OP_WIDE, OP_TRACED, OP_ENTER_INIT, OP_EXIT};
    for (uint16_t op = 0; op < OP_COUNT; op++) {
        bool found = false, excepted = !is_compiled(&op_info[op]);
        for (size_t i = 0; i < stencil_count; i++) found |= stencil_rows[i].op == op;
        for (size_t i = 0; i < sizeof out_of_line / sizeof *out_of_line; i++) excepted |= out_of_line[i] == op;
        cr_expect(stencil_slow_ops[op] != NULL, "%s is nowhere", op_info[op].name);
        // END_ASYNC_FOR compares with data of the program; CALL_LIST_APPEND with a function of it.
        if (op == OP_END_ASYNC_FOR || op == OP_CALL_LIST_APPEND) continue;
#if !defined SKEIN_CHECK && !defined SKEIN_ASAN && !defined SKEIN_TSAN // whose checks refer to texts and functions of the stencils' own
        if (!found) cr_expect(excepted, "%s has no stencil", op_info[op].name);
#else
        (void)found, (void)excepted;
#endif
    }
}
Test(stencils, relocations_lie_in_their_parts) {
    for (size_t i = 0; i < stencil_count; i++) {
        const Stencil *s = &stencil_rows[i];
        for (int k = 0; k < s->hot_relocations + s->cold_relocations; k++) {
            const StencilRelocation *r = &s->relocations[k];
            int bytes = r->kind == ABS64 ? 8 : 4;
            cr_expect(r->offset + bytes <= (k < s->hot_relocations ? s->hot_bytes : s->cold_bytes), "%s, variant %d", op_info[s->op].name, s->variant);
            cr_expect(r->place != TO_HOLE || r->which < HOLE_COUNT);
        }
    }
}

Test(code_cache, what_is_written_is_what_is_executed) {
    cr_assert(code_cache_init(1 << 20));
    CodeBlock a, b;
    cr_assert(code_cache_alloc(100, &a));
    cr_assert(code_cache_alloc(100, &b));
    cr_assert(a.bytes >= 100 && a.writable != a.executable && b.executable >= a.executable + a.bytes);
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov eax, 42; ret
    enum { AT = 16 }; // a sanitizer reads what stands before a function
    memcpy(a.writable + AT, code, sizeof code);
    int (*function)(void);
    char *where = a.executable + AT;
    memcpy(&function, &where, sizeof function);
    cr_assert_eq(function(), 42);
    cr_assert_eq(code_cache_used(), a.bytes + b.bytes);
    code_cache_free(a);
    CodeBlock again;
    cr_assert(code_cache_alloc(100, &again));
    cr_assert_eq(again.executable, a.executable);
}
Test(code_cache, has_a_limit) {
    cr_assert(code_cache_init(4096));
    CodeBlock block;
    cr_assert(code_cache_alloc(4000, &block));
    cr_assert_not(code_cache_alloc(4000, &block));
}
