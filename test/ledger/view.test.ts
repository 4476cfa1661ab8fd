import { describe, expect, it } from 'vitest';
import type {
  FileFacet,
  RoomFacet,
  TargetFacet,
  TaskFacet,
  TaskKind,
  TaskUpload,
} from '../../lib/callback/observation.ts';
import {
  effectiveUpload,
  fileFacets,
  filesOfHead,
  type Item,
  isMadeByTask,
  partsOf,
  roomFacets,
  speaksOf,
  targetFacets,
  taskFacets,
} from '../../lib/ledger/facets.ts';
import { NO_DEADLINE } from '../../lib/ledger/updates.ts';
import { fileView, roomView, targetView, taskView } from '../../lib/ledger/view.ts';
import { iso, NOW } from '../support/callbacks.ts';

const OWNER = { vendor: 'zego', appId: 'app' } as const;
const RECORDING = { kind: 'recording' } as const;

type Facets<Value> = Record<string, [at: number, value: Value, order?: string | undefined]>;

/** An item with facets at times in ms after `NOW`. */
function item<Value>(facets: Facets<Value>, attributes: Item = {}): Item {
  const entries = Object.entries(facets).flatMap(([name, [at, value, order = '0#']]) => [
    [name, { S: JSON.stringify({ at: NOW + at, ...value }) }],
    [`${name}Order`, { S: order }],
  ]);
  return { ...Object.fromEntries(entries), ...attributes };
}
const REPLACED = '0#-';

const task = (facets: Facets<object>) => taskFacets(item(facets));
const file = (facets: Facets<Partial<FileFacet>>, attributes?: Item) => item(facets, attributes);

/** The view of a file with one name, an hour after `NOW`. */
const viewOf = (own: Item | undefined, ofTask = task({})) =>
  fileView(OWNER, 'task', 'a.mp4', own, ofTask, NOW + 3_600_000);

