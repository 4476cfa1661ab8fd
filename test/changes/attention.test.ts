import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import type { AttentionEvent } from '../../types/index.d.ts';
import { type Callback, callbacks } from '../support/arbitrary-callbacks.ts';
import { HOUR, iso, messageOf, NOW, ownerOf, SECOND, sampleBody } from '../support/callbacks.ts';
import { type StreamedTable, streamedTable } from '../support/change-stream.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines, runsOn } from '../support/engines.ts';
import { closed, endOf, otherFiles, startOf, uploaded, uploadFailed } from '../support/observations.ts';
import { distinct, published } from '../support/published.ts';
import { type Reader, readerOf } from '../support/reader.ts';
import { attentionFromEvents, isAttention } from '../support/state-from-events.ts';
import { quickOrWhole } from '../support/suite.ts';
import { DAY, MINUTE, settingsOf, startWatch } from '../support/watch.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);

const RONGCLOUD = ownerOf('rongcloud');

/** A quiet app has a test of its own. */
const SETTINGS = settingsOf({ appSilentMs: 0 });

type Step = Observation | { watchAt: number };

const looks = (watchAt: number): Step => ({ watchAt });

const raised = (reason: string, previous?: string) =>
  `raised ${reason}${previous === undefined ? '' : ` after ${previous}`}`;

/** What happens, and its events: the subject without `tasks/task` and `/attention`, and what became of the entry. */
const CASES: [name: string, steps: Step[], expected: [subject: string, change: string][]][] = [
  [
    'an upload that fails, again and again, until it succeeds',
    [uploadFailed('task', 'a', 0), uploadFailed('task', 'a', 5), looks(HOUR), uploaded('task', 'a', 9)],
    [
      ['/files/a', raised('upload_failed')],
      ['/files/a', 'cleared upload_failed'],
    ],
  ],
  ['a failure that is older than the success', [uploaded('task', 'a', 5), uploadFailed('task', 'a', 0)], []],
  [
    'a file that will be deleted, is deleted and given up',
    [uploadFailed('task', 'a', 0), ...[18, 20, 24, 30, 24 * 9].map((hours) => looks(hours * HOUR))],
    [
      ['/files/a', raised('upload_failed')],
      ['/files/a', raised('purge_near', 'upload_failed')],
      ['/files/a', raised('lost', 'purge_near')],
      ['/files/a', 'dropped lost'],
    ],
  ],
  [
    'a file that is given up at the first look',
    [uploadFailed('task', 'a', 0), looks(9 * DAY)],
    [
      ['/files/a', raised('upload_failed')],
      ['/files/a', 'dropped upload_failed'],
    ],
  ],
  [
    'the other files of a task, beside the task itself',
    [
      startOf('task', 0),
      otherFiles('task', 1, 'upload_failed'),
      looks(2 * DAY),
      otherFiles('task', 2, 'uploaded'),
      endOf('task', 3),
      looks(3 * DAY),
    ],
    [
      ['/files/', raised('upload_failed')],
      ['', raised('task_silent')],
      ['/files/', 'cleared upload_failed'],
      ['', 'cleared task_silent'],
    ],
  ],
  [
    'a file that is recovered with the others of its task, and fails after that',
    [
      uploadFailed('task', 'a', 0, { retentionMs: undefined }),
      otherFiles('task', 5, 'recovered'),
      looks(HOUR),
      looks(2 * HOUR),
      uploadFailed('task', 'a', 9, { retentionMs: undefined }),
      looks(3 * HOUR),
    ],
    [
      ['/files/a', raised('upload_failed')],
      ['/files/a', 'cleared upload_failed'],
      ['/files/a', raised('upload_failed')],
    ],
  ],
  [
    'a missing upload that has failed',
    [
      closed('task', 'a', 0),
      looks(2 * HOUR),
      looks(3 * HOUR),
      uploadFailed('task', 'a', 1),
      uploaded('task', 'a', 2),
    ],
    [
      ['/files/a', raised('upload_missing')],
      ['/files/a', raised('upload_failed', 'upload_missing')],
      ['/files/a', 'cleared upload_failed'],
    ],
  ],
  [
    'a task whose file comes, in an item of its own',
    [endOf('task', 0, { file: { name: 'a' } }), looks(2 * HOUR), uploaded('task', 'a', 1), looks(3 * HOUR)],
    [
      ['', raised('upload_missing')],
      ['', 'cleared upload_missing'],
    ],
  ],
  [
    'a task that nobody sees to, and that ends after all',
    [
      startOf('task', 0),
      looks(DAY),
      looks(9 * DAY),
      endOf('task', 1, { file: { name: 'a' } }),
      looks(10 * DAY),
    ],
    [
      ['', raised('task_silent')],
      ['', 'dropped task_silent'],
      ['', raised('upload_missing')],
    ],
  ],
];

