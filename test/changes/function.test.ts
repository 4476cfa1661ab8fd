import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANGE_TYPES } from '../../docs/change-types.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { createEventBus } from '../../stack/event-bus.ts';
import type { FunctionRuntime } from '../../stack/function-runtime.ts';
import type { ChangeEvent } from '../../types/index.d.ts';
import { bundledFunction } from '../support/bundled-function.ts';
import { messageOf, NOW, SECOND, sampleBody } from '../support/callbacks.ts';
import { type StreamedTable, streamedTable } from '../support/change-stream.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { DAY, startWatch } from '../support/watch.ts';
import { EXPECT, writeApi } from '../support/write-api.ts';

describeOnEngines('the function that reads the stream', (engine) => {
  let server: Server;
  let proxy: FaultProxy;
  let runtime: FunctionRuntime;
  let table: StreamedTable;
  let isOut = false;
  const sent: ChangeEvent[] = [];
  const environment = () => ({
    EVENTS_URL: proxy.origin,
    EVENT_BUS_NAME: 'bus',
    EVENT_SOURCE: '/rtc-callbacks/test',
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    TABLE_NAME: table.tableName,
  });

  beforeAll(async () => {
    const bus = createEventBus({
      busNames: ['bus'],
      rules: [],
      region: 'us-east-1',
      send: async () => {},
      onEvent: (event) => sent.push(event as ChangeEvent),
    });
    server = createServer((request, response) => void bus.forward(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    proxy = await startFaultProxy(origin, () => (isOut ? '503' : undefined));
    table = await streamedTable(engine);
    runtime = await bundledFunction('changes', environment());
    const consumer = startConsumer(table);
    for (const { name, events } of SAMPLE_SOURCES) {
      for (const [index, event] of Object.keys(events).entries())
        await consumer.consume(messageOf(name, sampleBody(name, event, {}, NOW + index * SECOND)));
    }
    const ids = { vendor: 'tencent', appId: '1400000000', taskId: 'expected' };
    await writeApi(table).request(EXPECT, { label: 'lesson' }, 0, ids);
    // The room opens again, and once more without a callback of its closing.
    for (const at of [NOW + 1000 * SECOND, NOW + 2000 * SECOND])
      await consumer.consume(messageOf('rongcloud-room', sampleBody('rongcloud-room', 'created', {}, at)));
    // Without anybody's action an item is overdue, and later dropped.
    for (const days of [2, 10]) await startWatch(table).run(days * DAY);
  });
  afterAll(async () => {
    await runtime.stop();
    await proxy.close();
    server.close();
    await table.close();
  });

  it('sends the changes that all samples make, of every type', async () => {
    const Records = await table.records();
    expect(await runtime.invoke({ Records })).toEqual({ batchItemFailures: [] });
    expect(new Set(sent.map(({ type }) => type))).toEqual(new Set(Object.keys(CHANGE_TYPES)));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
    for (const event of sent) {
      expect(event).toEqual({
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        source: expect.stringMatching(/^\/rtc-callbacks\/test\/(rongcloud|tencent|zego)\/\w+$/),
        type: expect.any(String),
        subject: expect.stringMatching(
          /^(tasks\/[^/]+(\/files\/[^/]+)?|rooms\/[^/]+|(tasks\/[^/]+(\/files\/[^/]*)?|apps\/\w+)\/attention)$/,
        ),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        datacontenttype: 'application/json',
        sequence: expect.stringMatching(/^\d{40}$/),
        data: expect.any(Object),
      });
    }
  });

  it('sends the same events with the same ids when the records come again', async () => {
    const before = sent.splice(0);
    await runtime.invoke({ Records: await table.records() });
    expect(sent).toEqual(before);
  });

  it('asks for all of the batch again while the bus is out', async () => {
    const [first, ...others] = await table.records();
    isOut = true;
    const brief = await bundledFunction('changes', environment(), { timeoutSeconds: 5 });
    expect(await brief.invoke({ Records: [first, ...others] })).toEqual({
      batchItemFailures: [{ itemIdentifier: first?.dynamodb?.SequenceNumber }],
    });
    await brief.stop();
    isOut = false;
  });
});
