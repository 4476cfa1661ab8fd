import type { ChangeEvent } from '../../types/index.d.ts';
import { callAws } from '../platform/aws/request.ts';
import { field, parseJson, text } from '../platform/json.ts';

/** The source of the entries on the bus, for rule patterns. */
const BUS_SOURCE = 'rtc-callbacks';

/** What one `PutEvents` call takes. */
export const ENTRIES_PER_CALL = 10;
export const BYTES_PER_CALL = 256 * 1024;

/** One entry of a `PutEvents` call. */
export interface BusEntry {
  Source: string;
  DetailType: string;
  /** The event as JSON. */
  Detail: string;
  EventBusName: string;
}

/** Why each entry was not taken, in their order; `undefined` for one that was. */
export type PutResult = (string | undefined)[];

/** Puts entries on the bus before `deadline`, Unix time in ms. Never throws. */
export type PutEntries = (entries: readonly BusEntry[], deadline: number) => Promise<PutResult>;

/** An event as an entry of the bus named `busName`. */
export function busEntry(event: ChangeEvent, busName: string): BusEntry {
  return {
    Source: BUS_SOURCE,
    DetailType: event.type,
    Detail: JSON.stringify(event),
    EventBusName: busName,
  };
}

/**
 * The size of an entry as the service counts it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
 */
export function entryBytes({ Source, DetailType, Detail }: BusEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}

/**
 * Puts entries with one `PutEvents` call, which is repeated when it fails as a whole.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function entryPutter(endpoint: string, region: string): PutEntries {
  return async (entries, deadline) => {
    const answer = await callAws({
      service: 'events',
      target: 'AWSEvents.PutEvents',
      protocol: 'application/x-amz-json-1.1',
      endpoint,
      region,
      body: JSON.stringify({ Entries: entries }),
      deadline,
    });
    if (!answer.ok) return entries.map(() => answer.reason);
    const results = field(parseJson(answer.body), 'Entries');
    return entries.map((_, index) => {
      const result = Array.isArray(results) ? results[index] : undefined;
      if (text(field(result, 'EventId')) !== undefined) return undefined;
      return text(field(result, 'ErrorCode')) ?? 'no event id';
    });
  };
}
