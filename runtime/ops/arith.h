// Arithmetic and comparisons. Small ints and floats in the word are computed here; everything else goes to abstract.h.

// Each family's computation on two small ints: sets `r`, or is false where the result does not fit or is an error.
#define INT_ADD(x, y, r) (!__builtin_add_overflow((int64_t)value_bits(x), (int64_t)(value_bits(y) - 3), (r)))
#define INT_SUB(x, y, r) (!__builtin_sub_overflow((int64_t)value_bits(x), (int64_t)(value_bits(y) - 3), (r)))
#define INT_MUL(x, y, r) (!__builtin_mul_overflow((int64_t)(value_bits(x) - 3), (int64_t)value_bits(y) >> 2, (r)) && (*(r) += 3, true))
#define INT_AND(x, y, r) (*(r) = (int64_t)(value_bits(x) & value_bits(y)), true)
#define INT_OR(x, y, r) (*(r) = (int64_t)(value_bits(x) | value_bits(y)), true)
#define INT_XOR(x, y, r) (*(r) = (int64_t)((value_bits(x) ^ value_bits(y)) | 3), true)
#define INT_FLOORDIV(x, y, r) int_floordiv_small(x, y, r)
#define INT_MOD(x, y, r) int_mod_small(x, y, r)
#define INT_LSHIFT(x, y, r) int_lshift_small(x, y, r)
#define INT_RSHIFT(x, y, r) int_rshift_small(x, y, r)
#define INT_NEVER(x, y, r) (*(r) = 0, false)
#define INT_DIV INT_NEVER
// The same on floats, or a float and an int (which converts as float() of it would): sets `v`, or is false where an operand is
// something else, or the result (that of a division by 0, too) is no float in the word.
#define FLOATS(x, y) (value_is_float(x) && value_is_float(y))
#define FLOAT_AND_INT(x, y) ((value_is_float(x) && value_is_int(y)) || (value_is_int(x) && value_is_float(y)))
#define FLOAT_OF(v) (value_is_float(v) ? value_get_float(v) : (double)value_get_int(v))
#define FLOAT_COMPUTE(x, y, operator, v) \
    (LIKELY(FLOATS(x, y)) ? value_pack_float(value_get_float(x) operator value_get_float(y), v) \
                          : FLOAT_AND_INT(x, y) && value_pack_float(FLOAT_OF(x) operator FLOAT_OF(y), v))
#define FLOAT_ADD(x, y, v) FLOAT_COMPUTE(x, y, +, v)
#define FLOAT_SUB(x, y, v) FLOAT_COMPUTE(x, y, -, v)
#define FLOAT_MUL(x, y, v) FLOAT_COMPUTE(x, y, *, v)
#define FLOAT_DIV(x, y, v) FLOAT_COMPUTE(x, y, /, v)
#define FLOAT_NEVER(x, y, v) (*(v) = UNDEF, false)
#define FLOAT_FLOORDIV FLOAT_NEVER
#define FLOAT_MOD FLOAT_NEVER
#define FLOAT_POW(x, y, v) (value_is_float(x) && (value_is_float(y) || value_is_int(y)) && value_bits(*(v) = float_power_in_word(value_get_float(x), FLOAT_OF(y))))
#define FLOAT_MATMUL FLOAT_NEVER
#define FLOAT_LSHIFT FLOAT_NEVER
#define FLOAT_RSHIFT FLOAT_NEVER
#define FLOAT_AND FLOAT_NEVER
#define FLOAT_OR FLOAT_NEVER
#define FLOAT_XOR FLOAT_NEVER
#define INT_POW(x, y, r) int_pow_small(x, y, r)
#define INT_MATMUL INT_NEVER

