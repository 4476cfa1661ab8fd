import { expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { STORAGE_RANK } from '../../lib/callback/rank.ts';
import { isoTime } from '../../lib/callback/time.ts';
import { roomKey, taskKey } from '../../lib/ledger/keys.ts';
import { createTombstones, putTombstone } from '../../lib/ledger/tombstones.ts';
import { withoutErased } from '../../lib/lookup/unerased.ts';
import { observeAnswer } from '../../lib/vendors/zego/query.ts';
import { HOUR, NOW, ownerOf } from '../support/callbacks.ts';
import { describeOnDynalite } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';

const OWNER = ownerOf('zego');

describeOnDynalite('what was erased', (engine) => {
  const answer = (taskId: string, endedAt: number): Observation[] =>
    observeAnswer(
      taskId,
      {
        ...{ RoomId: 'room', Status: 3, RecordBeginTimestamp: NOW, RecordEndTimestamp: endedAt },
        RecordFiles: [{ FileId: 'a.mp4', Status: 3, OutputFileFormat: 'mp4' }],
      },
      NOW + 2 * HOUR,
    );

  it('stays erased, though the vendor still knows it', async () => {
    const { client, tableName, ledger, reader } = await freshLedger(engine);
    const { vendor, appId } = OWNER;
    const [erasedAt, expiresAt] = [NOW + HOUR, NOW + 3 * HOUR];
    await putTombstone(client, tableName, taskKey(vendor, appId, 'erased'), { erasedAt, expiresAt });
    await putTombstone(client, tableName, roomKey(vendor, appId, 'room'), { erasedAt, expiresAt });
    const kept = withoutErased(
      ledger,
      createTombstones(client, tableName, () => NOW + 2 * HOUR),
    );
    for (const [taskId, endedAt] of [
      ['erased', NOW + 2 * HOUR],
      ['before', NOW + HOUR / 2],
      ['after', NOW + 2 * HOUR],
    ] as const) {
      for (const observation of answer(taskId, endedAt)) await kept.apply(OWNER, observation);
    }
    expect(await reader.task(OWNER, 'erased')).toEqual([]);
    expect(await reader.task(OWNER, 'before')).toEqual([]);
    expect(await reader.task(OWNER, 'after')).toMatchObject([{ files: [{ name: 'a.mp4' }] }]);
  });

  it('leaves out the objects from before, not those of a later lesson in the same room', async () => {
    const { client, tableName, ledger, reader } = await freshLedger(engine);
    const owner = ownerOf('tencent');
    const erased = taskKey(owner.vendor, owner.appId, 'room');
    await putTombstone(client, tableName, erased, { erasedAt: NOW, expiresAt: undefined });
    const kept = withoutErased(
      ledger,
      createTombstones(client, tableName, () => NOW + 2 * HOUR),
    );
    const object = (name: string, at: number): Observation => ({
      ...{ entity: 'file', taskId: 'room', name, facet: 'storage', rank: STORAGE_RANK.uploaded, at },
      value: { status: 'uploaded', task: {}, checkedAt: isoTime(NOW) },
    });
    for (const [name, at] of [
      ['before.jpg', NOW - HOUR],
      ['after.jpg', NOW + HOUR],
    ] as const)
      await kept.apply(owner, object(name, at));
    expect(await reader.task(owner, 'room')).toMatchObject([{ files: [{ name: 'after.jpg' }] }]);
  });
});
