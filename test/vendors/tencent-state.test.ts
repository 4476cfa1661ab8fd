import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import { type Item, taskFacets } from '../../lib/ledger/facets.ts';
import { facetOrder } from '../../lib/ledger/order.ts';
import { fileView, roomView, taskView } from '../../lib/ledger/view.ts';
import { parseTencent } from '../../lib/vendors/tencent/parse.ts';
import { tencentSamples } from '../../lib/vendors/tencent/samples/index.ts';

/** Later than every time in the samples, Unix time in ms. */
const RECEIVED_AT = Date.UTC(2026, 0, 15, 12);

const NOW = Date.UTC(2026, 0, 15, 12);
const OWNER = { vendor: 'tencent', appId: tencentSamples.appId } as const;

const MAIN = '1400000000_12345__UserId_s_dGVzdA..__UserId_e_main';
const AUX = '1400000000_12345__UserId_s_dGVzdA..__UserId_e_aux';

interface Life {
  /** Samples, each a second after the one before. */
  steps: string[];
  task?: object;
  files?: Record<string, object>;
  room?: object;
}

/** What each life comes to; seconds are those after `NOW`. */
const LIVES: Record<string, Life> = {
  'a recording in object storage': {
    steps: [
      'recording-start',
      'recording-upload-start',
      'recording-file',
      'recording-index',
      'recording-failover',
      'recording-end',
      'recording-uploaded',
      'recording-mp4',
    ],
    task: { kind: 'recording', status: 'ended', roomId: '12345', startedAt: iso(0), endedAt: iso(5) },
    files: {
      [`${MAIN}.m3u8`]: {
        status: 'uploaded',
        userId: 'test',
        trackType: 'audio_video',
        beginsAt: iso(-8),
        uploadedAt: iso(6),
      },
      [`${MAIN}_1.mp4`]: { status: 'uploaded', mediaId: 'main', durationMs: 60_000, uploadedAt: iso(7) },
      [`${AUX}_1.mp4`]: { status: 'uploaded', mediaId: 'aux', durationMs: 60_000, uploadedAt: iso(7) },
    },
  },
  'a recording that is running': {
    steps: ['recording-start', 'recording-file'],
    task: { status: 'started' },
    files: { [`${MAIN}.m3u8`]: { status: 'recording' } },
  },
  'a recording that did not start': {
    steps: ['recording-start-failed'],
    task: { status: 'failed', code: 1 },
  },
  'a recording that is not uploaded yet': {
    steps: ['recording-start', 'recording-index', 'recording-end'],
    task: { status: 'ended', message: 'stopped by API' },
    files: { [`${MAIN}.m3u8`]: { status: 'closed' } },
  },
  'an upload that does not start': {
    steps: ['recording-file', 'recording-upload-start-failed'],
    files: { [`${MAIN}.m3u8`]: { status: 'upload_failed', code: 1, failedAt: iso(1) } },
  },
  'an upload that fails and is recovered': {
    steps: [
      'recording-file',
      'recording-upload-error',
      'recording-upload-failed',
      'recording-mp4-failed',
      'recording-recovered',
    ],
    files: {
      [`${MAIN}.m3u8`]: { status: 'uploaded', code: 2 },
      // A recovery speaks of HLS: an MP4 waits for a 310 of its own.
      [`${MAIN}_1.mp4`]: { status: 'upload_failed', code: 1, mediaId: 'main' },
    },
  },
  'a recovery before all files are reported as uploaded': {
    steps: ['recording-file', 'recording-upload-failed', 'recording-recovered', 'recording-uploaded'],
    files: { [`${MAIN}.m3u8`]: { status: 'uploaded', code: 2 } },
  },
  'files that are left behind': {
    steps: ['recording-file', 'recording-upload-failed', 'recording-mp4-failed'],
    files: {
      [`${MAIN}.m3u8`]: { status: 'upload_failed', code: 1 },
      [`${MAIN}_1.mp4`]: { status: 'upload_failed', code: 1, failedAt: iso(2), mediaId: 'main' },
    },
  },
  'a file in VOD that fails first': {
    steps: ['recording-vod-failed', 'recording-vod', 'recording-vod-end'],
    files: {
      [`${MAIN}_1.mp4`]: {
        status: 'uploaded',
        vodFileId: '387702307091793695',
        url: 'http://1200000000.vod2.myqcloud.com/387702307091793695/f0.mp4',
        endsAt: iso(-9),
      },
    },
  },
  'a file in VOD that stays behind': {
    steps: ['recording-vod-failed', 'recording-vod-end'],
    files: { [`${MAIN}_1.mp4`]: { status: 'upload_failed', message: 'upload failed', userId: 'test' } },
  },
  'a web page recording': {
    steps: ['web-recording-start', 'web-recording-migrated', 'web-recording-paused', 'web-recording-end'],
    task: { kind: 'recording', status: 'ended', startedAt: iso(0), endedAt: iso(3), message: 'Success' },
  },
  'a web page recording that lasts too long': {
    steps: ['web-recording-start', 'web-recording-limit', 'web-recording-end'],
    task: { status: 'ended', endedAt: iso(1), message: 'Over time limit' },
  },
  'a web page recording that is given up': {
    steps: ['web-recording-start', 'web-recording-failed', 'web-recording-end'],
    task: { status: 'failed', message: 'Chrome exception, exit task' },
  },
  'a relay': {
    steps: ['relay-connecting', 'relay-running', 'relay-disconnecting', 'relay-idle'],
    task: { kind: 'live', status: 'ended', roomId: '12345', startedAt: iso(1), endedAt: iso(3) },
  },
  'a relay that recovers': {
    steps: ['relay-running', 'relay-recovering', 'relay-running'],
    task: { status: 'started', startedAt: iso(2) },
  },
  'a relay that is lost': {
    steps: ['relay-running', 'relay-recovering', 'relay-failed', 'relay-idle'],
    task: { status: 'failed', code: -1, message: 'connect timeout', endedAt: iso(2) },
  },
  'a room': {
    steps: ['create-room', 'enter-room', 'start-video', 'stop-video', 'exit-room', 'dismiss-room'],
    room: { roomId: '12345', status: 'closed', openedAt: iso(0), closedAt: iso(5), lastEventAt: iso(5) },
  },
  'a room that is used again': {
    steps: ['create-room', 'dismiss-room', 'create-room', 'change-role'],
    room: { status: 'open', openedAt: iso(2), lastEventAt: iso(3) },
  },
  'a room with media events only': {
    steps: ['start-audio', 'stop-audio', 'start-substream', 'stop-substream'],
    room: { status: 'unknown', lastEventAt: iso(3) },
  },
};

