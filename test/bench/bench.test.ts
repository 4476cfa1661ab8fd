import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { batchesOf, recordAbout } from '../../bench/batches.ts';
import { sourceNamed, USUAL_CALLBACKS, writeSampleEvent } from '../../bench/callbacks.ts';
import { ingestEnvironment, tableEnvironment } from '../../bench/environments.ts';
import { type PackagedService, readPackage } from '../../bench/packaged.ts';
import { firstCall, type ServiceProcess, startService, warmConsumer } from '../../bench/processes.ts';

let service: PackagedService;
let scratch: string;
let queue: ServiceProcess;
let table: ServiceProcess;

beforeAll(async () => {
  [service, scratch, queue, table] = await Promise.all([
    readPackage(inject('packages').full),
    mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-test-')),
    startService('queue'),
    startService('quick-table'),
  ]);
});

afterAll(() => Promise.all([queue.stop(), table.stop(), rm(scratch, { recursive: true })]));

test.each(USUAL_CALLBACKS)(
  'the benchmark runs $source as it is deployed',
  async ({ source: name, event }) => {
    const eventFile = await writeSampleEvent(scratch, sourceNamed(name), event);
    const environment = ingestEnvironment(service, name, queue.origin);
    const { status, log } = await firstCall({ bundle: service.bundleOf(name), eventFile, environment });
    expect(status).toBe(200);
    expect(JSON.parse(log)).toMatchObject({ verdict: 'accepted', _aws: expect.anything() });
  },
);

test('the benchmark runs the consumer as it is deployed', async () => {
  let log = '';
  const environment = tableEnvironment(service, 'consumer', table.origin);
  const consumer = warmConsumer(service.bundleOf('consumer'), environment, (text) => {
    log += text;
  });
  const records = USUAL_CALLBACKS.map(({ source, event }) => recordAbout(source, event, { task: 1 }));
  const { errors } = await consumer.apply(batchesOf(records, records.length));
  await consumer.stop();
  expect(errors).toBe(0);
  expect(log.trim().split('\n')).toHaveLength(records.length);
});
