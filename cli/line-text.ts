import { reasonText } from '../lib/callback/reasons.ts';
import { durationText, timeLeftText, verdictWords } from '../lib/page/text.ts';
import { field, type Json, type JsonObject } from '../lib/platform/json.ts';
import { type LineIds, type LogLine, textOf } from './log-lines.ts';
import { type Mood, painted, printable } from './output.ts';

/** The widths of all columns but the last: the usual longest word of each. */
const VERDICT_WIDTH = 'quarantined'.length;
const WHAT_WIDTH = 'rtc.file.upload_failed'.length;

const MOODS = { good: 'good', busy: 'quiet', plain: 'quiet', warn: 'careful', bad: 'bad' } as const;

/** The columns of a line. */
interface Columns {
  verdict: string;
  mood: Mood;
  /** The source, the vendor or the type of the change. */
  what: string | undefined;
  details: readonly (string | undefined)[];
}

/** A log line for people, printable. `now` is Unix time in ms. */
export function lineText(line: LogLine, now: number): string {
  const { verdict, mood, what = '', details } = columnsOf(line, now);
  const texts = [
    printable(textOf(line.fields, 'time') ?? ''),
    painted(printable(verdict).padEnd(VERDICT_WIDTH), mood),
    printable(what).padEnd(WHAT_WIDTH),
    ...details
      .filter((detail) => detail !== undefined && detail !== '')
      .map((detail) => printable(String(detail))),
  ];
  return texts.join('  ').trimEnd();
}

function columnsOf({ message, fields, ids }: LogLine, now: number): Columns {
  switch (message) {
    case 'callback':
      return { ...judged(textOf(fields, 'verdict')), what: ids.source, details: reception(fields, ids) };
    case 'consumed':
      return { ...judged(textOf(fields, 'verdict')), what: ids.source, details: consumption(fields, ids) };
    case 'retry':
      return { ...judged('retrying'), what: ids.source, details: [app(ids), textOf(fields, 'reason')] };
    case 'removed':
      return {
        ...judged('removed'),
        what: ids.source,
        details: [app(ids), 'by hand, out of the queue where it waited'],
      };
    case 'drained':
      return {
        verdict: 'drained',
        mood: 'quiet',
        what: ids.source,
        details: [app(ids), 'out of the table into the queue', duration(field(fields, 'waitedMs'), 'after')],
      };
    case 'attention': {
      const change = textOf(fields, 'change') ?? '';
      return {
        verdict: 'attention',
        mood: change === 'raised' ? 'bad' : 'quiet',
        what: ids.vendor,
        details: [`${textOf(fields, 'reason') ?? ''} ${change}`, subject(ids), app(ids)],
      };
    }
    case 'change':
      return change(fields, ids, now);
  }
}

function judged(verdict = ''): Pick<Columns, 'verdict' | 'mood'> {
  return { verdict, mood: MOODS[verdictWords(verdict).tone] };
}

function reception(fields: JsonObject, ids: LineIds): Columns['details'] {
  return [
    String(field(fields, 'status') ?? ''),
    reason(fields),
    field(fields, 'spilled') === true ? 'spilled' : undefined,
    app(ids),
    duration(field(fields, 'ackMs'), 'in'),
  ];
}

function consumption(fields: JsonObject, ids: LineIds): Columns['details'] {
  const changes = field(fields, 'changes');
  return [
    textOf(fields, 'type'),
    subject(ids) ?? app(ids),
    reason(fields),
    typeof changes === 'number' && changes > 0
      ? `${changes} ${changes === 1 ? 'change' : 'changes'}`
      : undefined,
    duration(field(fields, 'lagMs'), 'after'),
    textOf(fields, 'replayOf') === undefined ? undefined : 'by a replay',
  ];
}

function change(fields: JsonObject, ids: LineIds, now: number): Columns {
  const event = field(fields, 'event');
  const type = textOf(event, 'type');
  const data = field(event, 'data');
  const changed = field(data, 'file') ?? field(data, 'task') ?? field(data, 'room');
  const status = textOf(changed, 'status') ?? textOf(field(data, 'otherFiles'), 'status');
  const before = textOf(data, 'previousStatus');
  const purgeAt = textOf(changed, 'purgeAt');
  return {
    verdict: 'changed',
    mood: isBad(type, status) ? 'bad' : 'good',
    what: type,
    details: [
      subject(ids) ?? app(ids),
      textOf(data, 'reason'),
      before === undefined || before === status ? status : `${before} → ${status}`,
      purgeAt === undefined ? undefined : `time left ${timeLeftText(Date.parse(purgeAt), now)}`,
    ],
  };
}

function isBad(type: string | undefined, status: string | undefined): boolean {
  return type === 'rtc.attention.raised' || status === 'upload_failed' || status === 'failed';
}

function reason(fields: JsonObject): string | undefined {
  const name = textOf(fields, 'reason');
  const meaning = name === undefined ? undefined : reasonText(name);
  return meaning === undefined ? name : `${name}: ${meaning}`;
}

function subject({ taskId, roomId, fileName }: LineIds): string | undefined {
  const task = taskId === undefined ? undefined : `task ${taskId}`;
  if (fileName !== undefined) return `file ${fileName} of ${task}`;
  return task ?? (roomId === undefined ? undefined : `room ${roomId}`);
}

function app({ appId, claimedAppId }: LineIds): string | undefined {
  if (appId !== undefined) return `app ${appId}`;
  return claimedAppId === undefined ? undefined : `says it is of app ${claimedAppId}`;
}

function duration(ms: Json | undefined, word: string): string | undefined {
  return typeof ms === 'number' ? `${word} ${durationText(ms)}` : undefined;
}
