import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation, TaskKind } from '../../lib/callback/observation.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import {
  HOUR,
  iso,
  messageOf,
  NOW,
  SECOND,
  type SourceName,
  sampleBody,
  sampleSource,
} from '../support/callbacks.ts';
import { startConsumer, type TestConsumer } from '../support/consumer.ts';
import { describeOnEngines, type Engine } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';
import { attentionItemsOf, DAY, MINUTE, settingsOf, startWatch, type TestWatch } from '../support/watch.ts';

/* What real callbacks have made ledgers forget, and what `/attention` says once the watch has run. */
describeOnEngines('no file is forgotten', (engine) => {
  describe('of several users of a RongCloud task', () => usersTests(engine));
  describe('of several kinds', () => kindsTests(engine));
  describe('of a live stream to several targets', () => targetsTests(engine));
  describe('whatever times callbacks claim', () => timesTests(engine));
});

/** A ledger with its consumer and its watch. */
function setUp(engine: Engine) {
  const own = {} as { store: FreshLedger; consumer: TestConsumer; watch: TestWatch };
  beforeEach(async () => {
    own.store = await freshLedger(engine);
    own.consumer = startConsumer(own.store);
    own.watch = startWatch(own.store, settingsOf({ appSilentMs: 0 }));
  });
  return {
    /** Delivers a sample that happened `at` ms after `NOW`. */
    async deliver(source: SourceName, event: string, at: number, changes: JsonObject = {}) {
      const body = sampleBody(source, event, changes, NOW + at);
      await own.consumer.consume(messageOf(source, body, { receivedAt: NOW + Math.max(0, at) }));
      expect(own.consumer.quarantined).toEqual([]);
    },
    watch: (at: number) => own.watch.run(at),
    task: async (source: SourceName, id: string, now = 0) => {
      const { vendor, appId } = sampleSource(source);
      const [answer] = await own.store.reader.task({ vendor, appId }, id, { events: false, now: NOW + now });
      return answer;
    },
    store: () => own.store,
    attention: (at: number) => attentionItemsOf(own.store.reader, at),
  };
}

const T = 'teacher';
const P = 'pupil';

function usersTests(engine: Engine) {
  const { deliver, watch, task, attention } = setUp(engine);
  const record = (event: string, at: number, userId: string, fileName: string, changes: JsonObject = {}) =>
    deliver('rongcloud-recording', event, at, {
      ...{ recordId: 'record', roomId: 'room', mode: 1, userId, output: { fileName } },
      ...changes,
    });
  const filesOf = async (now = 0) =>
    (await task('rongcloud-recording', 'record', now))?.files.map(({ name, status, userId }) => [
      name,
      status,
      userId,
    ]);

  it('misses the file whose upload never comes', async () => {
    await record('end', SECOND, T, 'teacher.mp4');
    await record('end', 2 * SECOND, P, 'pupil.mp4');
    await record('upload', 3 * SECOND, P, 'pupil.mp4');
    expect(await filesOf()).toEqual([
      ['pupil.mp4', 'uploaded', P],
      ['teacher.mp4', 'closed', T],
    ]);
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual(['upload_missing record teacher.mp4']);
    await record('upload', 2 * HOUR, T, 'teacher.mp4');
    await watch(3 * HOUR);
    expect(await attention(3 * HOUR)).toEqual([]);
  });

  it('runs while one user is recorded, and replaces temporary names', async () => {
    await record('start', 0, T, 'tmp-t.mp4');
    await record('start', SECOND, P, 'tmp-p.mp4');
    await record('end', 2 * SECOND, P, 'pupil.mp4');
    expect((await task('rongcloud-recording', 'record'))?.task).toMatchObject({
      status: 'started',
      endedAt: undefined,
    });
    expect(await filesOf()).toEqual([
      ['pupil.mp4', 'closed', P],
      ['tmp-t.mp4', 'recording', T],
    ]);
    await record('upload', 3 * SECOND, P, 'pupil.mp4');
    await watch(DAY - MINUTE);
    expect(await attention(DAY - MINUTE)).toEqual([]);
    await watch(DAY + MINUTE);
    expect(await attention(DAY + MINUTE)).toEqual(['task_silent record']);

    await record('end', DAY + 2 * MINUTE, T, 'teacher.mp4');
    const { task: ended, files } = (await task('rongcloud-recording', 'record')) ?? {};
    expect(ended).toMatchObject({ status: 'ended', endedAt: iso(DAY + 2 * MINUTE) });
    expect(files?.map(({ name }) => name)).toEqual(['pupil.mp4', 'teacher.mp4']);
    await watch(DAY + 3 * HOUR);
    expect(await attention(DAY + 3 * HOUR)).toEqual(['upload_missing record teacher.mp4']);
  });

  it('closes the earliest of several recordings of one user', async () => {
    await record('start', 0, T, 'tmp-1.mp4');
    await record('start', 2 * SECOND, T, 'tmp-2.mp4');
    await record('end', SECOND, T, 'final-1.mp4');
    expect(await filesOf()).toEqual([
      ['final-1.mp4', 'closed', T],
      ['tmp-2.mp4', 'recording', T],
    ]);
  });

  it('notices a start that comes after the ends of others were checked', async () => {
    await record('start', 2 * SECOND, P, 'tmp-p.mp4');
    await record('end', 3 * SECOND, P, 'pupil.mp4');
    await record('upload', 4 * SECOND, P, 'pupil.mp4');
    await watch(HOUR);
    await record('start', SECOND, T, 'tmp-t.mp4');
    expect((await task('rongcloud-recording', 'record'))?.task.status).toBe('started');
    await watch(2 * DAY);
    expect(await attention(2 * DAY)).toEqual(['task_silent record']);
  });

  it('keeps one file in the modes that mix all users', async () => {
    const mixed = { mode: 3, userId: '' };
    await record('start', 0, '', 'tmp.mp4', mixed);
    await record('end', SECOND, '', 'final.mp4', mixed);
    expect((await task('rongcloud-recording', 'record'))?.task.status).toBe('ended');
    expect(await filesOf()).toEqual([['final.mp4', 'closed', undefined]]);
  });
}