describe('a file', () => {
  it('has the details of its upload, else of its segment, its end and its start', () => {
    const details = {
      url: 'https://x.example/a.mp4',
      sizeBytes: 1,
      durationMs: 2,
      resolution: '3x4',
      userId: 'u',
      trackType: 'audio',
      mediaId: 'main',
      vodFileId: 'v',
      beginsAt: iso(1),
      endsAt: iso(2),
    } as const;
    for (const facet of ['upload', 'segment', 'end', 'start']) {
      expect(viewOf(file({ [facet]: [1, { status: 'closed', task: RECORDING, ...details }] }))).toMatchObject(
        {
          ...{ ...OWNER, taskId: 'task', name: 'a.mp4', kind: 'recording' },
          ...details,
        },
      );
    }
    const urls = ['upload', 'segment', 'end', 'start'];
    for (const [index] of urls.entries()) {
      const known = urls.slice(index);
      const facets = Object.fromEntries(known.map((url) => [url, [1, { task: RECORDING, url }]]));
      expect(viewOf(file(facets as Facets<FileFacet>)).url).toBe(known[0]);
    }
  });

  it('is what it says itself, else what its task is, by its own facets or by the start of the task', () => {
    const started = task({ start: [0, { status: 'started', task: { kind: 'live' } }] });
    const own = (value: object) =>
      viewOf(file({ segment: [1, { task: {}, ...value } as FileFacet] }), started);
    expect(own({ kind: 'screenshot', task: RECORDING }).kind).toBe('screenshot');
    expect(own({ task: RECORDING }).kind).toBe('recording');
    expect(own({}).kind).toBe('live');
    expect(own({ task: { userId: 'of the task' } }).userId).toBe('of the task');
    expect(own({ userId: 'own', task: { userId: 'of the task' } }).userId).toBe('own');
  });

  it.each<[string, Item | undefined, Parameters<typeof task>[0], object]>([
    ['runs from its start on', file({ start: [1, { task: RECORDING }] }), {}, { status: 'recording' }],
    ['is closed by its segment', file({ segment: [1, { task: RECORDING }] }), {}, { status: 'closed' }],
    ['is closed by its end', file({ end: [1, { task: RECORDING }] }), {}, { status: 'closed' }],
    [
      'is closed by the end of its task',
      file({ start: [1, { task: RECORDING }] }),
      { end: [2, { status: 'ended', task: RECORDING }] },
      { status: 'closed', lastEventAt: iso(1) },
    ],
    [
      'runs on after the end of another of its task',
      file({ start: [1, { task: RECORDING }] }),
      { end: [2, { status: 'ended', task: RECORDING, parts: 'files' }] },
      { status: 'recording' },
    ],
    [
      'that one target was relayed to its end is closed',
      file({ start: [1, { task: RECORDING }] }),
      { end: [2, { status: 'ended', task: RECORDING, parts: 'targets' }] },
      { status: 'closed' },
    ],
    [
      'has the outcome of its upload',
      file({
        segment: [3, { task: RECORDING, code: 7 }],
        upload: [2, { status: 'uploaded', task: RECORDING, code: 0 }],
      }),
      {},
      {
        status: 'uploaded',
        uploadedAt: iso(2),
        failedAt: undefined,
        purgeAt: undefined,
        code: 0,
        lastEventAt: iso(3),
      },
    ],
    [
      'has the outcome of its segment, else of its end',
      file({
        segment: [1, { task: RECORDING, code: 7, message: 'm' }],
        end: [2, { task: RECORDING, code: 8 }],
      }),
      {},
      { code: 7, message: 'm', lastEventAt: iso(2) },
    ],
    [
      'has the outcome of its end',
      file({ end: [2, { task: RECORDING, code: 8, message: 'e' }] }),
      {},
      { code: 8, message: 'e' },
    ],
    [
      'has the outcome of its task’s upload, and is heard of then',
      undefined,
      { upload: [4, { status: 'upload_failed', task: RECORDING, code: 9 }] },
      { status: 'upload_failed', failedAt: iso(4), uploadedAt: undefined, code: 9, lastEventAt: iso(4) },
    ],
  ])('%s', (_name, own, ofTask, expected) => expect(viewOf(own, task(ofTask))).toMatchObject(expected));

  it('is lost from its deadline on, and only while its upload failed', () => {
    const failed = (attentionAt: string | undefined, status: FileFacet['status'] = 'upload_failed') =>
      viewOf(
        file(
          { upload: [1, { status, task: RECORDING }] },
          attentionAt ? { attentionAt: { S: attentionAt } } : {},
        ),
      );
    expect(failed(iso(3_600_001))).toMatchObject({ status: 'upload_failed', purgeAt: iso(3_600_001) });
    expect(failed(iso(3_600_000))).toMatchObject({
      status: 'lost',
      failedAt: iso(1),
      purgeAt: iso(3_600_000),
    });
    expect(failed(NO_DEADLINE)).toMatchObject({ status: 'upload_failed', purgeAt: undefined });
    expect(failed(undefined)).toMatchObject({ status: 'upload_failed', purgeAt: undefined });
    expect(failed(iso(1), 'uploaded')).toMatchObject({ status: 'uploaded', purgeAt: undefined });
  });

  it('has a provisional name while nothing but its start is known', () => {
    const start = [1, { task: RECORDING, isProvisional: true }] as [number, FileFacet];
    expect(viewOf(file({ start })).isProvisional).toBe(true);
    for (const facet of ['segment', 'end', 'upload']) {
      expect(viewOf(file({ start, [facet]: [2, { task: RECORDING }] })).isProvisional).toBeUndefined();
    }
  });
});

