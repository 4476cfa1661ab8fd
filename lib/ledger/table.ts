import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './facets.ts';
import { HEAD } from './keys.ts';

/** DynamoDB takes at most this many keys in one `BatchGetItem`. */
const KEYS_PER_BATCH = 100;

/** One page of a query, in key order. */
export interface Page {
  items: Item[];
  /** The last item's sort key, if there may be more. */
  last?: string | undefined;
}

/** The table key of an item. */
export interface Key {
  pk: string;
  sk: string;
}

/** A `Query` without its table. */
export type LedgerQuery = Omit<QueryCommandInput, 'TableName'>;

/** Consistent reads of the ledger table, and queries of its indexes. Rejects with the SDK's exceptions. */
export interface LedgerTable {
  get(key: Key): Promise<Item | undefined>;
  /** The items of a partition whose sort key begins with `prefix`, after `after`. */
  list(pk: string, prefix: string, limit: number, after?: string): Promise<Page>;
  /** The last item of a partition whose sort key begins with `prefix`; only these attributes of it. */
  last(pk: string, prefix: string, attributes: readonly string[]): Promise<Item | undefined>;
  /** What one page of a query finds, such as the keys of an index. */
  keys(query: LedgerQuery): Promise<Item[]>;
  /** All that a query finds, page by page; no page is read before it is asked for. */
  pages(query: LedgerQuery): AsyncIterable<Item[]>;
  /** The items that exist, by `keyText`; only these attributes besides their keys, where they are named. */
  getAll(keys: readonly Key[], attributes?: readonly string[]): Promise<Map<string, Item>>;
}

/** A key as text, for use in maps. */
export function keyText({ pk, sk }: Key): string {
  return JSON.stringify([pk, sk]);
}

/** The table key of an item or of an index entry. */
export function keyOfItem(item: Item): Key {
  return { pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' };
}

/** The key of the item of a task, or room, that another item of it has. */
export function headOf({ pk }: Key): Key {
  return { pk, sk: HEAD };
}

/** The ledger table of a client. */
export function createLedgerTable(client: DynamoDBClient, tableName: string): LedgerTable {
  async function getBatch(keys: readonly Key[], names?: readonly string[]): Promise<Item[]> {
    const items: Item[] = [];
    let wanted: Record<string, AttributeValue>[] = keys.map(attributes);
    while (wanted.length > 0) {
      const answer = await client.send(
        new BatchGetItemCommand({
          RequestItems: {
            [tableName]: { Keys: wanted, ConsistentRead: true, ...(names && projectionOf(names)) },
          },
        }),
      );
      items.push(...(answer.Responses?.[tableName] ?? []));
      wanted = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return items;
  }

  return {
    async get(key) {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: attributes(key),
        ConsistentRead: true,
      });
      return (await client.send(command)).Item;
    },

    async list(pk, prefix, limit, after) {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          ...itemsOf(pk, prefix),
          // One more than asked for shows whether there is another page.
          Limit: limit + 1,
          ConsistentRead: true,
          ...(after === undefined ? {} : { ExclusiveStartKey: attributes({ pk, sk: after }) }),
        }),
      );
      const items = answer.Items ?? [];
      if (items.length <= limit) return { items, last: answer.LastEvaluatedKey?.sk?.S };
      return { items: items.slice(0, limit), last: items[limit - 1]?.sk?.S };
    },

    async last(pk, prefix, names) {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
          ...projectionOf(names),
          ScanIndexForward: false,
          Limit: 1,
          ConsistentRead: true,
        }),
      );
      return answer.Items?.[0];
    },

    async *pages(query) {
      let start = query.ExclusiveStartKey;
      do {
        const command = new QueryCommand({ TableName: tableName, ...query, ExclusiveStartKey: start });
        const { Items = [], LastEvaluatedKey } = await client.send(command);
        yield Items;
        start = LastEvaluatedKey;
      } while (start !== undefined);
    },

    async keys(query) {
      return (await client.send(new QueryCommand({ TableName: tableName, ...query }))).Items ?? [];
    },

    async getAll(keys, names) {
      const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()];
      const batches: Key[][] = [];
      for (let from = 0; from < distinct.length; from += KEYS_PER_BATCH) {
        batches.push(distinct.slice(from, from + KEYS_PER_BATCH));
      }
      const items = (
        await Promise.all(batches.map((batch) => getBatch(batch, names && ['pk', 'sk', ...names])))
      ).flat();
      return new Map(items.map((item) => [keyText(keyOfItem(item)), item]));
    },
  };
}

/** The items of a partition whose sort key begins with `prefix`; a key condition may not name an empty one. */
function itemsOf(pk: string, prefix: string): LedgerQuery {
  if (prefix === '')
    return { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } } };
  return {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
  };
}

/** Has a command read these attributes only. */
function projectionOf(
  names: readonly string[],
): Pick<LedgerQuery, 'ProjectionExpression' | 'ExpressionAttributeNames'> {
  return {
    ProjectionExpression: names.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
  };
}

function attributes({ pk, sk }: Key): Record<string, AttributeValue> {
  return { pk: { S: pk }, sk: { S: sk } };
}
