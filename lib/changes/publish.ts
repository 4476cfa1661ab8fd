import type { Item } from '../ledger/facets.ts';
import { describeError, type LineMetrics, type Log, type LogFields } from '../platform/log.ts';
import {
  type BusEntry,
  BYTES_PER_CALL,
  busEntry,
  ENTRIES_PER_CALL,
  entryBytes,
  type PutEntries,
} from './bus.ts';
import { changesOf } from './change.ts';
import { changeEvent, truncatedEvent } from './change-event.ts';
import type { ReadLabels } from './labels.ts';

/** The pause before entries that the bus did not take are put again, in ms; doubled each time. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** A record of the table's stream, as far as it is read. */
export interface StreamRecord {
  dynamodb?:
    | {
        SequenceNumber?: string | undefined;
        /** When the item was written, Unix time in seconds. */
        ApproximateCreationDateTime?: number | undefined;
        /** Attributes as DynamoDB's JSON has them; none that is read is binary. */
        OldImage?: object | undefined;
        NewImage?: object | undefined;
      }
    | undefined;
}

/** What publishing needs. */
export interface PublishServices {
  labels: ReadLabels;
  put: PutEntries;
  log: Log;
  now(): number;
  pause(ms: number): Promise<unknown>;
}

/** Where events go, and where they say that they come from. */
export interface PublishSettings {
  busName: string;
  /** The beginning of each event's `source`, such as `/rtc-callbacks/prod`. */
  source: string;
}

/** An entry with its record. */
interface Pending {
  sequenceNumber: string;
  entry: BusEntry;
}

const LOSS_METRICS: LineMetrics = {
  dimensions: [[]],
  metrics: [{ name: 'changesLost', unit: 'Count' }],
};

/**
 * Puts an event on the bus for every change in the records, in their order. Returns the sequence number
 * of the first record whose events the bus has not taken before `deadline` (Unix time in ms): this one and those
 * after it must come again. A record that cannot be read is logged, because it never could be. Never throws.
 */
export async function publishChanges(
  records: readonly StreamRecord[],
  services: PublishServices,
  settings: PublishSettings,
  deadline: number,
): Promise<string | undefined> {
  const labels = await labelsOf(records, services);
  if (labels === undefined) return records[0]?.dynamodb?.SequenceNumber;
  const pending = records.flatMap((record) => pendingOf(record, labels, services.log, settings));
  let done = 0;
  let failure: { sequenceNumber: string; reason: string } | undefined;
  for (const call of callsOf(pending)) {
    failure = await putAll(call, services, deadline);
    if (failure !== undefined) break;
    done += call.length;
  }
  services.log(failure === undefined ? 'info' : 'error', 'changes', {
    records: records.length,
    events: pending.length,
    published: done,
    reason: failure?.reason,
  });
  return failure?.sequenceNumber;
}

/** The labels of the records' tasks; `undefined` when they cannot be read now. */
async function labelsOf(
  records: readonly StreamRecord[],
  { labels, log }: PublishServices,
): Promise<ReadonlyMap<string, string> | undefined> {
  const images = records.flatMap(({ dynamodb }) => dynamodb?.NewImage ?? []) as Item[];
  try {
    return await labels(images);
  } catch (error) {
    log('error', 'changes', {
      records: records.length,
      events: 0,
      published: 0,
      reason: describeError(error),
    });
    return undefined;
  }
}

function pendingOf(
  { dynamodb }: StreamRecord,
  labels: ReadonlyMap<string, string>,
  log: Log,
  settings: PublishSettings,
): Pending[] {
  const { SequenceNumber: sequenceNumber = '', OldImage, NewImage } = dynamodb ?? {};
  const writtenAt = Math.floor(dynamodb?.ApproximateCreationDateTime ?? 0) * 1000;
  if (NewImage === undefined) return [];
  try {
    const origin = { source: settings.source, sequenceNumber };
    const [before, after] = [OldImage as Item | undefined, NewImage as Item];
    return changesOf(before, after, writtenAt, labels.get(after.pk?.S ?? '')).flatMap((change) => {
      const event = changeEvent(change, origin);
      const candidates = [event, truncatedEvent(event)].map((form) => busEntry(form, settings.busName));
      const entry = candidates.find((candidate) => entryBytes(candidate) <= BYTES_PER_CALL);
      if (entry === undefined) logLoss(log, { eventId: event.id, reason: 'too large' });
      return entry === undefined ? [] : [{ sequenceNumber, entry }];
    });
  } catch (error) {
    // The message of a syntax error quotes what it is about.
    logLoss(log, { sequenceNumber, reason: error instanceof Error ? error.name : 'unreadable' });
    return [];
  }
}

/** A change that cannot be published rings an alarm. */
function logLoss(log: Log, fields: LogFields): void {
  log('error', 'change_lost', { ...fields, changesLost: 1 }, LOSS_METRICS);
}

/** As many entries together as one call takes. */
function callsOf(pending: readonly Pending[]): Pending[][] {
  const calls: Pending[][] = [];
  let bytes = 0;
  for (const each of pending) {
    const size = entryBytes(each.entry);
    const last = calls.at(-1);
    if (last === undefined || last.length === ENTRIES_PER_CALL || bytes + size > BYTES_PER_CALL) {
      calls.push([each]);
      bytes = size;
    } else {
      last.push(each);
      bytes += size;
    }
  }
  return calls;
}

/** Puts the entries of one call, those that fail again and again; returns the first that has not succeeded in time. */
async function putAll(
  call: readonly Pending[],
  { put, now, pause }: PublishServices,
  deadline: number,
): Promise<{ sequenceNumber: string; reason: string } | undefined> {
  let left = call;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
    const results = await put(
      left.map(({ entry }) => entry),
      deadline,
    );
    const failed = left.flatMap((each, index) => {
      const reason = results[index];
      return reason === undefined ? [] : [{ ...each, reason }];
    });
    const [first] = failed;
    if (first === undefined) return undefined;
    if (now() + wait >= deadline) return first;
    left = failed;
    await pause(wait);
  }
}
