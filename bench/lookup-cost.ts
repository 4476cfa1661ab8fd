import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { bundle } from '../build/bundle.ts';
import { startZegoServer } from '../demo/outage/zego-server.ts';
import type { Observation } from '../lib/callback/observation.ts';
import { changesOf } from '../lib/changes/change.ts';
import type { Item } from '../lib/ledger/facets.ts';
import type { Owner } from '../lib/ledger/keys.ts';
import { createLedger } from '../lib/ledger/ledger.ts';
import { keyOfItem, keyText } from '../lib/ledger/table.ts';
import { type GuardedBucket, startGuardedBucket } from '../test/support/bucket.ts';
import { HOUR, ownerOf } from '../test/support/callbacks.ts';
import { clientOf } from '../test/support/engine-servers.ts';
import { closed, endOf, startOf, uploaded } from '../test/support/observations.ts';
import { startWatch } from '../test/support/watch.ts';
import { ASSUMPTIONS, changeEventDollars, MEMORY, timeDollars } from './bill.ts';
import type { CountingProxy, Counts } from './counting-proxy.ts';
import { PRICES } from './prices.ts';
import { warmFunction } from './processes.ts';
import { type Figure, shortNumber } from './report.ts';
import { newLedgerTable } from './tables.ts';

/*
 * The costs of lookups and of expected tasks: the bundles run against a counted table, an S3
 * and a server that answers as ZEGOCLOUD documents it.
 */

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Files or tasks of one measurement; the records of one batch of the stream. */
const COUNT = 100;

/** What ZEGOCLOUD is asked for one after the other, with pauses. */
const VENDOR_COUNT = 20;

const CONCURRENT_CHECKS = 8;
const PAUSE_MS = 250;
const RUNS_PER_MONTH = 30 * 24 * 4;
const MILLION = 1_000_000;

const [RONGCLOUD, TENCENT] = [ownerOf('rongcloud'), ownerOf('tencent')];
const ZEGO: Owner = { vendor: 'zego', appId: '1234567' };
const SERVER_SECRET = 'server-secret';

/** What one run of a function took. */
interface RunUsage extends Counts {
  heads: number;
  lists: number;
  /** Questions to the vendor. */
  questions: number;
  /** Change events of what it wrote. */
  changes: number;
  cpuMs: number;
}

export interface LookupStand {
  /** DynamoDB, and the proxy in front of it that counts. */
  engine: string;
  proxy: CountingProxy;
}

/** Dollars per million of what each source is asked for. */
export async function lookupFigures({ engine, proxy }: LookupStand): Promise<Figure[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-lookup-'));
  const [s3, vendor] = [await startGuardedBucket(), await startZegoServer(ZEGO.appId, SERVER_SECRET)];
  const client = clientOf(engine);
  const files = new Map(
    (await bundle(['storage-check', 'zego-query', 'write'], PROJECT)).map((one) => [one.name, one.file]),
  );

  /** Runs a function once on a table, with an event; the CPU time is the mean of `repeats` more runs where there are some. */
  async function run(name: string, tableName: string, event: object, repeats = 0): Promise<RunUsage> {
    const eventFile = join(scratch, 'event.json');
    await writeFile(eventFile, JSON.stringify(event));
    const warm = warmFunction({
      bundle: files.get(name) ?? '',
      eventFile,
      environment: environmentOf(tableName, proxy.origin, s3, vendor.url),
    });
    const itemsBefore = await itemsOf(client, tableName);
    proxy.read();
    const [before, asked] = [{ ...s3.asked }, vendor.asked.length];
    try {
      const { cpuMs } = await warm.call(1);
      const counts = proxy.read();
      const usage = {
        ...counts,
        heads: s3.asked.HEAD - before.HEAD,
        lists: s3.asked.GET - before.GET,
        questions: vendor.asked.length - asked,
        changes: changesBetween(itemsBefore, await itemsOf(client, tableName)),
        cpuMs,
      };
      return repeats === 0 ? usage : { ...usage, cpuMs: (await warm.call(repeats)).cpuMs / repeats };
    } finally {
      await warm.stop();
    }
  }

  try {
    return await measure({ client, s3, vendor, run });
  } finally {
    client.destroy();
    vendor.close();
    await Promise.all([s3.stop(), rm(scratch, { recursive: true })]);
  }
}

