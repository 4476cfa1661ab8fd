import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalJson,
  field,
  firstField,
  type Json,
  number,
  parseJson,
  parseJsonKeeping,
  text,
} from '../../lib/platform/json.ts';
import { anyText } from '../support/any-text.ts';

/** Numbers that `JSON.parse` reads without loss, or that are no plain integers. */
const ordinaryNumber = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => Number.isSafeInteger(value) || !/^-?\d+$/.test(String(value)));
const ordinaryLeaf = fc.oneof(anyText(), ordinaryNumber, fc.boolean(), fc.constant(null));
const { tree: ordinary } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    ordinaryLeaf,
    fc.array(tie('tree')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '10', '9')), tie('tree')),
  ),
}));

describe('parseJson', () => {
  test('gives what JSON.parse gives for ordinary values', () => {
    fc.assert(
      fc.property(ordinary, fc.constantFrom(undefined, '\t', 2), (value, indent) => {
        const document = JSON.stringify(value, null, indent);
        deepStrictEqual(parseJson(document), JSON.parse(document));
        // The digits beside it must not change how the rest is read.
        deepStrictEqual(parseJson(`[12345678901234567890,${document}]`), [
          '12345678901234567890',
          JSON.parse(document),
        ]);
      }),
    );
  });

  test('keeps every digit of an integer that a double may not hold', () => {
    const beyond = fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value)));
    fc.assert(
      fc.property(fc.oneof(beyond, fc.bigInt()), (value) => {
        const expected = Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
        expect(parseJson(`{"a":[{"b":${value}}]}`)).toEqual({ a: [{ b: expected }] });
      }),
    );
  });

  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740993', '-9007199254740993'],
    ['7291847562039485713', '7291847562039485713'],
    [`1${'0'.repeat(400)}`, `1${'0'.repeat(400)}`],
    ['"7291847562039485713"', '7291847562039485713'],
    ['0.1234567890123456', 0.1234567890123456],
    ['1234567890123456.5', 1234567890123456.5],
    ['1e21', 1e21],
  ])('%s', (document, expected) => {
    expect(parseJson(document)).toBe(expected);
  });

  test.each([
    '[9007199254740993]',
    '[0,9007199254740993]',
    '[0, -9007199254740993]',
    '{"a":9007199254740993}',
    '{"a":"x","b":\t9007199254740993}',
    '[\n9007199254740993\r\n]',
  ])('keeps them wherever a number may stand: %j', (document) => {
    expect(JSON.stringify(parseJson(document))).toMatch(/"-?9007199254740993"/);
  });

  test('leaves long runs of digits inside strings alone', () => {
    const document = '{"url":"https://a/1400000000-1698410059243691647: 1698410059243691647,x","n":1}';
    expect(parseJson(document)).toEqual(JSON.parse(document));
  });

  test('gives undefined for all that is no JSON', () => {
    const almost = fc
      .tuple(fc.json(), fc.constantFrom('', ',', '}', '\u0000', '//'), fc.nat(3))
      .map(([document, end, cut]) => document.slice(cut) + end);
    fc.assert(
      fc.property(fc.oneof(anyText(), almost), (document) => {
        expect(parseJson(document) === undefined).toBe(!isJson(document));
      }),
    );
    expect(parseJson('')).toBeUndefined();
    expect(parseJson('1234567890123456789 1')).toBeUndefined();
  });

  test('survives nesting that overflows the stack', () => {
    const deep = '['.repeat(200_000);
    expect(parseJson(deep)).toBeUndefined();
    expect(() => parseJson(`${deep}1234567890123456789${']'.repeat(200_000)}`)).not.toThrow();
  });

  function isJson(document: string): boolean {
    try {
      JSON.parse(document);
      return true;
    } catch {
      return false;
    }
  }
});

