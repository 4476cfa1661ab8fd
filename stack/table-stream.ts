import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { type Ask, operationOf, type Upstream, type UpstreamRequest } from './proxy.ts';

type Attributes = Record<string, AttributeValue>;

/** A table whose writes make stream records. */
export interface StreamOptions {
  tableName: string;
  /** The names of its key attributes. */
  keyNames: readonly string[];
  streamArn: string;
  region: string;
  /** Whether anyone reads the records of items with such keys: every record costs two reads of its item. */
  wants(keys: Attributes): boolean;
  /** Gets the records of an item in the order of its writes, before the writer gets its answer. */
  onRecord(record: DynamoDBRecord): void;
  /** Gets why a record could not be made; the write is done all the same. */
  log(line: string): void;
}

/**
 * What a DynamoDB without streams lacks: reads the item before and after each write that passes, while no other
 * write of the same item does, and makes the record that a stream with both images would have.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function tableStream(options: StreamOptions): NonNullable<Upstream['around']> {
  const inTurn = createTurns();
  const startedAt = Date.now();
  let count = 0;

  /** Grows from one record to the next, whatever becomes of the clock, and from one run to the next. */
  function nextSequenceNumber(): string {
    count += 1;
    return `${startedAt}${String(count).padStart(9, '0')}`;
  }

  function record(keys: Attributes, before: Attributes | undefined, after: Attributes | undefined): void {
    if (isDeepStrictEqual(before, after)) return;
    options.onRecord({
      eventID: randomUUID().replaceAll('-', ''),
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: options.region,
      eventSourceARN: options.streamArn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        Keys: keys,
        ...(before === undefined ? {} : { OldImage: before }),
        ...(after === undefined ? {} : { NewImage: after }),
        SequenceNumber: nextSequenceNumber(),
        SizeBytes: Buffer.byteLength(JSON.stringify([keys, before, after])),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  }

  return async (request, body, ask) => {
    const written = writtenKeys(operationOf(request), body, options).filter(options.wants);
    if (written.length === 0) return ask(request, body);
    return inTurn(written.map((keys) => JSON.stringify(keys)).sort(), async () => {
      const read = (keys: Attributes) => readItem(request, options.tableName, keys, ask);
      const before = await Promise.allSettled(written.map(read));
      const answer = await ask(request, body);
      const after = await Promise.allSettled(written.map(read));
      for (const [index, keys] of written.entries()) {
        const [old, current] = [before[index], after[index]];
        if (old?.status === 'fulfilled' && current?.status === 'fulfilled')
          record(keys, old.value, current.value);
        else options.log(`a write of ${JSON.stringify(keys)} makes no stream record: it cannot be read`);
      }
      return answer;
    });
  };
}

/** The keys of the items that a request may write to the table. */
function writtenKeys(operation: string, body: Buffer, { tableName, keyNames }: StreamOptions): Attributes[] {
  if (!['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].includes(operation)) return [];
  const request = parsed(body);
  const items =
    operation === 'BatchWriteItem'
      ? (request.RequestItems?.[tableName] ?? []).map(
          ({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key,
        )
      : request.TableName === tableName
        ? [request.Item ?? request.Key]
        : [];
  return items.flatMap((item) => {
    const keys = keyNames.map((name): [string, AttributeValue | undefined] => [name, item?.[name]]);
    return keys.every(([, value]) => value !== undefined) ? [Object.fromEntries(keys) as Attributes] : [];
  });
}

interface WriteRequest {
  TableName?: string;
  Item?: Attributes;
  Key?: Attributes;
  RequestItems?: Record<string, { PutRequest?: { Item: Attributes }; DeleteRequest?: { Key: Attributes } }[]>;
}

/** What is no JSON is refused by the service. */
function parsed(body: Buffer): WriteRequest {
  try {
    return (JSON.parse(body.toString('utf8')) as WriteRequest | null) ?? {};
  } catch {
    return {};
  }
}

async function readItem(
  { headers }: UpstreamRequest,
  TableName: string,
  Key: Attributes,
  ask: Ask,
): Promise<Attributes | undefined> {
  // The embedded DynamoDB wants a signature and does not check it.
  const request = { method: 'POST', headers: { ...headers, 'x-amz-target': 'DynamoDB_20120810.GetItem' } };
  const answer = await ask(request, Buffer.from(JSON.stringify({ TableName, Key, ConsistentRead: true })));
  const content = (await json(answer)) as { Item?: Attributes };
  if (answer.statusCode !== 200) throw new Error(`GetItem answers ${answer.statusCode}`);
  return content.Item;
}

/** Does work that shares a name one after the other, in the order it came; all other work at once. */
function createTurns(): <Result>(names: readonly string[], work: () => Promise<Result>) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>();
  return (names, work) => {
    const turn = Promise.all(names.map((name) => last.get(name)));
    const result = turn.then(work);
    const done = result.catch(() => {});
    for (const name of names) {
      last.set(name, done);
      void done.then(() => {
        if (last.get(name) === done) last.delete(name);
      });
    }
    return result;
  };
}