describeOnEngines('the events of attention', (engine) => {
  let table: StreamedTable;
  beforeEach(async () => {
    table = await streamedTable(engine);
    return () => table.close();
  });
  const events = async () => distinct(await published(await table.records())).filter(isAttention);

  it.each(CASES)('%s', async (_name, steps, expected) => {
    const ledger = createLedger(table.client, table.tableName);
    for (const step of steps) {
      if ('watchAt' in step) await startWatch(table, SETTINGS).run(step.watchAt);
      else await ledger.apply(RONGCLOUD, step);
    }
    const found = await events();
    expect(
      found.map(({ type, subject, data: { reason, previousReason } }) => [
        subject.replace(/^tasks\/task(.*)\/attention$/, '$1'),
        type === 'rtc.attention.raised'
          ? raised(reason, previousReason)
          : `${type.slice('rtc.attention.'.length)} ${reason}`,
      ]),
    ).toEqual(expected);
  });

  it('say what the item is of, its deadline, and when it was written', async () => {
    const ledger = createLedger(table.client, table.tableName);
    // The stream says so approximately: DynamoDB Local to the minute.
    const before = Math.floor(Date.now() / MINUTE) * MINUTE;
    await ledger.apply(RONGCLOUD, uploadFailed('task', 'a', 0));
    await ledger.apply(RONGCLOUD, startOf('silent', 0));
    await startWatch(table, SETTINGS).run(DAY);
    const [failed, ...others] = await events();
    expect(failed).toMatchObject({
      source: `/rtc-callbacks/test/rongcloud/${RONGCLOUD.appId}`,
      data: {
        file: { ...RONGCLOUD, taskId: 'task', name: 'a', status: 'upload_failed', purgeAt: iso(DAY) },
        task: { ...RONGCLOUD, taskId: 'task', kind: 'recording' },
        reason: 'upload_failed',
        since: iso(0),
      },
    });
    expect(others.find(({ data }) => data.reason === 'task_silent')?.data).toEqual({
      task: expect.objectContaining({ ...RONGCLOUD, taskId: 'silent', status: 'started' }),
      files: [],
      reason: 'task_silent',
      since: iso(0),
    });
    for (const { time } of [failed as AttentionEvent, ...others]) {
      expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
    }
  });

  it('of an app that is quiet until it calls, and of none that calls again and again', async () => {
    const { run } = startWatch(table);
    const call = (at: number) => {
      const body = sampleBody('rongcloud-recording', 'upload', {}, NOW + at);
      return startConsumer(table).consume(messageOf('rongcloud-recording', body, { receivedAt: NOW + at }));
    };
    for (const at of [0, HOUR, 2 * HOUR]) await call(at);
    await run(DAY);
    expect(await events()).toEqual([]);
    await run(DAY + 2 * HOUR);
    await run(DAY + 3 * HOUR);
    await call(2 * DAY);
    await call(2 * DAY + HOUR);
    const app = { ...RONGCLOUD, lastReceivedAt: iso(2 * HOUR) };
    const common = { reason: 'app_silent', since: iso(2 * HOUR) };
    expect((await events()).map(({ type, subject, data }) => [type, subject, data])).toEqual([
      ['rtc.attention.raised', `apps/${RONGCLOUD.appId}/attention`, { app, ...common }],
      [
        'rtc.attention.cleared',
        `apps/${RONGCLOUD.appId}/attention`,
        { app: { ...app, lastReceivedAt: iso(2 * DAY) }, ...common },
      ],
    ]);
  });

  describe('list what /attention lists', () => {
    const trtcRecordings = fc
      .record({
        event: fc.constantFrom(
          ...['start', 'end', 'file', 'mp4', 'mp4-failed', 'uploaded', 'upload-failed', 'recovered'],
        ),
        at: fc.constantFrom(0, SECOND, 30 * HOUR),
      })
      .map(({ event, at }): Callback => {
        const EventInfo = { EventTs: Math.floor((NOW + at) / SECOND), EventMsTs: NOW + at };
        return {
          source: 'tencent',
          body: sampleBody('tencent', `recording-${event}`, { EventInfo }, NOW + at),
        };
      });
    /** Callbacks, and how long after the last look the watch looks again. */
    const histories = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: callbacks },
        { weight: 3, arbitrary: trtcRecordings },
        { weight: 3, arbitrary: fc.constantFrom(MINUTE, HOUR, 20 * HOUR, 8 * DAY) },
      ),
      { minLength: 2, maxLength: 10 },
    );

    it('at any moment, and after each look of the watch nothing else', () =>
      fc.assert(
        fc.asyncProperty(histories, async (steps) => {
          const own = await streamedTable(engine);
          const reader = readerOf(own);
          const consumer = startConsumer(own);
          let clock = DAY;
          for (const step of steps) {
            if (typeof step !== 'number') {
              await consumer.consume(messageOf(step.source, step.body, { receivedAt: NOW + clock }));
            } else {
              clock += step;
              await startWatch(own).run(clock);
            }
            const posted = attentionFromEvents(await published(await own.records()));
            const listed = await listedEntries(reader, clock);
            const matched = listed.map((entry) => entry.subjects.find((subject) => posted.has(subject)));
            expect(matched).not.toContain(undefined);
            if (typeof step !== 'number') continue;
            expect(new Set(matched)).toEqual(new Set(posted.keys()));
            for (const [index, { reason }] of listed.entries())
              expect(posted.get(matched[index] ?? '')?.data.reason).toBe(reason);
          }
          await own.close();
        }),
        {
          seed: SEED,
          numRuns: runsOn(engine, quickOrWhole(4, 10)),
        },
      ));
  });
});

/** The entries of `/attention` with the subjects, after their source, that may describe each. */
async function listedEntries(reader: Reader, at: number): Promise<{ reason: string; subjects: string[] }[]> {
  const pages = await reader.attention({ now: NOW + at, limit: 500 });
  const subject = (vendor: string, appId: string, ...path: string[]) =>
    `/rtc-callbacks/test/${vendor}/${appId} ${path.map(encodeURIComponent).join('/')}/attention`;
  return pages.flatMap(({ files, tasks = [], apps = [] }) => [
    ...files.map(({ vendor, appId, taskId, name, reason }) => ({
      reason,
      // Of its own item; or of its task's, which names it or speaks for files without callbacks of their own.
      subjects: [['files', name], ['files', ''], []].map((path) =>
        subject(vendor, appId, 'tasks', taskId, ...path),
      ),
    })),
    ...tasks.map(({ vendor, appId, taskId, reason }) => ({
      reason,
      subjects: [subject(vendor, appId, 'tasks', taskId)],
    })),
    ...apps.map(({ vendor, appId, reason }) => ({
      reason,
      subjects: [subject(vendor, appId, 'apps', appId)],
    })),
  ]);
}
