import { describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import {
  messageOf,
  NOW,
  SECOND,
  type SourceName,
  sampleBody,
  sampleMessage,
  sampleSource,
  signedAt,
} from '../support/callbacks.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { meterOf, type Reading } from '../support/write-units.ts';

/** One callback of ZEGO names any number of pictures. */
const ONE_PICTURE = sampleBody('zego', 'snapshot', { snapshot_pic_list: [{ url: 'http://abc.com/1.jpg' }] });

/** What an event has besides its body, at most. */
const EVENT_OVERHEAD_BYTES = 400;

const WRITES = ['PutItemCommand', 'UpdateItemCommand'];

/** What one callback cost. */
interface Cost extends Reading {
  observations: number;
}

/**
 * Three units, and four of a callback that speaks of a task and of a file or target of its own; of one that speaks of
 * several files one for each more. One for each more KB of the body.
 */
function budgetOf({ observations }: Cost, bodyBytes: number): number {
  const kilobytes = Math.floor((bodyBytes + EVENT_OVERHEAD_BYTES) / 1024);
  return observations > 1 ? 2 + observations + kilobytes : 3;
}

describeOnEngines('the write units of a callback', (engine) => {
  /** What each message costs, one after the other. */
  const costsOf = async (messages: QueueMessage[], eventHistoryDays = 30): Promise<Cost[]> => {
    const { tableName } = await freshLedger(engine);
    const client = engine.connect();
    // A heartbeat is of an app, and a day is of a task, and not of a callback: they have tests of their own.
    const consumer = startConsumer(
      { client, tableName },
      {
        eventHistoryDays,
        heartbeat: async () => {},
        ledger: createLedger(client, tableName, async () => {}),
      },
    );
    const meter = meterOf(client);
    const costs: Cost[] = [];
    for (const message of messages) {
      expect(await consumer.consume(message)).toEqual([]);
      const { observations } = consumer.lines.at(-1)?.fields ?? {};
      costs.push({ ...meter.read(), observations: Number(observations) });
    }
    expect(consumer.quarantined).toEqual([]);
    client.destroy();
    return costs;
  };

  describe.each(SAMPLE_SOURCES.map((source) => source.name))('%s', (source) => {
    const events = Object.keys(sampleSource(source).events);

    it('at most 3 when new, 2 when sent again, 1 for each file more, and nothing is read', async () => {
      for (const event of events) {
        const body = sampleBody(source, event);
        const again = { nonce: 'nonce', timestamp: signedAt(sampleSource(source).vendor, NOW) };
        const [first, second] = await costsOf([
          messageOf(source, body, again),
          messageOf(source, body, { ...again, receivedAt: NOW + SECOND }),
        ]);
        if (first === undefined || second === undefined) throw new Error('Nothing was measured.');
        const bytes = JSON.stringify(body).length;
        expect(first.table, event).toBeLessThanOrEqual(budgetOf(first, bytes));
        // dynalite does not return the item that refused a facet, so that other writes must find out.
        const repeated = second.observations * (engine.name === 'dynalite' ? 5 : 1);
        expect(second.table, `${event} again`).toBeLessThanOrEqual(1 + Math.max(1, repeated));
        expect([...first.commands, ...second.commands].filter((name) => !WRITES.includes(name))).toEqual([]);
        expect(first.commands).toContain('PutItemCommand');
      }
    });

    it.runIf(engine.name === 'DynamoDB Local')(
      'at most one more in the life of a task, as its items grow past 1 KB',
      async () => {
        const bodies = events.map((event, index) => sampleBody(source, event, {}, NOW + index * SECOND));
        const costs = await costsOf(bodies.map((body) => messageOf(source, body)));
        const expensive = costs.flatMap((cost, index) => {
          const budget = budgetOf(cost, JSON.stringify(bodies[index]).length);
          return cost.table > budget + 1 ? [`${events[index]}: ${cost.table}`] : [];
        });
        expect(expensive).toEqual([]);
      },
    );
  });

  it('a new one costs one more once long ids, names and URLs make an item larger than 1 KB', async () => {
    const ids = { roomId: 'class-2026-01-15-mathematics-7b', userId: '5f0c2a0e-9c1b-4a57-8d5e-0f6a3b1c9d11' };
    const fileName = `lSA2G6CUf9A-6nnoNwXCx8_${ids.roomId}_${ids.userId}_RongCloudRTC_1530027865231.mp4`;
    const fileUrl = `https://recordings.s3.ap-southeast-1.amazonaws.com/record/2026/01/15/${fileName}`;
    const events = ['start', 'segment', 'end', 'upload-failed', 'upload'];
    const bodies = events.map((event, index) => {
      const output = event === 'upload' ? { fileName, fileUrl } : { fileName };
      return sampleBody('rongcloud-recording', event, { ...ids, output }, NOW + index * SECOND);
    });
    const meters = await costsOf(bodies.map((body) => messageOf('rongcloud-recording', body)));
    expect(meters.map((meter) => meter.table)).toEqual([4, 3, 5, 4, 4]);
  });

  it('a failure from before the known one costs two more, for the deadline and for the place', async () => {
    const messages = [SECOND, 0].map((at) =>
      messageOf('rongcloud-recording', sampleBody('rongcloud-recording', 'upload-failed', {}, NOW + at)),
    );
    // The time of the failure is that of the file's place too. dynalite does not return the item that refused the facet.
    const late = engine.name === 'dynalite' ? 7 : 5;
    expect((await costsOf(messages)).map((meter) => meter.table)).toEqual([3, late]);
  });

  it.each<[SourceName, string]>([
    ['rongcloud-recording', 'upload-failed'],
    ['rongcloud-screenshot', 'start'],
    ['rongcloud-screenshot', 'upload'],
    ['tencent', 'screenshot'],
  ])('state alone costs 1: %s %s', async (source, event) => {
    const [meter] = await costsOf([sampleMessage(source, event, { strength: 'body' })], 0);
    expect(meter).toMatchObject({ table: 1, commands: ['UpdateItemCommand'] });
  });

  it('a ZEGO snapshot costs one for each picture, besides history and nonce', async () => {
    const [two] = await costsOf([sampleMessage('zego', 'snapshot')]);
    expect(two?.table).toBe(2 + 2);
    const [one] = await costsOf([messageOf('zego', ONE_PICTURE)]);
    expect(one?.table).toBe(2 + 1);
  });

  it('the heartbeat of an app costs one for all callbacks of five minutes', async () => {
    const { tableName } = await freshLedger(engine);
    const client = engine.connect();
    const consumer = startConsumer({ client, tableName }, { eventHistoryDays: 0 });
    const meter = meterOf(client);
    const costs: number[] = [];
    for (const at of [0, 1, 299, 300, 301]) {
      const body = sampleBody('rongcloud-screenshot', 'upload', { output: { fileName: `${at}.jpg` } });
      await consumer.consume(
        messageOf('rongcloud-screenshot', body, { strength: 'body', receivedAt: NOW + at * SECOND }),
      );
      costs.push(meter.read().table);
    }
    // The first writes the day as well.
    expect(costs).toEqual([3, 1, 1, 2, 1]);
    client.destroy();
  });

  it('a day on which a task has pictures costs one for all of them', async () => {
    const { tableName } = await freshLedger(engine);
    const client = engine.connect();
    const consumer = startConsumer({ client, tableName }, { eventHistoryDays: 0, heartbeat: async () => {} });
    const meter = meterOf(client);
    const costs: number[] = [];
    for (const at of [0, SECOND, 24 * 3600 * SECOND, 2 * SECOND]) {
      const EventInfo = { eventID: `${at}.jpg`, EventMsTs: NOW - at };
      const body = sampleBody('tencent', 'screenshot', { EventInfo, CallbackMsTs: NOW - at });
      await consumer.consume(messageOf('tencent', body));
      costs.push(meter.read().table);
    }
    expect(costs).toEqual([2, 1, 2, 1]);
    client.destroy();
  });

  it.runIf(engine.name === 'DynamoDB Local')(
    'what is waited for is written into the watch index, and pictures never are',
    async () => {
      const indexesOf = async (source: SourceName, events: string[]) => {
        const bodies = events.map((event, index) => sampleBody(source, event, {}, NOW + index * SECOND));
        const costs = await costsOf(bodies.map((body) => messageOf(source, body)));
        return costs.map(({ indexes }) => indexes.watch ?? 0);
      };
      const life = ['start', 'segment', 'end', 'upload'];
      expect(await indexesOf('rongcloud-recording', life)).toEqual([1, 1, 2, 1]);
      expect(await indexesOf('rongcloud-screenshot', ['start', 'upload', 'upload-failed', 'end'])).toEqual([
        1, 0, 0, 0,
      ]);
      expect(await indexesOf('zego', ['snapshot'])).toEqual([0]);
      expect(await indexesOf('tencent', ['screenshot'])).toEqual([0]);
    },
  );

  it.runIf(engine.name === 'DynamoDB Local')(
    'an index is written when its key changes, not again',
    async () => {
      const events = ['upload-failed', 'upload-failed', 'upload', 'upload'];
      const messages = events.map((event, index) =>
        messageOf('rongcloud-recording', sampleBody('rongcloud-recording', event, {}, NOW + index * SECOND)),
      );
      const indexes = (await costsOf(messages)).map((meter) => meter.indexes);
      expect(indexes).toEqual([{ rooms: 1, attention: 1, place: 1 }, {}, { attention: 1 }, {}]);
    },
  );
});
