import type {
  App,
  AttentionFile,
  File,
  Room,
  StoredCallback,
  Task,
  Usage,
} from '../../lib/ledger/answers.ts';
import type { PageServices } from '../../lib/page/page.ts';
import type { PageRequest } from '../../lib/page/page-answer.ts';
import type { RecentCallback } from '../../lib/page/recent.ts';
import type { ReadRequest } from '../../lib/query/query.ts';

/** The moment that pages are shown at in these tests: Unix time in ms. */
export const NOW = Date.parse('2026-03-01T12:00:00.000Z');

const IDS = { vendor: 'rongcloud', appId: 'app', taskId: 'lesson' } as const;

/** A file whose upload failed. */
export function failedFile(values: Partial<AttentionFile> = {}): AttentionFile {
  return {
    ...IDS,
    id: 'id-of-lesson',
    name: 'lesson.mp4',
    status: 'upload_failed',
    reason: 'upload_failed',
    code: 20001,
    message: 'upload failed',
    failedAt: '2026-03-01T10:00:00.000Z',
    purgeAt: '2026-03-02T10:00:00.000Z',
    lastEventAt: '2026-03-01T10:00:00.000Z',
    ...values,
  };
}

/** A task of one recording. */
export function endedTask(values: Partial<Task> = {}): Task {
  return {
    ...IDS,
    kind: 'recording',
    status: 'ended',
    roomId: 'class',
    startedAt: '2026-03-01T09:00:00.000Z',
    endedAt: '2026-03-01T09:45:00.000Z',
    ...values,
  };
}

/** A room that is open. */
export function openRoom(values: Partial<Room> = {}): Room {
  return { vendor: 'rongcloud', appId: 'app', roomId: 'class', status: 'open', ...values };
}

/** A raw callback of the task. */
export function event(values: Partial<StoredCallback> = {}): StoredCallback {
  return {
    eventId: '1#a',
    source: 'rongcloud-recording',
    type: 'recording 4',
    at: '2026-03-01T10:00:00.000Z',
    receivedAt: '2026-03-01T10:00:00.500Z',
    bodyBytes: 2,
    body: {},
    ...values,
  };
}

/** A callback that was applied. */
export function appliedCallback(values: Partial<RecentCallback> = {}): RecentCallback {
  return {
    at: '2026-03-01T10:00:00.000Z',
    verdict: 'applied',
    source: 'rongcloud-recording',
    status: 200,
    appId: 'app',
    type: 'recording 4',
    taskId: 'lesson',
    roomId: 'class',
    messageId: 'm1',
    ...values,
  };
}

/** A request by `GET`. */
export function pageRequest(path: string, values: Partial<PageRequest> = {}): PageRequest {
  return {
    method: 'GET',
    path,
    query: {},
    headers: {},
    cookies: [],
    body: Buffer.alloc(0),
    sourceIp: '192.0.2.1',
    ...values,
  };
}

/** A file that is stored. */
export function uploadedFile(values: Partial<File> = {}): File {
  return {
    ...IDS,
    name: 'lesson.mp4',
    status: 'uploaded',
    uploadedAt: '2026-03-01T10:00:00.000Z',
    lastEventAt: '2026-03-01T10:00:00.000Z',
    ...values,
  };
}

/** An app that has called. */
export const APP: App = { vendor: 'rongcloud', appId: 'app', lastReceivedAt: '2026-03-01T11:00:00.000Z' };

/** Sums of nothing. */
export const NO_USAGE: Usage = {
  ...{ tasks: 0, files: 0, uploaded: 0, uploadFailed: 0, lost: 0 },
  ...{ sizeBytes: 0, durationMs: 0 },
};

/** What a read API answers by resource; one that is not here knows nothing. */
export type Answers = Partial<Record<ReadRequest['resource'], object>>;

/** A read API, and what it was asked. */
export function readApi(answers: Answers): PageServices['ask'] & { asked: ReadRequest[] } {
  const nothing: Answers = {
    attention: { files: [] },
    apps: { apps: [] },
    tasks: { tasks: [] },
    files: { files: [] },
    usage: { days: [], total: NO_USAGE },
  };
  const asked: ReadRequest[] = [];
  const ask = async (request: ReadRequest) => {
    asked.push(request);
    const whole = answers[request.resource] ?? nothing[request.resource];
    // The second page is the last one.
    const body =
      request.query.cursor === undefined || whole === undefined ? whole : { ...whole, next: undefined };
    return body === undefined
      ? { status: 404, body: { code: 404, reason: 'no callback of this has been applied' } }
      : { status: 200, body };
  };
  return Object.assign(ask, { asked });
}

/** A local stack that keeps these callbacks, the latest first. */
export function localCallbacks(...callbacks: RecentCallback[]): NonNullable<PageServices['local']> {
  return { callbacks: async () => callbacks, version: async () => 'run:1' };
}

/** Services whose ledger knows nothing, and what they have logged. */
export function pageServices(values: Partial<PageServices> = {}): PageServices & { lines: unknown[] } {
  const lines: unknown[] = [];
  return {
    lines,
    ask: readApi({}),
    hide: async () => ({
      status: 404,
      body: { code: 404, reason: 'no attention item has this id (any more)' },
    }),
    settings: { stage: 'test', refreshSeconds: 5, thumbnails: true, timeZone: 'UTC' },
    log: (level, message, fields) => void lines.push({ level, message, ...fields }),
    now: () => NOW,
    ...values,
  };
}