function kindsTests(engine: Engine) {
  const { deliver, watch, task, attention, store } = setUp(engine);
  const zego = (event: string, at: number, changes: JsonObject = {}) =>
    deliver('zego-recording', event, at, {
      task_id: 'recording',
      timestamp: String((NOW + at) / SECOND),
      ...changes,
    });

  it('a picture of a running ZEGO recording neither settles it nor makes it a screenshot task', async () => {
    await zego('screenshots', SECOND);
    await zego('end', 10 * SECOND);
    const { task: recording, files } = (await task('zego-recording', 'recording')) ?? {};
    expect(recording).toMatchObject({ kind: 'recording', status: 'ended' });
    expect(files?.map(({ kind }) => kind)).toEqual(['screenshot', 'screenshot']);
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual(['upload_missing recording']);
    await zego('upload', 2 * HOUR);
    await watch(3 * HOUR);
    expect(await attention(3 * HOUR)).toEqual([]);
  });

  it('the pictures of a ZEGO screenshot session settle it', async () => {
    await zego('end', SECOND);
    await zego('screenshots', 10 * SECOND);
    expect((await task('zego-recording', 'recording'))?.task.kind).toBe('screenshot');
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual([]);
  });

  it('a ZEGO recording that a playlist names is one, though pictures come before it', async () => {
    const playlist = { detail: { file_id: 'z.m3u8', file_url: 'https://x.example/z.m3u8' } };
    const kinds = async () => {
      const { vendor, appId } = sampleSource('zego-recording');
      const listed = await store().reader.list('tasks', { vendor, appId });
      const ofRoom = (await store().reader.room({ vendor, appId }, 'room')).flatMap((page) => page.tasks);
      const pages = await store().reader.task({ vendor, appId }, 'recording', { events: false, limit: 1 });
      return [listed[0]?.kind, ofRoom[0]?.kind, pages[0]?.task.kind];
    };
    await zego('screenshots', SECOND, { room_id: 'room' });
    expect(await kinds()).toEqual(['screenshot', 'screenshot', 'screenshot']);
    await zego('playlist', 2 * SECOND, { room_id: 'room', ...playlist });
    expect(await kinds()).toEqual(['recording', 'recording', 'recording']);
    await zego('end', 3 * SECOND, { room_id: 'room' });
    await zego('screenshots', 4 * SECOND, { room_id: 'room' });
    expect(await kinds()).toEqual(['recording', 'recording', 'recording']);
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual(['upload_missing recording z.m3u8']);
  });

  it('your backend says that pictures after its end are not all of a ZEGO recording', async () => {
    const { vendor, appId } = sampleSource('zego-recording');
    const expected = (kind: TaskKind): Observation => ({
      ...{ entity: 'task', taskId: 'recording', facet: 'expected', rank: 0, at: NOW },
      value: { task: { kind } },
    });
    await zego('end', SECOND);
    await zego('screenshots', 10 * SECOND);
    await store().applyAll({ vendor, appId }, [expected('recording')]);
    expect((await task('zego-recording', 'recording'))?.task.kind).toBe('recording');
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual(['upload_missing recording']);
  });

  it('a ZEGO recording of nothing says nothing of a playlist that was named', async () => {
    await zego('playlist', 0);
    await zego('end', SECOND);
    await zego('upload-nothing', 2 * SECOND);
    expect((await task('zego-recording', 'recording'))?.files).toMatchObject([{ status: 'closed' }]);
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual([expect.stringMatching(/^upload_missing recording .*m3u8$/)]);
  });

  it('the end of the HLS upload of TRTC settles no MP4', async () => {
    const trtc = (event: string, at: number, Payload?: JsonObject) =>
      deliver('tencent', event, at, {
        EventInfo: { TaskId: 'trtc', RoomId: 'room', ...(Payload && { Payload }) },
      });
    await trtc('recording-file', 0);
    await trtc('recording-mp4', SECOND, { Status: 9, FileList: ['a_1.mp4'], FileMessage: [] });
    await trtc('recording-end', 2 * SECOND);
    await trtc('recording-uploaded', 3 * SECOND);
    const files = (await task('tencent', 'trtc'))?.files.map(({ name, status }) => [name, status]);
    expect(files).toEqual([
      [expect.stringMatching(/m3u8$/), 'uploaded'],
      ['a_1.mp4', 'closed'],
    ]);
    await watch(2 * HOUR);
    expect(await attention(2 * HOUR)).toEqual(['upload_missing trtc a_1.mp4']);
    await trtc('recording-mp4', 2 * HOUR, { Status: 0, FileList: ['a_1.mp4'], FileMessage: [] });
    await watch(3 * HOUR);
    expect(await attention(3 * HOUR)).toEqual([]);
  });
}

