import type { Vendor } from '../lib/callback/callback.ts';
import { field, isObject, type Json, type JsonObject } from '../lib/platform/json.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import { redactJson } from './redaction.ts';

/** The log lines that tell what happens, by their field `message`; changes are told by the local stack alone. */
export const EVENT_MESSAGES = [
  'callback',
  'consumed',
  'retry',
  'drained',
  'attention',
  'removed',
  'change',
] as const;

/** A log line that tells of an event. */
export interface EventLine {
  message: (typeof EVENT_MESSAGES)[number];
  /** The line, redacted; where it lacks source and app, with those of the line that told of its message before. */
  fields: JsonObject;
  ids: EventIds;
}

/** What an event is of, as far as its line tells. */
export interface EventIds {
  source?: string | undefined;
  vendor?: string | undefined;
  appId?: string | undefined;
  /** The app that a refused request names; nothing proves it. */
  claimedAppId?: string | undefined;
  taskId?: string | undefined;
  roomId?: string | undefined;
  fileName?: string | undefined;
}

/** Which events are wanted; all when empty. */
export interface EventFilters {
  source?: string;
  vendor?: Vendor;
  app?: string;
  task?: string;
}

/** How many messages are remembered, to tell of what the lines that follow are. */
const REMEMBERED_MESSAGES = 5_000;

/** A log line cuts longer values and ends them so. */
const CUT = '…';

/** Makes events of log lines; `undefined` for a line that tells of none. */
export function createEventReader(): (line: Json) => EventLine | undefined {
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
    const message = EVENT_MESSAGES.find((name) => name === field(line, 'message'));
    if (message === undefined || !isObject(line)) return undefined;
    const { _aws: _, ...plain } = line;
    const fields = redactJson({ ...plain, ...originOf(plain) }) as JsonObject;
    return { message, fields, ids: message === 'change' ? idsOfChange(fields) : idsOfFields(fields) };
  };
}

/** Whether an event is wanted; one that does not tell is not, where it is asked for. */
export function isWanted({ ids }: EventLine, { source, vendor, app, task }: EventFilters): boolean {
  const fits = (logged: string | undefined, wanted: string | undefined) =>
    wanted === undefined || (logged !== undefined && isSame(logged, wanted));
  const appId = ids.appId ?? ids.claimedAppId;
  return fits(ids.source, source) && fits(ids.vendor, vendor) && fits(appId, app) && fits(ids.taskId, task);
}

function isSame(logged: string, wanted: string): boolean {
  return logged === wanted || (logged.endsWith(CUT) && wanted.startsWith(logged.slice(0, -CUT.length)));
}

function idsOfFields(fields: JsonObject): EventIds {
  const source = textOf(fields, 'source');
  return {
    source,
    vendor: textOf(fields, 'vendor') ?? SOURCES.get(source ?? '')?.vendor,
    appId: textOf(fields, 'appId'),
    claimedAppId: textOf(fields, 'claimedAppId'),
    taskId: textOf(fields, 'taskId'),
    roomId: textOf(fields, 'roomId'),
  };
}

/** The ids of a change event are in its data: of a file, which names its task too, a task, a room or an app. */
function idsOfChange(fields: JsonObject): EventIds {
  const data = field(field(fields, 'event'), 'data');
  const file = field(data, 'file');
  const changed = file ?? field(data, 'task') ?? field(data, 'room') ?? field(data, 'app');
  return {
    vendor: textOf(changed, 'vendor'),
    appId: textOf(changed, 'appId'),
    taskId: textOf(changed, 'taskId'),
    roomId: textOf(changed, 'roomId'),
    fileName: textOf(file, 'name'),
  };
}

/** A field that is text. */
export function textOf(value: Json | undefined, name: string): string | undefined {
  const member = field(value, name);
  return typeof member === 'string' ? member : undefined;
}