describe('parseJsonKeeping', () => {
  const keeping = (document: string) => parseJsonKeeping(['id', 'time'], document);
  const integer = fc.oneof(fc.bigInt(-(2n ** 60n), 2n ** 60n), fc.bigInt(-(2n ** 200n), 2n ** 200n));

  test('gives the named members as parseJson does, and the others as JSON.parse does', () => {
    const number = fc.oneof(
      integer.map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    );
    fc.assert(
      fc.property(number, number, ordinary, fc.constantFrom('', ' ', '\n\t'), (id, time, value, space) => {
        const inner = JSON.stringify(value);
        const document = `{"a":${inner},"id"${space}:${space}${id},"b":[${id},{"c":${time}}],"time":${time}${space}}`;
        const exact = parseJson(document);
        const [idKept, timeKept] = [keptAs(field(exact, 'id')), keptAs(field(exact, 'time'))];
        deepStrictEqual(keeping(document), { ...JSON.parse(document), id: idKept, time: timeKept });
      }),
    );
  });

  /** A double that is beyond the integers it holds exactly comes as text; what it is used for is text. */
  function keptAs(value: Json | undefined): Json | undefined {
    return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? String(value) : value;
  }

  test.each([
    ['in a string', '{"x":"\\"id\\":12345678901234568","id":12345678901234567}', '12345678901234567'],
    ['of another name', '{"x\\"id":12345678901234567,"id":1e300}', '1e+300'],
    ['of another number', '{"x":{"id":22345678901234567},"id":12345678901234567}', '12345678901234567'],
    ['of a repeated member', '{"id":22345678901234567,"id":12345678901234567}', '12345678901234567'],
    ['of a name that is escaped', '{"\\u0069d":12345678901234567}', '12345678901234568'],
    ['with a fraction', '{"id":12345678901234567.0}', '12345678901234568'],
  ])('takes the digits of the right member, not those %s', (_name, document, expected) => {
    expect(keeping(document)).toMatchObject({ id: expected });
  });

  test.each([
    ['has two integers that are one double', '{"x":{"id":12345678901234568},"id":12345678901234567}'],
    ['comes too often', `{"x":[${'{"id":1},'.repeat(1_000)}0],"id":12345678901234567}`],
  ])('a member is absent whose name %s', (_name, document) => {
    expect(field(keeping(document), 'id')).toBeUndefined();
    expect(field(keeping(document), 'x')).toBeDefined();
  });

  test.each(['', '{', '[1]x', '['.repeat(200_000)])(
    'gives undefined for what is not JSON: %.9j',
    (document) => {
      expect(keeping(document)).toBeUndefined();
    },
  );
});

describe('fields', () => {
  test.each(['', ',"id":7291847562039485713'])('a member named __proto__ is harmless (%s)', (more) => {
    const parsed = parseJson(`{"__proto__":{"appKey":"stolen"}${more}}`);
    expect(field(parsed, '__proto__')).toEqual({ appKey: 'stolen' });
    expect(field(parsed, 'appKey')).toBeUndefined();
    expect(firstField(parsed, 'appKey', 'constructor')).toBeUndefined();
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).appKey).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'toString', 'length', '0'])('%s is not inherited', (name) => {
    for (const value of [{}, [], ['x'], 'text', 5, null, undefined])
      expect(field(value, name)).toBeUndefined();
  });

  test('firstField skips what is missing, null or empty', () => {
    const value = { a: null, b: '', c: 0, d: 'later' };
    expect(firstField(value, 'x', 'a', 'b', 'c', 'd')).toBe(0);
    expect(firstField(value, 'x', 'a', 'b')).toBeUndefined();
    expect(firstField({ a: false }, 'a')).toBe(false);
  });

  test.each<[Json | undefined, string | undefined, number | undefined]>([
    ['a', 'a', undefined],
    ['', undefined, undefined],
    [' ', ' ', undefined],
    ['017', '017', 17],
    [17, '17', 17],
    [0, '0', 0],
    [Number.POSITIVE_INFINITY, 'Infinity', undefined],
    [null, undefined, undefined],
    [true, undefined, undefined],
    [['a'], undefined, undefined],
    [{ a: 1 }, undefined, undefined],
    [undefined, undefined, undefined],
  ])('%j as text is %j, as a number %j', (value, asText, asNumber) => {
    expect(text(value)).toBe(asText);
    expect(number(value)).toBe(asNumber);
  });
});

describe('canonicalJson', () => {
  test('does not depend on the order of members', () => {
    fc.assert(
      fc.property(ordinary, fc.nat(7), (value, turns) => {
        expect(canonicalJson(reorder(value, turns))).toBe(canonicalJson(value));
      }),
    );
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: 3 })).toBe('{"a":3,"b":[{"c":2,"d":1}]}');
  });

  test('distinguishes different values', () => {
    fc.assert(
      fc.property(ordinary, (value) => {
        deepStrictEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
  });

  /** The same value with the members of every object reversed and rotated. */
  function reorder(value: Json, turns: number): Json {
    if (Array.isArray(value)) return value.map((item) => reorder(item, turns));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, inner]) => [name, reorder(inner, turns)] as const);
    const first = members.length === 0 ? 0 : turns % members.length;
    return Object.fromEntries([...members.slice(first), ...members.slice(0, first)].reverse());
  }
});
