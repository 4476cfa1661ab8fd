import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bounded, boundedText } from '../../lib/ledger/bounded.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { NOW, ownerOf, recordingMessage, SECOND } from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';

const KB = 1024;
const objects = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>;

it('keeps every value that is small enough as it is', () => {
  const small = objects.filter((value) => JSON.stringify(value).length < 2_000);
  fc.assert(
    fc.property(small, (value) => {
      expect(bounded({ config: value })).toEqual({ config: value });
    }),
  );
});

it('makes a large value small, and does so once', () => {
  const long = fc.string({ minLength: 1 }).map((text) => text.repeat(10_000));
  const large = fc.dictionary(fc.string(), fc.oneof(long, fc.array(long), objects));
  fc.assert(
    fc.property(large, fc.nat({ max: 50 }), (value, depth) => {
      let nested: JsonObject = value;
      for (let level = 0; level < depth; level++) nested = { nested };
      const result = bounded({ status: 'ended', config: nested });
      expect(JSON.stringify(result).length).toBeLessThan(60 * KB);
      expect(bounded(result)).toEqual(result);
      expect(result.status).toBe('ended');
    }),
    { numRuns: 30 },
  );
});

it('leaves room for five facets in an item, even where every text is long and every character escaped', () => {
  const text = '\u0001'.repeat(10_000);
  const value = {
    status: 'ended',
    message: text,
    url: text,
    task: { roomId: text, extra: text, userId: text },
  };
  expect(Buffer.byteLength(JSON.stringify(bounded(value)))).toBeLessThan(60 * KB);
});

it('cuts no character in two', () => {
  for (const offset of [0, 1])
    expect(boundedText('a'.repeat(offset) + '😀'.repeat(5_000)).isWellFormed()).toBe(true);
});

describeOnEngines('a callback with very large members', (engine) => {
  it.each([
    ['config', { config: { trigger: 0, layout: 'x'.repeat(405 * KB) } }],
    ['extra', { extra: 'x'.repeat(405 * KB) }],
    ['errorMessage', { errorMessage: '\u0001'.repeat(100 * KB) }],
    ['extra that does not compress', { extra: randomBytes(200 * KB).toString('hex') }],
    ['userId', { userId: 'ü'.repeat(405 * KB) }],
    ['fileName', { output: { fileName: `${'x'.repeat(405 * KB)}.mp4` } }],
  ])('is applied: %s', async (_name, members) => {
    const table = await freshLedger(engine);
    const consumer = startConsumer(table);
    for (const [index, event] of ['start', 'end'].entries()) {
      const timestamp = NOW + index * SECOND;
      await consumer.consume(recordingMessage(event, { recordId: 'record', timestamp, ...members }));
    }
    expect(consumer.verdicts()).toEqual(['applied', 'applied']);
    const [answer] = await table.reader.task(ownerOf('rongcloud'), 'record', { events: false });
    expect(answer?.task.status).toBe('ended');
    expect(answer?.files.map(({ status }) => status)).toEqual(['closed']);
  });
});
