import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableJson, printableLines, textTable } from '../../cli/output.ts';
import { anyText } from '../support/any-text.ts';

/** All that a terminal may act on: controls, changes of the writing direction, line and paragraph separators. */
const ACTS = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

test('nothing printable makes a terminal act, and text without such characters stays', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(printable(text)).not.toMatch(ACTS);
      expect(printableLines(text).replaceAll('\n', '')).not.toMatch(ACTS);
    }),
  );
  for (const text of ['', 'room 1', '直播间 42', 'école', '👩‍💻', 'نص']) expect(printable(text)).toBe(text);
  expect(printable('\u001b[31m\r\nx\u202e')).toBe('\\u001b[31m\\u000d\\u000ax\\u202e');
});

test('printable JSON parses to the same value', () => {
  const value = fc.dictionary(anyText(), fc.oneof(anyText(), fc.array(anyText())), { noNullPrototype: true });
  fc.assert(
    fc.property(value, (json) => {
      const text = printableJson(json);
      expect(text.replaceAll('\n', '')).not.toMatch(ACTS);
      expect(JSON.parse(text)).toEqual(json);
    }),
  );
});

test('columns are as wide as a terminal shows them', () => {
  expect(
    textTable(
      ['room', 'n'],
      [
        ['直播', '1'],
        ['abcdef', '2'],
      ],
    ),
  ).toBe(['room    n', '────    ─', '直播    1', 'abcdef  2'].join('\n'));
});