describe('a file that the item of its task names', () => {
  const named = (name: string, url: string) => ({ file: { name, url } });
  const start: [number, TaskFacet] = [1, { status: 'started', task: RECORDING, ...named('a.mp4', 'start') }];
  const end: [number, TaskFacet] = [2, { status: 'ended', task: RECORDING, ...named('a.mp4', 'end') }];

  it('has its start and its end from there unless its own item has them', () => {
    expect(viewOf(undefined, task({ start }))).toMatchObject({
      status: 'recording',
      url: 'start',
      isProvisional: true,
    });
    expect(viewOf(undefined, task({ start, end }))).toMatchObject({
      status: 'closed',
      url: 'end',
      lastEventAt: iso(2),
    });
    const own = file({ end: [5, { status: 'closed', task: RECORDING, url: 'own' }] });
    expect(viewOf(own, task({ start, end }))).toMatchObject({ url: 'own', lastEventAt: iso(5) });
  });

  it('is one with that of the end where both have one name', () => {
    expect(filesOfHead(task({ start, end })).map(({ name }) => name)).toEqual(['a.mp4']);
    const other: [number, TaskFacet] = [2, { status: 'ended', task: RECORDING, ...named('b.mp4', 'end') }];
    expect(filesOfHead(task({ start, end: other })).map(({ name }) => name)).toEqual(['a.mp4', 'b.mp4']);
  });

  it('does not exist for a start that failed, nor where no file is named', () => {
    expect(filesOfHead(task({ start: [1, { ...start[1], status: 'failed' }] }))).toEqual([]);
    const bare = { status: 'started', task: RECORDING } as const;
    expect(filesOfHead(task({ start: [1, bare], end: [2, { ...bare, status: 'ended' }] }))).toEqual([]);
  });
});

describe('the upload of the files of a task', () => {
  const upload = (at: number, value: Partial<FileFacet>) => fileFacets(file({ upload: [at, value] })).upload;
  const ofTask = (at: number, value: Partial<TaskUpload>) => task({ upload: [at, value] }).upload;
  const recovered = { status: 'uploaded', recovered: true } as const;

  it('is of files with one of its suffixes, and of a file without a name', () => {
    const suffixes = ['.m3u8', '.ts'];
    expect(['a.m3u8', 'a.ts', '', 'a.mp4'].map((name) => speaksOf({ suffixes } as never, name))).toEqual([
      ...[true, true, true, false],
    ]);
    expect(speaksOf({ status: 'uploaded', task: RECORDING }, 'a.mp4')).toBe(true);
    const own = upload(1, { status: 'upload_failed' });
    expect(effectiveUpload('a.mp4', own, ofTask(2, { ...recovered, suffixes }))).toBe(own);
  });

  it('replaces a file’s own only where that failed before the files were recovered', () => {
    const failed = upload(2, { status: 'upload_failed' });
    const done = upload(2, { status: 'uploaded' });
    const [before, then, plain] = [
      ofTask(1, recovered),
      ofTask(2, recovered),
      ofTask(3, { status: 'uploaded' }),
    ];
    expect(effectiveUpload('a', undefined, plain)).toBe(plain);
    expect(effectiveUpload('a', failed, undefined)).toBe(failed);
    expect(effectiveUpload('a', failed, then)).toBe(then);
    expect(effectiveUpload('a', failed, before)).toBe(failed);
    expect(effectiveUpload('a', failed, plain)).toBe(failed);
    expect(effectiveUpload('a', done, then)).toBe(done);
  });
});

