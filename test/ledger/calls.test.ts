import { expect, test } from 'vitest';
import { bodyAbout, recordOf } from '../../bench/batches.ts';
import { sourceNamed } from '../../bench/callbacks.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { meterOf } from '../support/write-units.ts';

describeOnEngines('the calls of a new callback', (engine) => {
  const UPDATE = 'UpdateItemCommand';
  const PUT = 'PutItemCommand';

  test.each([
    ['rongcloud-recording', 'upload', 30, [UPDATE, UPDATE, PUT], 3],
    ['rongcloud-recording', 'upload', 0, [UPDATE, UPDATE], 2],
    ['tencent', 'screenshot', 30, [UPDATE, PUT], 2],
    ['tencent', 'screenshot', 0, [UPDATE], 1],
    ['zego', 'snapshot', 30, [UPDATE, UPDATE, PUT], 3],
    ['zego', 'snapshot', 0, [UPDATE, UPDATE], 2],
  ])('%s %s, history of %i days', async (sourceName, event, eventHistoryDays, commands, units) => {
    const { tableName } = await freshLedger(engine);
    const client = engine.connect();
    const consumer = startConsumer(
      { client, tableName },
      {
        eventHistoryDays,
        now: Date.now,
        heartbeat: async () => {},
        // One write a day for all pictures of a task: it has a test of its own.
        ledger: createLedger(client, tableName, async () => {}),
      },
    );
    const meter = meterOf(client);
    const record = recordOf(sourceNamed(sourceName), bodyAbout(sourceName, event, { task: 1 }));
    expect(await consumer.consume(record)).toEqual([]);
    expect(meter.read()).toMatchObject({ commands, table: units });
    client.destroy();
  });
});
