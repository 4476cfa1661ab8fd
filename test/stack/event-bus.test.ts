import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { type BusEntry, busEntry, entryPutter } from '../../lib/changes/bus.ts';
import { createEventBus } from '../../stack/event-bus.ts';
import type { ChangeEvent } from '../../types/index.d.ts';

/** The queue of the example, and that of a rule which takes everything. */
const sent: [queue: string, body: unknown][] = [];
const seen: unknown[] = [];
let isQueueOut = false;
let server: Server;
let put: (entries: readonly BusEntry[]) => Promise<(string | undefined)[]>;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const example = await readFile(new URL('../../examples/change-events.yml', import.meta.url), 'utf8');
  // References are plain texts here: each rule has one target.
  const { RecordingRule, AttentionRule } = parse(example, { logLevel: 'error' }).Resources;
  const rules = [RecordingRule, AttentionRule].map(({ Properties: { EventPattern: pattern, Targets } }) => {
    const [{ Arn: queueLogicalId, InputPath }] = Targets;
    return {
      busName: 'bus',
      pattern,
      targets: [{ queueLogicalId, sendsDetailOnly: InputPath === '$.detail' }],
    };
  });
  const bus = createEventBus({
    busNames: ['bus'],
    rules: [
      ...rules,
      { busName: 'bus', pattern: {}, targets: [{ queueLogicalId: 'everything', sendsDetailOnly: false }] },
    ],
    region: 'us-east-1',
    send: async (queue, body) => {
      if (isQueueOut) throw new Error('out');
      sent.push([queue, JSON.parse(body)]);
    },
    onEvent: (event) => seen.push(event),
  });
  server = createServer((request, response) => void bus.forward(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const putEntries = entryPutter(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 'us-east-1');
  put = (entries) => putEntries(entries, Date.now() + 5_000);
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});
beforeEach(() => {
  sent.length = seen.length = 0;
  isQueueOut = false;
});

function event(type: ChangeEvent['type'], kind: string): ChangeEvent {
  return { type, id: `${type} ${kind}`, data: { task: { kind } } } as ChangeEvent;
}

test('the example takes uploads and failed uploads of recordings and entries of /attention, each to its place', async () => {
  const wanted = [event('rtc.file.uploaded', 'recording'), event('rtc.file.upload_failed', 'recording')];
  const others = [event('rtc.file.closed', 'recording'), event('rtc.file.uploaded', 'screenshot')];
  const entries = [event('rtc.attention.raised', 'recording'), event('rtc.attention.cleared', 'screenshot')];
  const all = [...wanted, ...others, ...entries];
  expect(await put(all.map((each) => busEntry(each, 'bus')))).toEqual(all.map(() => undefined));
  expect(sent.filter(([queue]) => queue === 'RecordingQueue.Arn').map(([, body]) => body)).toEqual(wanted);
  expect(sent.filter(([queue]) => queue === 'AttentionTopic')).toMatchObject(
    entries.map((detail) => ['AttentionTopic', { detail }]),
  );
  const whole = sent.filter(([queue]) => queue === 'everything').map(([, body]) => body);
  expect(whole).toEqual(
    all.map((detail) =>
      expect.objectContaining({
        source: 'rtc-callbacks',
        'detail-type': detail.type,
        region: 'us-east-1',
        detail,
      }),
    ),
  );
  expect(seen).toEqual(all);
});

test('entries are refused one by one, and a target that is out refuses its event', async () => {
  const good = busEntry(event('rtc.file.uploaded', 'recording'), 'bus');
  expect(
    await put([
      good,
      { ...good, EventBusName: 'other' },
      { ...good, Detail: 'no json' },
      { ...good, Source: '' },
    ]),
  ).toEqual([undefined, 'ResourceNotFoundException', 'MalformedDetail', 'InvalidArgument']);
  isQueueOut = true;
  expect(await put([good])).toEqual(['InternalFailure']);
  expect(seen).toHaveLength(1);
});

test('a call with too many entries, or too many bytes, is refused as a whole', async () => {
  const good = busEntry(event('rtc.file.uploaded', 'recording'), 'bus');
  expect(await put(Array.from({ length: 11 }, () => good))).toEqual(
    Array.from({ length: 11 }, () => '400 ValidationException'),
  );
  const large = { ...good, Detail: JSON.stringify({ text: 'x'.repeat(256 * 1024) }) };
  expect(await put([large])).toEqual(['400 ValidationException']);
});
