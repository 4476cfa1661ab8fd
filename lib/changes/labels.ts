import { setTimeout } from 'node:timers/promises';
import type { Item } from '../ledger/facets.ts';
import { appSortKey, FILE_PREFIX, HEAD, idsOfItem, LABELLED } from '../ledger/keys.ts';
import { itemsIn, type ReadTable } from '../platform/aws/table-reader.ts';
import { field, type Json, parseJson, text } from '../platform/json.ts';

/** The labels of the tasks of some items, by the partition of the task. Rejects when they cannot be read. */
export type ReadLabels = (items: readonly Item[]) => Promise<ReadonlyMap<string, string>>;

/** How long a process uses the apps with labels that it has read, in ms. */
const REFRESH_MS = 60_000;

/** DynamoDB takes at most this many keys in one `BatchGetItem`. */
const KEYS_PER_CALL = 100;

/** The pauses before keys that a throttled table left out are asked for again, in ms; doubled each time. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 3_200;

/**
 * Reads the labels of tasks whose files have changed: the item of a file does not have it. Once a minute a process reads
 * which apps have labels; of the others nothing is read. `now` gives Unix time in ms.
 */
export function createLabelReader(read: ReadTable, tableName: string, now: () => number): ReadLabels {
  let readAt = Number.NEGATIVE_INFINITY;
  let apps = new Set<string>();

  async function readApps(): Promise<Set<string>> {
    const found = new Set<string>();
    let start: Json | undefined;
    do {
      const answer = await read('Query', {
        TableName: tableName,
        KeyConditionExpression: 'pk = :labelled',
        ExpressionAttributeValues: { ':labelled': { S: LABELLED } },
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      for (const item of itemsIn(answer, 'Items')) found.add(textIn(item, 'sk') ?? '');
      start = field(answer, 'LastEvaluatedKey');
    } while (start !== undefined);
    return found;
  }

  /** The labels of some tasks, by their partitions. */
  async function readLabels(partitions: readonly string[]): Promise<Map<string, string>> {
    const labels = new Map<string, string>();
    let keys: Json[] = partitions.map((pk) => ({ pk: { S: pk }, sk: { S: HEAD } }));
    let pauseMs = FIRST_PAUSE_MS;
    while (keys.length > 0) {
      const Keys = keys.slice(0, KEYS_PER_CALL);
      const request = { Keys, ConsistentRead: true, ProjectionExpression: 'pk, expected' };
      const answer = await read('BatchGetItem', { RequestItems: { [tableName]: request } });
      for (const item of itemsIn(answer, 'Responses', tableName)) {
        const label = labelOf(textIn(item, 'expected'));
        if (label !== undefined) labels.set(textIn(item, 'pk') ?? '', label);
      }
      const throttled = itemsIn(answer, 'UnprocessedKeys', tableName, 'Keys');
      if (throttled.length > 0) {
        if (pauseMs > LONGEST_PAUSE_MS) throw new Error('the table throttles reads of labels');
        await setTimeout(pauseMs);
        pauseMs *= 2;
      }
      keys = [...throttled, ...keys.slice(KEYS_PER_CALL)];
    }
    return labels;
  }

  return async (items) => {
    const files = items.filter(({ sk }) => sk?.S?.startsWith(FILE_PREFIX));
    if (files.length > 0 && now() - readAt >= REFRESH_MS) {
      apps = await readApps();
      readAt = now();
    }
    // The first label of an app comes before the files of its task: both are in one partition.
    for (const item of items) if (labelOf(item.expected?.S) !== undefined) apps.add(appOf(item));
    return readLabels([
      ...new Set(files.filter((item) => apps.has(appOf(item))).map(({ pk }) => pk?.S ?? '')),
    ]);
  };
}

function appOf(item: Item): string {
  const { vendor, appId } = idsOfItem(item).owner;
  return appSortKey(vendor, appId);
}

/** The label in the facet of what is expected. A facet that cannot be read must not hold up the stream. */
function labelOf(expected: string | undefined): string | undefined {
  return expected === undefined ? undefined : text(field(parseJson(expected), 'label'));
}

/** A text attribute of an item, as the protocol has it. */
function textIn(item: Json, name: string): string | undefined {
  return text(field(field(item, name), 'S'));
}