// Floats come second in every form; the slow side quickens the plain one to a form that has them first, where there is one.
#define BINARY_OP(NAME, FORM, SLOW, LOAD_RIGHT, DONE) \
    OP_COLD_DECLARE(NAME##FORM) \
    OP_BEGIN(NAME##FORM) \
        Value x = RB, y = LOAD_RIGHT; \
        int64_t r; \
        if (LIKELY(values_are_ints(x, y)) && LIKELY(INT_##NAME(x, y, &r))) { \
            SET_A(value_from_bits(r)); \
            NEXT(); \
        } \
        Value real; \
        if (FLOAT_##NAME(x, y, &real)) { \
            SET_A(real); \
            NEXT(); \
        } \
        COLD_PATH(NAME##FORM); \
    OP_COLD(NAME##FORM) \
        SAVE(); \
        Value y = LOAD_RIGHT; \
        Value v = SLOW; \
        if (UNLIKELY(!v)) ERROR(); \
        DONE; \
        SET_A(v); \
        NEXT(); \
    OP_END
#define BINARY_FAMILY(NAME) \
    BINARY_OP(NAME, , slow_binary(t, pc, (uint16_t)ins, BIN_##NAME, RB, y), RC, { DONE_B(); DONE_C(); }) \
    BINARY_OP(NAME, _INPLACE, slow_inplace(t, BIN_##NAME, &RB, B_FLAG || A_INDEX == B_INDEX, y), RC, { DONE_B(); DONE_C(); }) \
    BINARY_OP(NAME, I, slow_binary(t, pc, (uint16_t)ins, BIN_##NAME, RB, y), value_int(C_SIGNED), DONE_B()) \
    BINARY_OP(NAME, I_INPLACE, slow_inplace(t, BIN_##NAME, &RB, B_FLAG, y), value_int(C_SIGNED), DONE_B())
BINARY_FAMILY(ADD)
BINARY_FAMILY(SUB)
BINARY_FAMILY(MUL)
BINARY_FAMILY(DIV)
BINARY_FAMILY(FLOORDIV)
BINARY_FAMILY(MOD)
BINARY_FAMILY(POW)
BINARY_FAMILY(MATMUL)
BINARY_FAMILY(LSHIFT)
BINARY_FAMILY(RSHIFT)
BINARY_FAMILY(AND)
BINARY_FAMILY(OR)
BINARY_FAMILY(XOR)

#define FLOAT_OP(NAME) \
    OP_COLD_DECLARE(NAME##_FLOAT) \
    OP_BEGIN(NAME##_FLOAT) \
        Value x = RB, y = RC; \
        Value r; \
        if (LIKELY(FLOAT_##NAME(x, y, &r))) { \
            SET_A(r); \
            NEXT(); \
        } \
        COLD_PATH(NAME##_FLOAT); \
    OP_COLD(NAME##_FLOAT) \
        SAVE(); \
        if (!FLOATS(RB, RC) && !FLOAT_AND_INT(RB, RC)) UNQUICKEN(NAME); \
        FINISH_BC(object_binary(t, BIN_##NAME, RB, RC)); \
    OP_END
FLOAT_OP(ADD)
FLOAT_OP(SUB)
FLOAT_OP(MUL)
FLOAT_OP(DIV)

OP_COLD_DECLARE(NEG)
OP_BEGIN(NEG)
    Value x = RB;
    int64_t r;
    if (LIKELY(value_is_int(x)) && LIKELY(!__builtin_sub_overflow((int64_t)6, (int64_t)value_bits(x), &r))) {
        SET_A(value_from_bits(r));
        NEXT();
    }
    COLD_PATH(NEG);
OP_COLD(NEG)
    SAVE();
    FINISH_B(object_negative(t, RB));
OP_END
OP_BEGIN(POS)
    SAVE();
    FINISH_B(object_positive(t, RB));
OP_END
OP_BEGIN(INVERT)
    SAVE();
    FINISH_B(object_invert(t, RB));
OP_END

// 1, 0, or -1 with an exception, without a call where the answer is in the word.
#define TRUTH(v) (value_bits(v) == value_bits(TRUE_VALUE) ? 1 : value_bits(v) == value_bits(FALSE_VALUE) || value_bits(v) == value_bits(NONE) || value_bits(v) == 3 ? 0 : value_is_int(v) ? 1 : (SAVE(), object_is_true(t, v)))
OP_BEGIN(NOT)
    int truth = TRUTH(RB);
    PLAIN_ERROR_IF(truth < 0);
    DONE_B();
    SET_A(value_bool(!truth));
    NEXT();
OP_END
OP_BEGIN(TO_BOOL)
    int truth = TRUTH(RB);
    PLAIN_ERROR_IF(truth < 0);
    DONE_B();
    SET_A(value_bool(truth));
    NEXT();
OP_END
OP_BEGIN(JT)
    int truth = TRUTH(RA);
    PLAIN_ERROR_IF(truth < 0);
    DONE_A();
    if (truth) JUMP(BC_SIGNED);
    NEXT();
OP_END
OP_BEGIN(JF)
    int truth = TRUTH(RA);
    PLAIN_ERROR_IF(truth < 0);
    DONE_A();
    if (!truth) JUMP(BC_SIGNED);
    NEXT();
OP_END

#define FLOAT_COMPARE(x, y, operator) (value_get_float(x) operator value_get_float(y))
#define COMPARE_VALUE(NAME, operator, LOAD_RIGHT, DONE_RIGHT, FORM) \
    OP_COLD_DECLARE(NAME##FORM) \
    OP_BEGIN(NAME##FORM) \
        Value x = RB, y = LOAD_RIGHT; \
        if (LIKELY(values_are_ints(x, y))) { \
            SET_A(value_bool((int64_t)value_bits(x) operator (int64_t)value_bits(y))); \
            NEXT(); \
        } \
        COLD_PATH(NAME##FORM); \
    OP_COLD(NAME##FORM) \
        SAVE(); \
        Value x = RB, y = LOAD_RIGHT; \
        Value v = value_is_float(x) && value_is_float(y) ? value_bool(FLOAT_COMPARE(x, y, operator)) : slow_compare(t, x, y, CMP_##NAME); \
        PLAIN_ERROR_IF(!v); \
        DONE_B(); \
        DONE_RIGHT; \
        SET_A(v); \
        NEXT(); \
    OP_END
// Are strings compared in line?
#define COMPARES_STR_LT false
#define COMPARES_STR_LE false
#define COMPARES_STR_EQ true
#define COMPARES_STR_NE true
#define COMPARES_STR_GT false
#define COMPARES_STR_GE false
// A jump on a comparison, taken when it is `wanted`.
#define COMPARE_JUMP(NAME, operator, PREFIX, wanted, LOAD_RIGHT, DONE_RIGHT, FORM) \
    OP_COLD_DECLARE(PREFIX##NAME##FORM) \
    OP_BEGIN(PREFIX##NAME##FORM) \
        Value x = RA, y = LOAD_RIGHT; \
        if (LIKELY(values_are_ints(x, y))) { \
            if (((int64_t)value_bits(x) operator (int64_t)value_bits(y)) == wanted) JUMP(C_SIGNED); \
            NEXT(); \
        } \
        if (value_is_float(x) && value_is_float(y)) { \
            if (FLOAT_COMPARE(x, y, operator) == wanted) JUMP(C_SIGNED); \
            NEXT(); \
        } \
        if (COMPARES_STR_##NAME && value_is(x, STR) && value_is(y, STR)) { \
            bool truth = str_equal(value_str(x), value_str(y)) == (CMP_##NAME == CMP_EQ); \
            DONE_A(); \
            DONE_RIGHT; \
            if (truth == wanted) JUMP(C_SIGNED); \
            NEXT(); \
        } \
        COLD_PATH(PREFIX##NAME##FORM); \
    OP_COLD(PREFIX##NAME##FORM) \
        SAVE(); \
        Value y = LOAD_RIGHT; \
        int truth = slow_compare_truth(t, RA, y, CMP_##NAME); \
        PLAIN_ERROR_IF(truth < 0); \
        DONE_A(); \
        DONE_RIGHT; \
        if (truth == wanted) JUMP(C_SIGNED); \
        NEXT(); \
    OP_END
#define COMPARE_FAMILY(NAME, operator) \
    COMPARE_VALUE(NAME, operator, RC, DONE_C(), ) \
    COMPARE_VALUE(NAME, operator, value_int(C_SIGNED), (void)0, I) \
    COMPARE_JUMP(NAME, operator, JT_, 1, RB, DONE_B(), ) \
    COMPARE_JUMP(NAME, operator, JF_, 0, RB, DONE_B(), ) \
    COMPARE_JUMP(NAME, operator, JT_, 1, value_int(B_SIGNED), (void)0, I) \
    COMPARE_JUMP(NAME, operator, JF_, 0, value_int(B_SIGNED), (void)0, I)
COMPARE_FAMILY(LT, <)
COMPARE_FAMILY(LE, <=)
COMPARE_FAMILY(EQ, ==)
COMPARE_FAMILY(NE, !=)
COMPARE_FAMILY(GT, >)
COMPARE_FAMILY(GE, >=)

// Heap ints and boxed floats of equal value are different objects unless they are the same one (DESIGN 2).
OP_BEGIN(IS)
    bool same = RB == RC;
    DONE_B();
    DONE_C();
    SET_A(value_bool(same));
    NEXT();
OP_END
OP_BEGIN(IS_NOT)
    bool same = RB == RC;
    DONE_B();
    DONE_C();
    SET_A(value_bool(!same));
    NEXT();
OP_END
OP_BEGIN(JT_IS)
    bool same = RA == RB;
    DONE_A();
    DONE_B();
    if (same) JUMP(C_SIGNED);
    NEXT();
OP_END
OP_BEGIN(JF_IS)
    bool same = RA == RB;
    DONE_A();
    DONE_B();
    if (!same) JUMP(C_SIGNED);
    NEXT();
OP_END
OP_BEGIN(CONTAINS)
    SAVE();
    Value *slot;
    int found = operand_is(RC, DICT) && dict_find_slot(value_dict(RC), RB, &slot) ? slot && slot_borrow(slot) : object_contains(t, RC, RB);
    PLAIN_ERROR_IF(found < 0);
    DONE_B();
    DONE_C();
    SET_A(value_bool(found));
    NEXT();
OP_END
OP_BEGIN(NOT_CONTAINS)
    SAVE();
    Value *slot;
    int found = operand_is(RC, DICT) && dict_find_slot(value_dict(RC), RB, &slot) ? slot && slot_borrow(slot) : object_contains(t, RC, RB);
    PLAIN_ERROR_IF(found < 0);
    DONE_B();
    DONE_C();
    SET_A(value_bool(!found));
    NEXT();
OP_END