describe.each(Object.entries(LIVES))('%s', (_name, { steps, task, files, room }) => {
  const observations = steps.flatMap(observationsOf);

  test('comes to what it should', () => {
    const state = stateOf(observations);
    if (task !== undefined) expect(state.task).toMatchObject(task);
    if (files !== undefined) expect(state.files).toMatchObject(files);
    if (room !== undefined) expect(state.room).toMatchObject(room);
  });

  test('comes to the same in any order and any number of times', () => {
    const expected = stateOf(observations);
    const deliveries = fc
      .array(fc.constantFrom(...observations), { maxLength: 5 })
      .chain((again) => shuffled([...observations, ...again]));
    fc.assert(
      fc.property(deliveries, (inAnyOrder) => {
        expect(stateOf(inAnyOrder)).toEqual(expected);
      }),
    );
  });
});

test('every sample is an event with its state', () => {
  const stateless = Object.keys(tencentSamples.events).filter((name) => observationsOf(name, 0).length === 0);
  expect(stateless).toEqual([
    'recording-upload-start',
    'recording-failover',
    'recording-image-failed',
    'recording-unknown-type',
    'web-recording-migrated',
    'web-recording-paused',
    'relay-connecting',
    'relay-recovering',
    'relay-disconnecting',
    'stream-ingest-retried',
    'slicing-upload-start',
    'slicing-uploaded',
    'ai-start',
    'ai-end',
    'transcription-start',
    'unknown-group',
  ]);
  expect(Object.keys(tencentSamples.events)[0]).toBe('screenshot');
});

function shuffled<Value>(values: Value[]): fc.Arbitrary<Value[]> {
  return fc.shuffledSubarray(values, { minLength: values.length });
}

function iso(seconds: number): string {
  return new Date(NOW + seconds * 1000).toISOString();
}

function observationsOf(name: string, index: number): Observation[] {
  const sample = tencentSamples.events[name]?.(OWNER.appId, NOW + index * 1000);
  const context = { appId: OWNER.appId, receivedAt: RECEIVED_AT };
  const parsed = parseTencent(Buffer.from(JSON.stringify(sample)), context);
  if (!parsed.ok) throw new Error(`${name} is quarantined: ${parsed.reason}`);
  return parsed.observations;
}

/** What the read API would answer: of every facet, the observation of the highest order stays. */
function stateOf(observations: readonly Observation[]) {
  const items: Record<Observation['entity'], Map<string, Item>> = {
    task: new Map(),
    room: new Map(),
    file: new Map(),
    target: new Map(),
  };
  for (const observation of observations) {
    const { entity, facet, value } = observation;
    const key = entity === 'file' ? observation.name : entity;
    const item = items[entity].get(key) ?? {};
    items[entity].set(key, item);
    const order = facetOrder(observation);
    if ((item[`${facet}Order`]?.S ?? '') >= order) continue;
    item[facet] = { S: JSON.stringify({ at: observation.at, ...value }) };
    item[`${facet}Order`] = { S: order };
  }
  const facets = taskFacets(items.task.get('task'));
  const files = [...items.file].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    task: taskView(OWNER, 'task', facets, { file: files[0]?.[1] }),
    files: Object.fromEntries(
      files.map(([name, item]) => [name, fileView(OWNER, 'task', name, item, facets, NOW)]),
    ),
    room: roomView(OWNER, '12345', items.room.get('room')),
  };
}
