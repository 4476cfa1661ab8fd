import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { clientOf } from '../test/support/engine-servers.ts';
import { batchesOf, type Place, recordAbout } from './batches.ts';
import { USUAL_CALLBACKS } from './callbacks.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import { tableEnvironment } from './environments.ts';
import { beat } from './heartbeat.ts';
import { type PackagedService, packageForBench } from './packaged.ts';
import { type WarmConsumer, warmConsumer } from './processes.ts';
import type { Distribution, Figure, Part, PartResult, RunOptions } from './report.ts';
import { percentilesOf } from './statistics.ts';
import { newLedgerTable, startCountingEngine } from './tables.ts';

const SIZES = [1_000, 10_000];
const FULL_SIZES = [...SIZES, 100_000, 1_000_000];

/** Callbacks at each size, in batches of ten. */
const CALLBACKS = 500;
const BATCH_SIZE = 10;

const FILES_OF_ONE_TASK = { usual: 2_000, full: 10_000 };
const TASKS_OF_ONE_ROOM = 1_000;

/** Whose pictures are of one task: TRTC has none but the room. */
const USERS_OF_ONE_ROOM = 1_000;
const ROUNDS_OF_PICTURES = { usual: 2, full: 10 };

/** DynamoDB takes at most this many items in one `BatchWriteItem`. */
const ITEMS_PER_WRITE = 25;
const CONCURRENT_WRITES = 8;

type Usual = (typeof USUAL_CALLBACKS)[number];

const [RECORDING, SCREENSHOT] = USUAL_CALLBACKS;

export const scale: Part = {
  name: 'scale',
  method:
    `The packaged consumer on DynamoDB Local, on dynalite without Java: ${CALLBACKS} new callbacks at each size of the table, of ` +
    'one task and of one room; write units from the consumed capacity.',
  run: measure,
};

async function measure(options: RunOptions): Promise<PartResult> {
  options.progress('packaging the service');
  const service = await packageForBench();
  try {
    return await measureTable(service, options);
  } finally {
    await service.remove();
  }
}

async function measureTable(service: PackagedService, options: RunOptions): Promise<PartResult> {
  const engine = await startCountingEngine();
  const proxy = await startCountingProxy(engine.endpoint);
  const client = clientOf(engine.endpoint);
  const tableName = await newLedgerTable(client);
  const environment = tableEnvironment(service, 'consumer', proxy.origin, tableName);
  const product = warmConsumer(service.bundleOf('consumer'), environment);
  const result: PartResult = { distributions: [], figures: [] };
  const step = async (what: string, places: Place[], usual: Usual = RECORDING): Promise<void> => {
    options.progress(`${what}, on ${engine.name}`);
    const { distribution, units } = await applyAll(what, places, usual, product, proxy);
    result.distributions.push(distribution);
    result.figures.push({
      what: `${what}: write units per callback`,
      value: units,
      unit: '',
      target: { atMost: 3 },
    });
    options.progress(
      `${what}: p50 ${distribution.p50.toFixed(1)} ms a batch, ${units} write units a callback`,
    );
  };
  try {
    await applyAll('warm up', tasksFrom(0, CALLBACKS), RECORDING, product, proxy);
    await beat(product, SCREENSHOT.source, proxy);
    let tasks = CALLBACKS;
    const templates = await itemsOf(client, tableName);
    for (const size of options.full ? FULL_SIZES : SIZES) {
      await fill(client, tableName, templates, tasks, size);
      tasks = size;
      await step(`${size.toLocaleString('en-US')} tasks`, tasksFrom(size, CALLBACKS));
    }
    const files = options.full ? FILES_OF_ONE_TASK.full : FILES_OF_ONE_TASK.usual;
    const ofOneTask = Array.from({ length: files }, (_, file): Place => ({ task: -1, room: -1, file }));
    await step('first files of one task', ofOneTask.slice(0, CALLBACKS));
    await applyAll('files', ofOneTask.slice(CALLBACKS, -CALLBACKS), RECORDING, product, proxy);
    await step(`last files of one task of ${files.toLocaleString('en-US')}`, ofOneTask.slice(-CALLBACKS));
    const ofOneRoom = Array.from(
      { length: TASKS_OF_ONE_ROOM },
      (_, index): Place => ({ task: -2 - index, room: -2 }),
    );
    await step('first tasks of one room', ofOneRoom.slice(0, CALLBACKS));
    await step(
      `last tasks of one room of ${TASKS_OF_ONE_ROOM.toLocaleString('en-US')}`,
      ofOneRoom.slice(-CALLBACKS),
    );
    const pictures = picturesOfOneRoom(options.full ? ROUNDS_OF_PICTURES.full : ROUNDS_OF_PICTURES.usual);
    const room = `a room of ${USERS_OF_ONE_ROOM.toLocaleString('en-US')} users`;
    await step(`first pictures of ${room}`, pictures.slice(0, CALLBACKS), SCREENSHOT);
    await applyAll('pictures', pictures.slice(CALLBACKS, -CALLBACKS), SCREENSHOT, product, proxy);
    await step(
      `last of ${pictures.length.toLocaleString('en-US')} pictures of ${room}`,
      pictures.slice(-CALLBACKS),
      SCREENSHOT,
    );
    result.figures.push(...growth(result.distributions));
  } finally {
    client.destroy();
    await Promise.all([product.stop(), proxy.stop(), engine.stop()]);
  }
  return result;
}

