import { setTimeout } from 'node:timers/promises';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { eventMatcher } from './event-pattern.ts';
import type { StreamSource } from './template.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** A stream's event source mapping and the function that takes its records. */
export interface StreamSubscription {
  source: StreamSource;
  invoke(event: DynamoDBStreamEvent): Promise<unknown>;
  /** Gets why a batch failed. */
  log(line: string): void;
}

/** A running event source mapping. */
export interface StreamPoller {
  /** Whether the function may get a record of an item with such keys. */
  wants(keys: object): boolean;
  /** Takes a record, if the function wants it. */
  add(record: DynamoDBRecord): void;
  /** Resolves when the function has taken every record, or failed once more. */
  stop(): Promise<void>;
}

/**
 * Does what Lambda's event source mapping of a stream with one shard does: hands batches of records, in order, to the
 * function; a batch that failed comes again from the record that the function named, or in halves, until its
 * records are too old.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function startStreamPoller({ source, invoke, log }: StreamSubscription): StreamPoller {
  const matchers = source.patterns.map(eventMatcher);
  const keyMatchers = source.patterns.map((pattern) => eventMatcher(keysOnly(pattern)));
  const records: DynamoDBRecord[] = [];
  let working: Promise<void> | undefined;
  let stopping = false;

  async function work(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let size = source.batchSize;
    // Records that are written together come together.
    await setTimeout(0);
    while (records.length > 0) {
      const batch = records.slice(0, size);
      const { taken, reason } = await handOver(batch);
      records.splice(0, taken);
      if (reason === undefined) {
        [pause, size] = [FIRST_PAUSE_MS, source.batchSize];
        continue;
      }
      log(`batch of ${batch.length} stream records failed: ${reason}`);
      if (stopping) break;
      if (source.bisectsBatch) size = Math.ceil(batch.length / 2);
      await setTimeout(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      dropOld();
    }
    working = undefined;
  }

  /** How many of the first records are done. */
  async function handOver(batch: DynamoDBRecord[]): Promise<{ taken: number; reason?: string }> {
    try {
      const result = await invoke({ Records: batch });
      const failures = (result as DynamoDBBatchResponse | null)?.batchItemFailures ?? [];
      if (!source.reportsBatchItemFailures || failures.length === 0) return { taken: batch.length };
      const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
      const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
      return { taken: Math.max(first, 0), reason: `${failed.size} failures reported` };
    } catch (error) {
      return { taken: 0, reason: (error as Error).message };
    }
  }

  function dropOld(): void {
    const oldest = Date.now() / 1000 - source.maximumRecordAgeSeconds;
    const isOld = (record: DynamoDBRecord) => (record.dynamodb?.ApproximateCreationDateTime ?? 0) < oldest;
    const kept = records.findIndex((record) => !isOld(record));
    const dropped = records.splice(0, kept < 0 ? records.length : kept);
    if (dropped.length > 0) log(`${dropped.length} stream records were given up`);
  }

  return {
    wants: (keys) =>
      keyMatchers.length === 0 || keyMatchers.some((matches) => matches({ dynamodb: { Keys: keys } })),
    add(record) {
      if (matchers.length > 0 && !matchers.some((matches) => matches(record))) return;
      records.push(record);
      working ??= work();
    },
    async stop() {
      stopping = true;
      await working;
    },
  };
}

/** What a pattern asks of a record's keys. */
function keysOnly(pattern: object): object {
  const { Keys } = (pattern as { dynamodb?: { Keys?: object } }).dynamodb ?? {};
  return Keys === undefined ? {} : { dynamodb: { Keys } };
}