interface Measured {
  client: DynamoDBClient;
  s3: GuardedBucket;
  vendor: Awaited<ReturnType<typeof startZegoServer>>;
  run(name: string, tableName: string, event: object, repeats?: number): Promise<RunUsage>;
}

async function measure({ client, s3, vendor, run }: Measured): Promise<Figure[]> {
  /** A table in which so much has been said. */
  async function tableWith(owner: Owner, observations: readonly Observation[]): Promise<string> {
    const tableName = await newLedgerTable(client);
    const ledger = createLedger(client, tableName);
    for (const observation of observations) await ledger.apply(owner, observation);
    return tableName;
  }
  const numbers = Array.from({ length: COUNT }, (_, number) => number);
  const task = (number: number) => `${'t'.repeat(24)}${number}`;
  const name = (number: number) => `${'n'.repeat(60)}${number}.mp4`;
  const record = (NewImage: object) => ({ eventName: 'INSERT', dynamodb: { NewImage } });
  const recordsOf = async (tableName: string) => ({
    Records: [...(await itemsOf(client, tableName)).values()].map(record),
  });

  for (const number of numbers) await s3.put(`rtc/${name(number)}`);
  const uploadedTable = await tableWith(
    RONGCLOUD,
    numbers.map((number) => uploaded(task(number), name(number), 0)),
  );
  const confirmed = await run('storage-check', uploadedTable, await recordsOf(uploadedTable));
  const openTable = await tableWith(
    RONGCLOUD,
    numbers.map((number) => closed(task(number), name(number), 0)),
  );
  const named = await run('storage-check', openTable, await recordsOf(openTable));

  const overdueTable = await tableWith(
    RONGCLOUD,
    numbers.map((number) => closed(task(number), name(number), 0)),
  );
  await startWatch({ client, tableName: overdueTable }).run(2 * HOUR);
  const idle = await run('storage-check', await newLedgerTable(client), {});
  const found = without(await run('storage-check', overdueTable, {}), idle);

  const listedTable = await tableWith(
    TENCENT,
    numbers.flatMap((number) => [startOf(task(number), 0), endOf(task(number), 1, { filesFollow: true })]),
  );
  for (const number of numbers) await s3.put(`rtc/${task(number)}/${name(number)}`);
  await startWatch({ client, tableName: listedTable }).run(2 * HOUR);
  const listed = without(await run('storage-check', listedTable, {}), idle);

  const vendorIdle = await run('zego-query', await newLedgerTable(client), {});
  for (let number = 0; number < VENDOR_COUNT; number += 1)
    vendor.tasks.push(lostTask(task(number), name(number)));
  const answered = without(await run('zego-query', await newLedgerTable(client), {}), vendorIdle);

  const expectedTable = await newLedgerTable(client);
  const expected = await run('write', expectedTable, PUT, 200);

  return [
    perMillion('confirmUploads: an uploaded file', confirmed, COUNT, 1 / COUNT),
    perMillion('confirmUploads: a file that is first named', named, COUNT, 1 / COUNT),
    perMillion('storageCheck: a file that is found by its name', found, COUNT, 0),
    perMillion('storageCheck: a TRTC task of one file, found in its list', listed, COUNT, 0),
    perMillion('zegoQuery: an unknown task of one file', answered, VENDOR_COUNT, 0),
    perMillion('an expected task', expected, 1, 1, PRICES.httpApiPerMillionRequests),
    perMonth('storageCheck with nothing to look for, a month', idle),
    perMonth('zegoQuery with nothing to ask for, a month', vendorIdle),
  ];
}

/** What a run took beyond one that had nothing to do. */
function without(usage: RunUsage, idle: RunUsage): RunUsage {
  const names = [
    'writeUnits',
    'indexUnits',
    'readUnits',
    'heads',
    'lists',
    'questions',
    'changes',
    'cpuMs',
  ] as const;
  const rest = Object.fromEntries(names.map((name) => [name, Math.max(0, usage[name] - idle[name])]));
  return { ...usage, ...rest };
}

/** `invocations` are those of one file or task. */
function perMillion(what: string, usage: RunUsage, count: number, invocations: number, besides = 0): Figure {
  const value = dollarsOf(usage) / count + invocations * PRICES.lambdaPerMillionRequests + besides;
  return { what, value, unit: '$', note: noteOf(usage, count) };
}