/** How much longer a batch takes in the largest table than in the smallest. */
function growth(distributions: readonly Distribution[]): Figure[] {
  const sizes = distributions.filter(({ what }) => what.endsWith(' tasks'));
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return [];
  return [
    {
      what: `time per batch, ${largest.what} / ${smallest.what}`,
      value: largest.p50 / smallest.p50,
      unit: '×',
    },
  ];
}

function tasksFrom(first: number, count: number): Place[] {
  return Array.from({ length: count }, (_, index) => ({ task: first + index }));
}

/** Each user's screenshots in turn, all of one room, which is their task. */
function picturesOfOneRoom(rounds: number): Place[] {
  return Array.from({ length: rounds * USERS_OF_ONE_ROOM }, (_, index) => ({
    task: index % USERS_OF_ONE_ROOM,
    room: -3,
    file: Math.floor(index / USERS_OF_ONE_ROOM),
  }));
}

async function applyAll(
  what: string,
  places: readonly Place[],
  { source, event }: Usual,
  product: WarmConsumer,
  proxy: CountingProxy,
): Promise<{ distribution: Distribution; units: number }> {
  proxy.read();
  const records = places.map((place) => recordAbout(source, event, place));
  const { latencies, errors } = await product.apply(batchesOf(records, BATCH_SIZE));
  const units = proxy.read().writeUnits / places.length;
  return { distribution: { what, unit: 'ms per batch', errors, ...percentilesOf(latencies) }, units };
}

type Items = Record<string, AttributeValue>[];

/** The state items of the first tasks, which others are made like. */
async function itemsOf(client: DynamoDBClient, TableName: string): Promise<Items> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName, Limit: 500 }));
  return Items.filter((item) => item.pk?.S?.startsWith('task#'));
}

/** Puts items of further tasks into the table, until it has `size` tasks: as the consumer writes them, with less ado. */
async function fill(
  client: DynamoDBClient,
  tableName: string,
  templates: Items,
  tasks: number,
  size: number,
): Promise<void> {
  const starts = Array.from(
    { length: Math.ceil((size - tasks) / ITEMS_PER_WRITE) },
    (_, index) => tasks + index * ITEMS_PER_WRITE,
  );
  await forEachConcurrently(starts, CONCURRENT_WRITES, async (first) => {
    const numbers = Array.from(
      { length: Math.min(ITEMS_PER_WRITE, size - first) },
      (_, index) => first + index,
    );
    const RequestItems = {
      [tableName]: numbers.map((number) => ({ PutRequest: { Item: itemOf(templates, number) } })),
    };
    await client.send(new BatchWriteItemCommand({ RequestItems }));
  });
}

function itemOf(templates: Items, number: number): Items[number] {
  const template = templates[number % templates.length] as Items[number];
  const partition = template.pk?.S?.replace(/[^#]*$/, `record-${number}`) ?? '';
  const roomKey = template.roomKey?.S?.replace(/[^#]*$/, `room-${number}`);
  return { ...template, pk: { S: partition }, ...(roomKey === undefined ? {} : { roomKey: { S: roomKey } }) };
}
