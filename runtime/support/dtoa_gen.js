// Prints dtoa_pow10.h: the powers of ten that dtoa.c multiplies by.   node dtoa_gen.js > dtoa_pow10.h
'use strict';
const MIN = -342, MAX = 324;
console.log(`// 10**k = g * 2**(floor(log2(10**k)) - 127) with 2**127 <= g < 2**128, rounded up where it is not exact (k outside
// 0..55), as {high, low} for k = POW10_MIN..POW10_MAX. Made by dtoa_gen.js; do not edit.
#define POW10_MIN (${MIN})
#define POW10_MAX ${MAX}
static const uint64_t pow10_table[POW10_MAX - POW10_MIN + 1][2] = {`);
for (let k = MIN; k <= MAX; k++) {
    const num = k >= 0 ? 10n ** BigInt(k) : 1n, den = k < 0 ? 10n ** BigInt(-k) : 1n;
    const bits = n => n.toString(2).length;
    let shift = 128 - (bits(num) - bits(den));  // then the quotient has 128 or 129 bits
    const at = s => s >= 0 ? [num << BigInt(s), den] : [num, den << BigInt(-s)];
    let [n, d] = at(shift);
    if (n / d >= 1n << 128n) [n, d] = at(--shift);
    if (n / d < 1n << 127n) [n, d] = at(++shift);
    const g = n / d + (n % d ? 1n : 0n);
    if (g < 1n << 127n || g >= 1n << 128n) throw new Error(`out of range at ${k}`);
    const h = v => '0x' + v.toString(16).padStart(16, '0');
    console.log(`    {${h(g >> 64n)}, ${h(g & 0xffffffffffffffffn)}},`);
}
console.log('};');
