import { createHash, randomBytes } from 'node:crypto';
import type { Observation, TaskContext } from '../../callback/observation.ts';
import { ANSWER_RANK } from '../../callback/rank.ts';
import { failureTime, isoTime, plausibleTime } from '../../callback/time.ts';
import { field, type Json, type JsonObject, number, parseJson, text } from '../../platform/json.ts';
import { fileOf, isPicture } from './recording.ts';

/*
 * The questions that ZEGOCLOUD answers about cloud recordings of the last three days.
 * https://www.zegocloud.com/docs/cloud-recording-server/api-reference/accessing-server-apis
 * Written from the documentation; untried against the live service.
 */

/** How long ago a task may have begun for the vendor to know it, in ms. */
export const QUERY_WINDOW_MS = 3 * 24 * 60 * 60_000;

/** Tasks on a page of `DescribeTasks`. */
export const TASKS_PER_PAGE = 50;

const ENDPOINT = 'https://cloudrecord-api.zego.im/';

/** How long one request may take, in ms. */
const TIMEOUT_MS = 5_000;

/** An app with its ServerSecret, which is not the CallbackSecret. */
export interface QueryApp {
  appId: string;
  serverSecret: string;
  /** Another host than the global one. */
  endpoint?: string | undefined;
}

/** Why there is no answer. */
export type QueryFailure =
  | 'wrong_credentials'
  | 'not_activated'
  | 'rate_exceeded'
  | 'no_such_task'
  | 'unreachable'
  | 'error';

export type QueryAnswer = { ok: true; data: Json } | { ok: false; failure: QueryFailure; detail: string };

/** https://www.zegocloud.com/docs/cloud-recording-server/return-codes */
const FAILURES: ReadonlyMap<number, QueryFailure> = new Map([
  [100000004, 'wrong_credentials'],
  [100000005, 'wrong_credentials'],
  [300000002, 'not_activated'],
  [300000003, 'rate_exceeded'],
  [300001000, 'no_such_task'],
]);

/** `md5` in hex of AppId, nonce, ServerSecret and timestamp, in seconds. */
export function querySignature(
  appId: string,
  nonce: string,
  serverSecret: string,
  timestamp: string,
): string {
  return createHash('md5')
    .update(appId + nonce + serverSecret + timestamp)
    .digest('hex');
}

/** Asks one question; `now` is Unix time in ms. Never throws. */
export async function askZego(
  { appId, serverSecret, endpoint = ENDPOINT }: QueryApp,
  action: 'DescribeRecordStatus' | 'DescribeTasks',
  question: JsonObject,
  now: number,
): Promise<QueryAnswer> {
  const nonce = randomBytes(8).toString('hex');
  const timestamp = String(Math.floor(now / 1000));
  const url = new URL(endpoint);
  url.search = String(
    new URLSearchParams({
      Action: action,
      AppId: appId,
      SignatureNonce: nonce,
      Timestamp: timestamp,
      SignatureVersion: '2.0',
      Signature: querySignature(appId, nonce, serverSecret, timestamp),
    }),
  );
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
      // The signature is for this host alone.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return answerOf(response.status, await response.text());
  } catch (error) {
    const { name, cause } = error as Error;
    return { ok: false, failure: 'unreachable', detail: (cause as NodeJS.ErrnoException)?.code ?? name };
  }
}

function answerOf(status: number, body: string): QueryAnswer {
  if (status === 429) return { ok: false, failure: 'rate_exceeded', detail: '429' };
  if (status >= 500) return { ok: false, failure: 'unreachable', detail: String(status) };
  const answer = parseJson(body);
  const code = number(field(answer, 'Code'));
  if (code === 0) return { ok: true, data: field(answer, 'Data') ?? {} };
  return {
    ok: false,
    failure: FAILURES.get(code ?? -1) ?? 'error',
    detail: `${status} ${code ?? 'no code'}`,
  };
}

/** The tasks on a page of `DescribeTasks`, and how many there are. */
export function tasksOf(data: Json): { taskIds: string[]; total: number } {
  const list = field(data, 'TaskidList');
  const taskIds = Array.isArray(list) ? list.flatMap((task) => text(field(task, 'TaskId')) ?? []) : [];
  return { taskIds, total: number(field(data, 'TotalCount')) ?? taskIds.length };
}

/** `Status` of a task: initialising, running, ended, ended abnormally, paused. */
const TASK_STATUSES: ReadonlyMap<number, 'started' | 'ended' | 'failed'> = new Map([
  [1, 'started'],
  [2, 'started'],
  [3, 'ended'],
  [4, 'failed'],
  [5, 'started'],
]);

/** What an answer to `DescribeRecordStatus` says of a task and its files. `askedAt` is Unix time in ms. Pure. */
export function observeAnswer(taskId: string, data: Json, askedAt: number): Observation[] {
  const listed = field(data, 'RecordFiles');
  const files = Array.isArray(listed) ? listed.map(asInCallback) : [];
  const isRecording = files.some((file) => !isPicture(file));
  const task: TaskContext = {
    kind: isRecording ? 'recording' : undefined,
    roomId: text(field(data, 'RoomId')),
  };
  const status = TASK_STATUSES.get(number(field(data, 'Status')) ?? 0);
  const endedAt = plausibleTime(number(field(data, 'RecordEndTimestamp')), askedAt) ?? askedAt;
  const at = status === 'started' ? askedAt : endedAt;
  const asked = isoTime(askedAt);
  const ofFiles = files.flatMap((file): Observation[] => {
    const observed = fileOf({ taskId, at, task }, file);
    if (observed?.entity !== 'file' || observed.facet === 'storage') return [];
    const { name, value, retentionMs } = observed;
    const failedSince = value.status === 'upload_failed' ? failureTime(at, retentionMs, askedAt) : undefined;
    const rank = ANSWER_RANK[value.status];
    return [
      {
        ...{ entity: 'file', taskId, name, facet: 'answer', rank, at, retentionMs, failedSince },
        value: { ...value, askedAt: asked },
      },
    ];
  });
  if (status === undefined) return ofFiles;
  const beganAt = plausibleTime(number(field(data, 'RecordBeginTimestamp')), askedAt);
  return [
    {
      ...{ entity: 'task', taskId, facet: 'answer', rank: ANSWER_RANK[status], at },
      value: { status, task, beganAt, askedAt: asked },
    },
    ...ofFiles,
  ];
}

/** An entry of `RecordFiles` as the callbacks have it: `FileId` is `file_id` there. */
function asInCallback(file: Json): JsonObject {
  const members = typeof file === 'object' && file !== null ? Object.entries(file) : [];
  return Object.fromEntries(
    members.map(([name, value]) => [name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase(), value]),
  );
}