describe('a task', () => {
  const taskOf = (facets: Parameters<typeof task>[0], besides: Parameters<typeof taskView>[3] = {}) =>
    taskView(OWNER, 'task', task(facets), besides);
  const context = { kind: 'live', roomId: 'r', sessionId: 's', userId: 'u', mode: 1, extra: 'e' } as const;
  const start: [number, TaskFacet] = [1, { status: 'started', task: context, config: { a: 1 } }];
  const end: [number, TaskFacet] = [
    2,
    { status: 'ended', task: context, code: 3, message: 'm', config: { b: 1 } },
  ];

  it('has what its start and its end say', () => {
    const all = { ...OWNER, taskId: 'task', ...context, startedAt: iso(1), config: { a: 1 } };
    expect(taskOf({ start })).toEqual({ ...all, status: 'started' });
    expect(taskOf({ start, end })).toEqual({
      ...all,
      status: 'ended',
      endedAt: iso(2),
      code: 3,
      message: 'm',
    });
    expect(taskOf({ end })).toMatchObject({ startedAt: undefined, endedAt: iso(2), config: { b: 1 } });
    expect(taskOf({})).toEqual({ ...OWNER, taskId: 'task', status: 'unknown' });
  });

  it('runs while a part runs, and ends with its last part', () => {
    expect(taskOf({ start, end }, { parts: { isRunning: true } })).toMatchObject({
      ...{ status: 'started', endedAt: undefined, code: undefined },
    });
    const targets = [{ urlEnd: 'abcd', status: 'ended' as const }];
    const parts = { isRunning: false, lastEndAt: NOW + 9, targets };
    expect(taskOf({ start, end }, { parts })).toMatchObject({ status: 'ended', endedAt: iso(9), targets });
    expect(taskOf({ start }, { parts })).toMatchObject({ status: 'started', endedAt: undefined });
  });

  it('runs again where it starts after its end, as far as somebody claims that time', () => {
    const again: [number, TaskFacet] = [3, start[1]];
    expect(taskOf({ start: again, end }).status).toBe('started');
    expect(taskOf({ start: [...again, REPLACED], end }).status).toBe('ended');
    expect(taskOf({ start: [2, start[1]], end }).status).toBe('ended');
  });

  it('that failed to start has neither a start nor an end', () => {
    expect(taskOf({ start: [1, { status: 'failed', task: RECORDING, code: 5 }] })).toMatchObject({
      ...{ status: 'failed', startedAt: undefined, endedAt: undefined, code: 5 },
    });
  });

  it('has its context from any facet, its own before its file’s', () => {
    for (const facet of ['start', 'end', 'upload', 'risk']) {
      expect(taskOf({ [facet]: [1, { task: context }] })).toMatchObject(context);
    }
    for (const facet of ['start', 'segment', 'end', 'upload']) {
      expect(taskOf({}, { file: file({ [facet]: [1, { task: context }] }) })).toMatchObject(context);
    }
    const other = file({ start: [1, { task: { kind: 'recording', userId: 'v' } }] });
    expect(
      taskOf({ risk: [1, { task: { kind: 'live' }, riskLevel: 'PASS' }] }, { file: other }),
    ).toMatchObject({
      ...{ kind: 'live', userId: 'v', riskLevel: 'PASS' },
    });
  });

  it('is what its event says, else what its file is, where nothing else says what it is', () => {
    const event = { kind: { S: 'player' }, roomId: { S: 'of the event' } };
    const picture = file({ segment: [1, { kind: 'screenshot', task: {} }] as never });
    const alone = { file: picture, isKindOfFile: true };
    expect(taskOf({}, { event, ...alone })).toMatchObject({ kind: 'player', roomId: 'of the event' });
    expect(taskOf({}, alone).kind).toBe('screenshot');
    expect(taskOf({}, { file: picture }).kind).toBeUndefined();
    expect(taskOf({ start }, { event, ...alone })).toMatchObject({ kind: 'live', roomId: 'r' });
  });

  it('is what it made: a file after its end that does not say what the task is', () => {
    const made = (at: number, kind?: 'recording', order?: string) =>
      file({ upload: [at, { status: 'uploaded', kind: 'screenshot', task: { kind } } as never, order] });
    const kindOf = (only: Item) => taskOf({ end }, { file: only, isKindOfFile: true }).kind;
    expect(kindOf(made(3))).toBe('screenshot');
    expect(kindOf(made(2))).toBe('live');
    expect(kindOf(made(3, 'recording'))).toBe('live');
    expect(kindOf(made(3, undefined, REPLACED))).toBe('live');
    expect(taskOf({ end }, { file: made(3) }).kind).toBe('live');
    expect(isMadeByTask(fileFacets(made(3)), task({}))).toBe(false);
    expect(isMadeByTask({}, task({ end }))).toBe(false);
    const expected = (kind: TaskKind) => task({ end, expected: [0, { task: { kind } }] });
    expect(isMadeByTask(fileFacets(made(3)), expected('recording'))).toBe(false);
    expect(isMadeByTask(fileFacets(made(3)), expected('screenshot'))).toBe(true);
  });

  it('ends with its only file where no other callback would say so', () => {
    const last = (endsTask: boolean | undefined) =>
      file({ upload: [4, { status: 'uploaded', task: RECORDING, endsTask }] });
    expect(taskOf({}, { file: last(true) })).toMatchObject({ status: 'ended', endedAt: iso(4) });
    expect(taskOf({}, { file: last(undefined) })).toMatchObject({ status: 'unknown', endedAt: undefined });
    expect(taskOf({ start }, { file: last(true) })).toMatchObject({ status: 'started' });
  });

  it('has parts that run on their own where any callback says so', () => {
    const of = (parts: TaskFacet['parts']): [number, TaskFacet] => [
      1,
      { status: 'started', task: RECORDING, parts },
    ];
    expect(partsOf(task({ start: of('files'), end: of('targets') }))).toBe('files');
    expect(partsOf(task({ end: of('targets') }))).toBe('targets');
    expect(partsOf(task({}))).toBeUndefined();
  });
});