function perMonth(what: string, usage: RunUsage): Figure {
  const perRun = (dollarsOf(usage) + PRICES.lambdaPerMillionRequests) / MILLION;
  return {
    what,
    value: RUNS_PER_MONTH * perRun,
    unit: '$',
    note: `${RUNS_PER_MONTH} runs: ${noteOf(usage, 1)}`,
  };
}

/** A million times what a run took. */
function dollarsOf({
  writeUnits,
  indexUnits,
  readUnits,
  heads,
  lists,
  questions,
  changes,
  cpuMs,
}: RunUsage): number {
  const waitingMs =
    ((heads + lists) * ASSUMPTIONS.bucketMs + writeUnits * ASSUMPTIONS.writeMs) / CONCURRENT_CHECKS +
    questions * (PAUSE_MS + ASSUMPTIONS.vendorMs);
  return (
    (writeUnits + indexUnits) * PRICES.dynamodbPerMillionWriteUnits +
    readUnits * PRICES.dynamodbPerMillionReadUnits +
    heads * PRICES.s3PerMillionHeads +
    lists * PRICES.s3PerMillionLists +
    changes * changeEventDollars() +
    timeDollars(cpuMs / (MEMORY.lookup / MEMORY.wholeCpu) + waitingMs, MEMORY.lookup)
  );
}

function noteOf(
  { writeUnits, indexUnits, readUnits, heads, lists, questions, changes }: RunUsage,
  count: number,
): string {
  const parts: [number, string][] = [
    [writeUnits, 'write units'],
    [indexUnits, 'of indexes'],
    [readUnits, 'read units'],
    [heads, 'HeadObject'],
    [lists, 'ListObjectsV2'],
    [questions, 'questions'],
    [changes, 'change events'],
  ];
  return parts
    .filter(([total]) => total > 0)
    .map(([total, unit]) => `${shortNumber(total / count)} ${unit}`)
    .join(', ');
}

/** All items of a table, by their keys. */
async function itemsOf(client: DynamoDBClient, TableName: string): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName }))
    for (const item of Items) items.set(keyText(keyOfItem(item)), item);
  return items;
}

function changesBetween(before: ReadonlyMap<string, Item>, after: ReadonlyMap<string, Item>): number {
  return [...after].reduce((sum, [key, item]) => sum + changesOf(before.get(key), item, 0).length, 0);
}

function environmentOf(
  tableName: string,
  tableEndpoint: string,
  s3: GuardedBucket,
  vendorUrl: string,
): Record<string, string> {
  const storage = {
    ...{ bucket: s3.bucket, prefix: 'rtc', endpoint: s3.endpoint },
    ...{ accessKeyId: 'key', secretAccessKey: 'secret' },
  };
  const apps = [RONGCLOUD, TENCENT].map(({ vendor, appId }) => [`${vendor}/${appId}`, storage]);
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: tableEndpoint,
    TABLE_NAME: tableName,
    RETENTION_DAYS: '0',
    STORAGE: JSON.stringify(Object.fromEntries(apps)),
    ZEGO_SERVER_SECRETS: JSON.stringify({ [ZEGO.appId]: SERVER_SECRET }),
    ZEGO_QUERY_ENDPOINT: vendorUrl,
  };
}

/** A recording that the vendor has stored and no callback reported. */
function lostTask(TaskId: string, FileId: string) {
  const begin = Date.now() - HOUR;
  return {
    ...{ TaskId, RoomId: 'room', Status: 3, RecordBeginTimestamp: begin, RecordEndTimestamp: begin + 60_000 },
    RecordFiles: [
      { UserId: 'user', FileId, OutputFileFormat: 'mp4', FileSize: 5, Duration: 60_000, Status: 3 },
    ],
  };
}

const PUT = {
  routeKey: 'PUT /tasks/{vendor}/{appId}/{taskId+}',
  pathParameters: { vendor: 'zego', appId: ZEGO.appId, taskId: 'task' },
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'PUT', path: '/', sourceIp: '127.0.0.1' }, timeEpoch: 0 },
  body: JSON.stringify({
    kind: 'recording',
    roomId: 'room',
    label: 'lesson-42',
    startedAt: new Date().toISOString(),
  }),
  isBase64Encoded: false,
};
