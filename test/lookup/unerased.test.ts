import { expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
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
});