it('a target has what its start and its end say', () => {
  const facet = (at: number, status: TargetFacet['status'], more: Partial<TargetFacet> = {}) =>
    [at, { status, task: RECORDING, host: 'h', urlEnd: 'abcd', ...more }] as [number, TargetFacet];
  const of = (facets: Facets<TargetFacet>) => targetView(targetFacets(item(facets)));
  const all = { host: 'h', urlEnd: 'abcd' };
  expect(of({})).toBeUndefined();
  expect(of({ start: facet(1, 'started') })).toEqual({ ...all, status: 'started', startedAt: iso(1) });
  const end = facet(2, 'failed', { code: 1, message: 'm' });
  const failed = { ...all, status: 'failed', code: 1, message: 'm', endedAt: iso(2) };
  expect(of({ end })).toEqual(failed);
  expect(of({ start: facet(1, 'started'), end })).toEqual({ ...failed, startedAt: iso(1) });
  expect(of({ start: facet(3, 'started'), end })).toMatchObject({ status: 'started', endedAt: undefined });
});

describe('a room', () => {
  const session = (at: number, sessionId?: string, order?: string) =>
    [at, { sessionId }, order] as [number, RoomFacet, string?];
  const of = (facets: Facets<RoomFacet>) => roomView(OWNER, 'room', item(facets));
  const room = { ...OWNER, roomId: 'room' };

  it('is unknown until it is said to be opened or closed', () => {
    expect(roomView(OWNER, 'room', undefined)).toEqual({ ...room, status: 'unknown' });
    expect(of({ activity: session(1, 'a') })).toEqual({
      ...{ ...room, status: 'unknown', sessionId: 'a', lastEventAt: iso(1) },
    });
  });

  it('is open after its opening, and closed from its end on', () => {
    const [open, close] = [session(1, 'o'), session(2, 'c')];
    expect(of({ open })).toEqual({
      ...room,
      status: 'open',
      sessionId: 'o',
      openedAt: iso(1),
      lastEventAt: iso(1),
    });
    const closed = { ...room, status: 'closed', sessionId: 'c', closedAt: iso(2), lastEventAt: iso(2) };
    expect(of({ close })).toEqual(closed);
    expect(of({ open, close })).toEqual({ ...closed, openedAt: iso(1) });
    expect(of({ open: session(2, 'o'), close }).status).toBe('closed');
    expect(of({ open: session(3, 'o'), close })).toEqual({
      ...{ ...room, status: 'open', sessionId: 'o', openedAt: iso(3), lastEventAt: iso(3) },
    });
    expect(of({ open: session(3, 'o', REPLACED), close }).status).toBe('closed');
  });

  it('has its session from the event that says how it is, else from another', () => {
    const activity = session(5, 'a');
    expect(of({ open: session(1), activity }).sessionId).toBe('a');
    expect(of({ open: session(1, 'o'), close: session(2), activity })).toMatchObject({
      ...{ sessionId: 'o', lastEventAt: iso(5) },
    });
    expect(of({ close: session(2), activity }).sessionId).toBe('a');
    expect(roomFacets(item({ open: session(1, 'o') })).open).toEqual({
      at: NOW + 1,
      value: { sessionId: 'o' },
    });
  });
});
