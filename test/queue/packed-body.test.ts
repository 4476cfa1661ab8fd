import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packBodyForItem, unpackBody } from '../../lib/queue/packed-body.ts';

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.string(), fc.integer({ min: 1, max: 500 }))
    .map(([text, count]) => Buffer.from(text.repeat(count))),
);
const unitsOf = (bytes: number) => Math.ceil(bytes / 1_024);

it('a body of an item is read as it was, and never takes more write units', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 300, max: 1_500 }), (body, otherBytes) => {
      const { encoding, bytes } = packBodyForItem(body, otherBytes);
      expect(unpackBody(encoding, bytes)).toEqual(body);
      expect(unitsOf(otherBytes + bytes.length)).toBeLessThanOrEqual(unitsOf(otherBytes + body.length));
    }),
  );
});

it('a body is compressed only where that saves a write unit', () => {
  const body = Buffer.from('{"a":1}'.repeat(100));
  expect(packBodyForItem(body, 300).encoding).toBe('identity');
  expect(packBodyForItem(body, 400).encoding).toBe('gzip');
  expect(packBodyForItem(body, 950).encoding).toBe('gzip');
  expect(packBodyForItem(body, 1_020).encoding).toBe('identity');
});