function targetsTests(engine: Engine) {
  const { deliver, watch, task, attention } = setUp(engine);
  const cdn = (event: string, at: number, pushUrl: string) =>
    deliver('rongcloud-cdn', event, at, { sessionId: 'session', roomId: 'room', pushUrl });
  const [A, B] = ['rtmp://a.example/live/stream-key-aaaa?auth=1', 'rtmp://b.example/live/stream-key-bbbb'];

  it('runs on when one of two RongCloud targets fails', async () => {
    await cdn('start', 0, A);
    await cdn('start', SECOND, B);
    await cdn('failed', 2 * SECOND, A.replace('auth=1', 'auth=2'));
    const { task: live } = (await task('rongcloud-cdn', 'session')) ?? {};
    expect(live).toMatchObject({ kind: 'live', status: 'started', endedAt: undefined });
    expect(live?.targets).toMatchObject([
      { host: 'a.example', urlEnd: 'aaaa', status: 'failed', startedAt: iso(0), endedAt: iso(2 * SECOND) },
      { host: 'b.example', urlEnd: 'bbbb', status: 'started', startedAt: iso(SECOND) },
    ]);
    expect(JSON.stringify(live)).not.toMatch(/stream-key|auth/);
    await watch(DAY + HOUR);
    expect(await attention(DAY + HOUR)).toEqual(['task_silent session']);

    await cdn('end', DAY + 2 * HOUR, B);
    expect((await task('rongcloud-cdn', 'session'))?.task).toMatchObject({
      status: 'ended',
      endedAt: iso(DAY + 2 * HOUR),
    });
    await watch(DAY + 3 * HOUR);
    expect(await attention(DAY + 3 * HOUR)).toEqual([]);
  });

  it('runs on when one of two TRTC targets is idle', async () => {
    const relay = (event: string, at: number, Url: string) =>
      deliver('tencent', event, at, {
        EventInfo: {
          TaskId: 'relay',
          RoomId: 'room',
          EventTsMs: NOW + at,
          Payload: { Url, Status: STATUS[event] ?? 0 },
        },
      });
    await relay('relay-running', 0, A);
    await relay('relay-running', SECOND, B);
    await relay('relay-idle', 2 * SECOND, A);
    const { task: live } = (await task('tencent', 'relay')) ?? {};
    expect(live?.status).toBe('started');
    expect(live?.targets?.map(({ status }) => status)).toEqual(['ended', 'started']);
    await relay('relay-idle', 3 * SECOND, B);
    expect((await task('tencent', 'relay'))?.task).toMatchObject({
      status: 'ended',
      endedAt: iso(3 * SECOND),
    });
  });
}

const STATUS: Record<string, number> = { 'relay-running': 2, 'relay-idle': 0 };

function timesTests(engine: Engine) {
  const { deliver, watch, task, attention } = setUp(engine);
  const record = (event: string, at: number, timestamp: number | string) =>
    deliver('rongcloud-recording', event, at, {
      ...{ recordId: 'record', roomId: 'room', output: { fileName: 'a.mp4' } },
      timestamp,
    });

  it('a failed upload with a timestamp in seconds keeps its deadline', async () => {
    await record('upload-failed', 0, NOW / SECOND);
    const purgeAt = iso(DAY);
    expect((await task('rongcloud-recording', 'record'))?.files).toMatchObject([
      { status: 'upload_failed', purgeAt },
    ]);
    await watch(5 * MINUTE);
    expect(await attention(5 * MINUTE)).toEqual(['upload_failed record a.mp4']);
  });

  it('a failure that claims to be older than its retention counts from its reception', async () => {
    await record('upload-failed', 0, NOW - 30 * DAY);
    expect((await task('rongcloud-recording', 'record'))?.files).toMatchObject([
      { status: 'upload_failed', failedAt: iso(-30 * DAY), purgeAt: iso(DAY) },
    ]);
  });

  it.each([[Date.UTC(9998, 0)], [0], [''], ['soon'], [NOW + DAY + HOUR]])(
    'a start dated %j does not hide the end',
    async (timestamp) => {
      await record('start', 0, timestamp);
      await record('end', SECOND, NOW + SECOND);
      expect((await task('rongcloud-recording', 'record'))?.task.status).toBe('ended');
      await record('start', 2 * SECOND, timestamp);
      expect((await task('rongcloud-recording', 'record'))?.task.status).toBe('ended');
    },
  );
}
