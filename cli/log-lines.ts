import type { Vendor } from '../lib/callback/callback.ts';
import { field, isObject, type Json, type JsonObject } from '../lib/platform/json.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { redactJson } from './redaction.ts';

/** The log lines that say what happened to callbacks, by their field `message`. Only the local stack prints `change`. */
export const LOGGED_MESSAGES = [
  'callback',
  'consumed',
  'retry',
  'drained',
  'attention',
  'removed',
  'change',
] as const;

/** A log line about a callback, a change or an attention item. */
export interface LogLine {
  message: (typeof LOGGED_MESSAGES)[number];
  /** The line, redacted. Where it lacks source and app, it has those of an earlier line of its message. */
  fields: JsonObject;
  ids: LineIds;
}

/** The ids in a line, as far as it has any. */
export interface LineIds {
  source?: string | undefined;
  vendor?: string | undefined;
  appId?: string | undefined;
  /** The app that a refused request names; nothing proves it. */
  claimedAppId?: string | undefined;
  taskId?: string | undefined;
  roomId?: string | undefined;
  fileName?: string | undefined;
  requestId?: string | undefined;
  /** The message in the queue, the one that it was before, and the one that it repeats: they link the lines of a callback. */
  messageIds: readonly string[];
}

/** Which lines are wanted; all when empty. */
export interface LineFilters {
  source?: string;
  vendor?: Vendor;
  app?: string;
  task?: string;
  room?: string;
  requestId?: string;
  messageId?: string;
}

/** How many messages are remembered, for the source and app of later lines. */
const REMEMBERED_MESSAGES = 5_000;

/** A log line cuts longer values and ends them so. */
const CUT = '…';

/** The fields with ids of messages. */
const MESSAGE_ID_FIELDS = ['messageId', 'spillId', 'replayOf', 'restOf'] as const;

/** The functions that receive callbacks which pass the filters; each is named after its source. */
export function receiversOf({ source, vendor }: LineFilters): string[] {
  return SAMPLE_SOURCES.filter(
    (candidate) =>
      (source === undefined || candidate.name === source) &&
      (vendor === undefined || candidate.vendor === vendor),
  ).map(({ name }) => name);
}

/** Reads log lines; `undefined` for one with another `message`. */
export function createLineReader(): (line: Json) => LogLine | undefined {
  const origins = new Map<string, JsonObject>();

  function originOf(line: JsonObject): JsonObject {
    // A spilled callback becomes another message.
    const known = ['messageId', 'spillId'].map((name) => origins.get(textOf(line, name) ?? ''));
    const { source, appId } = { ...known.find((origin) => origin !== undefined), ...line };
    const origin = { ...(source === undefined ? {} : { source }), ...(appId === undefined ? {} : { appId }) };
    const messageId = textOf(line, 'messageId');
    if (messageId !== undefined) {
      origins.set(messageId, origin);
      const [oldest] = origins.keys();
      if (origins.size > REMEMBERED_MESSAGES && oldest !== undefined) origins.delete(oldest);
    }
    return origin;
  }

  return (line) => {
    const message = LOGGED_MESSAGES.find((name) => name === field(line, 'message'));
    if (message === undefined || !isObject(line)) return undefined;
    const { _aws: _, ...plain } = line;
    const fields = redactJson({ ...plain, ...originOf(plain) }) as JsonObject;
    return { message, fields, ids: message === 'change' ? idsOfChange(fields) : idsOfFields(fields) };
  };
}

/** Whether a line is wanted; one without an id that is asked for is not. */
export function isWanted({ ids }: LogLine, filters: LineFilters): boolean {
  const { source, vendor, app, task, room, requestId, messageId } = filters;
  const fits = (logged: string | undefined, wanted: string | undefined) =>
    wanted === undefined || (logged !== undefined && isSame(logged, wanted));
  const appId = ids.appId ?? ids.claimedAppId;
  return (
    fits(ids.source, source) &&
    fits(ids.vendor, vendor) &&
    fits(appId, app) &&
    fits(ids.taskId, task) &&
    fits(ids.roomId, room) &&
    fits(ids.requestId, requestId) &&
    (messageId === undefined || ids.messageIds.includes(messageId))
  );
}

/** Whether an id in a line is this one; the line may have cut it. */
function isSame(logged: string, wanted: string): boolean {
  return logged === wanted || (logged.endsWith(CUT) && wanted.startsWith(logged.slice(0, -CUT.length)));
}

function idsOfFields(fields: JsonObject): LineIds {
  const source = textOf(fields, 'source');
  return {
    source,
    vendor: textOf(fields, 'vendor') ?? SOURCES.get(source ?? '')?.vendor,
    appId: textOf(fields, 'appId'),
    claimedAppId: textOf(fields, 'claimedAppId'),
    taskId: textOf(fields, 'taskId'),
    roomId: textOf(fields, 'roomId'),
    requestId: textOf(fields, 'requestId'),
    messageIds: MESSAGE_ID_FIELDS.flatMap((name) => textOf(fields, name) ?? []),
  };
}

/** The ids of a change event are in its data: of a file, which names its task too, a task, a room or an app. */
function idsOfChange(fields: JsonObject): LineIds {
  const data = field(field(fields, 'event'), 'data');
  const file = field(data, 'file');
  const changed = file ?? field(data, 'task') ?? field(data, 'room') ?? field(data, 'app');
  return {
    vendor: textOf(changed, 'vendor'),
    appId: textOf(changed, 'appId'),
    taskId: textOf(changed, 'taskId'),
    roomId: textOf(changed, 'roomId'),
    fileName: textOf(file, 'name'),
    messageIds: [],
  };
}

/** A field that is text. */
export function textOf(value: Json | undefined, name: string): string | undefined {
  const member = field(value, name);
  return typeof member === 'string' ? member : undefined;
}
