import { expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { STORAGE_RANK } from '../../lib/callback/rank.ts';
import { isoTime } from '../../lib/callback/time.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import { observeAnswer } from '../../lib/vendors/zego/query.ts';
import { NOW, ownerOf } from '../support/callbacks.ts';
import { describeOnDynalite } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';
import { uploaded, uploadFailed } from '../support/observations.ts';
import { meterOf } from '../support/write-units.ts';

const OWNER = ownerOf('zego');

describeOnDynalite('the write units', (engine) => {
  const start = async () => {
    const { tableName } = await freshLedger(engine);
    const client = engine.connect();
    return { ledger: createLedger(client, tableName), meter: meterOf(client), stop: () => client.destroy() };
  };

  const look = (status: 'uploaded' | 'missing'): Observation => {
    const checkedAt = isoTime(NOW);
    const storage = {
      ...{ bucket: 'lessons', key: `rtc/${'t'.repeat(50)}/${'n'.repeat(100)}.mp4`, sizeBytes: 25_349_026 },
      ...{ etag: 'd41d8cd98f00b204e9800998ecf8427e', lastModified: checkedAt, checkedAt },
    };
    return {
      ...{
        entity: 'file',
        taskId: 'task',
        name: 'a.mp4',
        facet: 'storage',
        rank: STORAGE_RANK[status],
        at: NOW,
      },
      value: { status, task: { kind: 'recording', roomId: 'room' }, checkedAt, storage },
    };
  };

  it('of a failed file that the bucket has: one, and one of each index that it leaves', async () => {
    const { ledger, meter, stop } = await start();
    await ledger.apply(OWNER, uploadFailed('task', 'a.mp4', 0));
    meter.read();
    await ledger.apply(OWNER, look('uploaded'));
    const { commands, table, indexes } = meter.read();
    expect({ commands, table }).toEqual({ commands: ['UpdateItemCommand'], table: 1 });
    expect(indexes.attention ?? 0).toBeLessThanOrEqual(1);
    expect(indexes.watch ?? 0).toBe(0);
    stop();
  });

  it.each(['uploaded', 'missing'] as const)(
    'of an uploaded file that is confirmed as %s: one',
    async (status) => {
      const { ledger, meter, stop } = await start();
      await ledger.apply(OWNER, uploaded('task', 'a.mp4', 0));
      meter.read();
      await ledger.apply(OWNER, look(status));
      expect(meter.read()).toMatchObject({ commands: ['UpdateItemCommand'], table: 1 });
      stop();
    },
  );

  it('of an answer of ZEGOCLOUD: one for the task and one for each file', async () => {
    const { ledger, meter, stop } = await start();
    const files = ['a.mp4', 'b.mp4'].map((FileId) => ({ FileId, Status: 3, OutputFileFormat: 'mp4' }));
    for (const one of observeAnswer('task', { RoomId: 'room', Status: 3, RecordFiles: files }, NOW))
      await ledger.apply(OWNER, one);
    expect(meter.read().table).toBe(3);
    stop();
  });
});
