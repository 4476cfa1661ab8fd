import type { Json } from '../../../lib/platform/json.ts';
import type { Random } from './random.ts';

/** Names that mean something to JavaScript. */
export const ODD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  'toJSON',
  'then',
  '',
  '0',
];

/** Characters that are treated specially somewhere: controls, separators, surrogates, the byte order mark. */
const ODD_CHARACTERS = [
  '\0',
  '\t',
  '\n',
  '\r',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ud800',
  '\udc00',
  '😀',
  'é',
  '录',
  '"',
  '\\',
  '/',
  '#',
  '%',
  '%00',
  '&',
  '=',
  '+',
  ',',
  ' ',
  '<',
  "'",
  '{',
  '[',
];

const LONGEST_TEXT = 3_000;

/** Text of any characters, lone surrogates included, seldom a long one. */
export function anyText(random: Random): string {
  const length = random.chance(0.02) ? random.below(LONGEST_TEXT) : random.below(24);
  let text = '';
  while (text.length < length) {
    text += random.chance(0.3)
      ? random.pick(ODD_CHARACTERS)
      : String.fromCharCode(random.chance(0.9) ? 0x20 + random.below(0x5f) : random.below(0x1_0000));
  }
  return text;
}

/** Text as a header or an encoded document may hold it: not empty, well-formed, no white space at its ends. */
export function wireText(random: Random): string {
  const text = anyText(random)
    .toWellFormed()
    .replace(/[\r\n\0]/g, '')
    .trim();
  return text === '' ? 'x' : text;
}

const ODD_SCALARS: readonly Json[] = [
  null,
  true,
  false,
  '',
  ' ',
  0,
  -0,
  -1,
  1,
  2,
  4,
  0.1,
  1e21,
  1e300,
  -1e300,
  8.64e15,
  8.64e15 + 1,
  Number.MAX_SAFE_INTEGER + 2,
  253_402_300_800_000,
  '1',
  '-1',
  '1e999',
  'NaN',
  'Infinity',
  'null',
  '0x10',
  '00',
  '99999999999999999999',
  '9'.repeat(400),
  'a'.repeat(1_100),
  '../../etc/passwd',
  'https://example.com/a?b=c#d%20e',
];

/** Any JSON value: mostly one that something may trip over. */
export function oddValue(random: Random, depth = 0): Json {
  const isLeaf = depth > 2 || random.chance(0.7);
  if (isLeaf) return random.chance(0.75) ? random.pick(ODD_SCALARS) : anyText(random);
  const size = random.below(4);
  if (random.chance(0.4)) return Array.from({ length: size }, () => oddValue(random, depth + 1));
  const members = Array.from({ length: size }, (): [string, Json] => [
    random.chance(0.5) ? random.pick(ODD_NAMES) : anyText(random),
    oddValue(random, depth + 1),
  ]);
  return Object.fromEntries(members);
}
