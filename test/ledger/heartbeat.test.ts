import { expect, it } from 'vitest';
import { createHeartbeat, readHeartbeats } from '../../lib/ledger/heartbeat.ts';
import { describeOnEngines } from '../support/engines.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const MINUTE = 60_000;
const app = { vendor: 'tencent' as const, appId: '1400000000' };
const time = (ms: number) => new Date(ms).toISOString();

describeOnEngines('heartbeats', (engine) => {
  it.each([
    ['in order', [0, 1]],
    ['out of order', [1, 0]],
  ])('remember when each secret last verified: %s', async (_name, order) => {
    const tableName = await engine.newTable();
    const beats = [
      { receivedAt: NOW, keyIndex: 1 },
      { receivedAt: NOW + MINUTE, keyIndex: 0 },
    ];
    for (const index of order) {
      // Each by a process of its own.
      const beat = createHeartbeat(engine.client, tableName);
      await beat(app, beats[index] as (typeof beats)[0]);
      await beat({ vendor: 'zego', appId: '7' }, { receivedAt: NOW, keyIndex: 0 });
    }
    const [first, second] = await readHeartbeats(engine.client, tableName);
    expect(first).toEqual({
      ...app,
      lastReceivedAt: time(NOW + MINUTE),
      verifiedAt: new Map([
        [0, time(NOW + MINUTE)],
        [1, time(NOW)],
      ]),
    });
    expect(second).toMatchObject({ vendor: 'zego', appId: '7' });
  });

  it('are written once in five minutes by each process and secret', async () => {
    const tableName = await engine.newTable();
    const beat = createHeartbeat(engine.client, tableName);
    const verifiedAt = async () => (await readHeartbeats(engine.client, tableName))[0]?.verifiedAt.get(0);
    await beat(app, { receivedAt: NOW, keyIndex: 0 });
    await beat(app, { receivedAt: NOW + 4 * MINUTE, keyIndex: 0 });
    expect(await verifiedAt()).toBe(time(NOW));
    await beat(app, { receivedAt: NOW + 5 * MINUTE, keyIndex: 0 });
    expect(await verifiedAt()).toBe(time(NOW + 5 * MINUTE));
  });
});
