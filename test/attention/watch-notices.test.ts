import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { noticeOf } from '../../lib/attention/notice.ts';
import { HOUR, iso, NOW, ownerOf } from '../support/callbacks.ts';
import { faultyClient } from '../support/commands.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { DAY, MINUTE, settingsOf, startWatch } from '../support/watch.ts';
import { writeApi } from '../support/write-api.ts';

const RONGCLOUD = ownerOf('rongcloud');
const ZEGO = ownerOf('zego');

describeOnEngines('the watch', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });
  const fail = (taskId: string, at = 0, owner = RONGCLOUD) =>
    store.applyAll(owner, [uploadFailed(taskId, 'a.mp4', at, { code: 20001 })]);

  it('publishes one notice for each app and reason, and no second one', async () => {
    for (let index = 0; index < 40; index += 1) await fail(`task-${index}`, index);
    await fail('other', 0, ZEGO);
    const { run, notices, lines } = startWatch(store);
    expect(await run(HOUR)).toMatchObject({ upload_failed: 41, notices: 2, savable: 41 });
    const first = notices.find(({ subject }) => subject.includes('rongcloud'));
    expect(first?.subject).toBe(`rtc-callbacks: upload_failed (40) rongcloud ${RONGCLOUD.appId}`);
    // The most urgent first, why, and how long there is.
    expect(first?.text).toMatch(/task task-0, file a\.mp4, since .*, 23 h 0 min left, code 20001\n.*task-1,/);
    expect(first?.text).toMatch(/and 35 more\n/);
    expect(first?.text).toContain('rtc-callbacks attention list --stage prod\n');
    expect(lines.filter(({ message }) => message === 'notice')).toHaveLength(2);
    expect(await run(HOUR + 5 * MINUTE)).toMatchObject({ notices: 0 });
    expect(await run(3 * HOUR)).toMatchObject({ notices: 0 });
  });

  it('says no more than once an hour what goes on, and then all of it', async () => {
    const { run, notices } = startWatch(store);
    for (let minute = 0; minute < 180; minute += 5) {
      await fail(`task-${minute}`, minute * MINUTE);
      await run(minute * MINUTE);
    }
    expect(notices).toHaveLength(3);
    await run(180 * MINUTE);
    expect(notices.at(-1)?.text).toContain('Attention items: 36, new: 11');
  });

  it('says it again when the reason changes', async () => {
    await fail('task');
    const { run, notices } = startWatch(store);
    for (const at of [MINUTE, 18 * HOUR, 18 * HOUR + 1, DAY, DAY + 1]) await run(at);
    expect(notices.map(({ subject }) => subject.split(' ')[1])).toEqual([
      'upload_failed',
      'purge_near',
      'lost',
    ]);
  });

  it('counts for the alarms what can be saved, and each lost file once', async () => {
    await fail('task');
    const { run } = startWatch(store);
    expect(await run(29 * MINUTE)).toMatchObject({ savable: 0 });
    expect(await run(30 * MINUTE)).toMatchObject({ savable: 1, newlyLost: 0 });
    expect(await run(DAY)).toMatchObject({ savable: 0, newlyLost: 1 });
    expect(await run(DAY + 1)).toMatchObject({ savable: 0, newlyLost: 0, lost: 1 });
  });

  it('leaves out what is hidden', async () => {
    await fail('task');
    const [page] = await store.reader.attention();
    const body = { id: page?.files[0]?.id, by: 'ada', why: 'a test' };
    await writeApi(store).request('POST /attention/dismiss', body, 0);
    const { run } = startWatch(store);
    expect(await run(HOUR)).toMatchObject({ notices: 0, savable: 0, hidden: 1 });
    expect(await run(18 * HOUR)).toMatchObject({ notices: 1, purge_near: 1 });
  });

  it('reports a silence again after a callback', async () => {
    await store.applyAll(RONGCLOUD, [startOf('task', 0)]);
    const { run, notices } = startWatch(store);
    for (const at of [DAY, DAY + HOUR]) await run(at);
    await store.applyAll(RONGCLOUD, [startOf('task', DAY + 2 * HOUR)]);
    await run(3 * DAY);
    expect(notices).toHaveLength(2);
  });

  it('repeats what the topic did not take', async () => {
    await fail('task');
    const out = startWatch(store, settingsOf(), true);
    expect(await out.run(HOUR)).toMatchObject({ notices: 0 });
    expect(out.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'notice' }));
    expect(await startWatch(store).run(HOUR + 1)).toMatchObject({ notices: 1 });
  });

  it('reports every item at least once, wherever runs break off', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 8 }),
        async (breaks, count) => {
          store = await freshLedger(engine);
          for (let index = 0; index < count; index += 1) await fail(`task-${index}`, index);
          const published: string[] = [];
          for (const [index, broken] of breaks.entries()) {
            const client = faultyClient(engine.connect(), (_command, number) =>
              number >= broken ? 'before' : undefined,
            );
            const { run, notices } = startWatch({ ...store, client });
            await run((index + 1) * 2 * HOUR).catch(() => {});
            published.push(...notices.map(({ text }) => text));
            client.destroy();
          }
          const { run, notices } = startWatch(store);
          await run(12 * HOUR);
          published.push(...notices.map(({ text }) => text));
          expect(published.length).toBeGreaterThanOrEqual(1);
          // No run has more than one for the same app and reason, and then all know it.
          expect(published.length).toBeLessThanOrEqual(breaks.length + 1);
          expect(await run(17 * HOUR)).toMatchObject({ notices: 0, upload_failed: count });
        },
      ),
      { numRuns: runsOn(engine, 10) },
    ));

  it('has nothing to say of what was uploaded in between', async () => {
    await fail('task');
    await store.applyAll(RONGCLOUD, [uploaded('task', 'a.mp4', 1)]);
    expect(await startWatch(store).run(HOUR)).toMatchObject({ notices: 0 });
  });
});

it('a notice shows no query of a URL, and its subject is what SNS takes', () => {
  const item = { taskId: 't', label: undefined, since: iso(0), said: undefined };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (appId, name) => {
      const named = [{ ...item, fileName: `${name.replaceAll('?', '')}?sign=SECRET` }];
      const notice = noticeOf(
        { owner: { vendor: 'zego', appId }, reason: 'lost', count: 1, newCount: 1, named },
        NOW,
      );
      expect(notice.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
      expect(notice.text).not.toContain('SECRET');
    }),
  );
});
