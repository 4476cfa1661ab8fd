import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isoTime } from '../lib/callback/time.ts';
import { fileSortKey, HEAD, type Owner, roomKey, taskKey } from '../lib/ledger/keys.ts';
import { placeOfItem } from '../lib/ledger/place.ts';
import { createLedgerTable, type LedgerTable } from '../lib/ledger/table.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { answerQuery, type ReadRequest } from '../lib/query/query.ts';
import { clientOf } from '../test/support/engine-servers.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';
import { newLedgerTable, startCountingEngine } from './tables.ts';

const DAYS = 30;
const TASKS = 2_050;
const FILES_OF_A_TASK = 50;

/** One of so many tasks has no file. */
const TASKS_FOR_ONE_WITHOUT = 41;
const FILES = (TASKS - TASKS / TASKS_FOR_ONE_WITHOUT) * FILES_OF_A_TASK;
const TASKS_OF_A_ROOM = 40;

/** DynamoDB takes at most this many items in one `BatchWriteItem`. */
const ITEMS_PER_WRITE = 25;
const CONCURRENT_WRITES = 8;

const DAY_MS = 24 * 60 * 60_000;
/** The day after the last of the tasks. */
export const NOW = Date.UTC(2026, 0, 31);
export const OWNER: Owner = { vendor: 'rongcloud', appId: 'e0x9wycfx7flq' };

export const lists: Part = {
  name: 'lists',
  method:
    `Questions to the read API about ${FILES} files of ${TASKS} tasks in ${DAYS} days, page by page, on DynamoDB ` +
    'Local (on dynalite without Java): the time is that of the emulator and of this machine.',
  run: measure,
};

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const engine = await startCountingEngine();
  const client = clientOf(engine.endpoint);
  try {
    const tableName = await newLedgerTable(client);
    progress(`writing ${FILES} files, on ${engine.name}`);
    await fill(client, tableName);
    const table = createLedgerTable(client, tableName);
    const day = { from: isoTime(NOW - DAY_MS), to: isoTime(NOW), limit: '500' };
    const month = { ...day, from: isoTime(NOW - DAYS * DAY_MS) };
    const figures: Figure[] = [];
    for (const [what, requests] of [
      ['which recordings of yesterday have no file', [list('tasks', day), list('files', day)]],
      ['how many minutes this month', [list('usage', month)]],
      ['all files of a class', [room()]],
    ] as const) {
      progress(what);
      figures.push(await ask(what, table, requests));
    }
    return { distributions: [], figures };
  } finally {
    client.destroy();
    await engine.stop();
  }
}

function list(resource: 'tasks' | 'files' | 'usage', query: Record<string, string>): ReadRequest {
  return { resource, query: { ...OWNER, ...query } };
}

function room(): ReadRequest {
  return { resource: 'room', ...OWNER, id: 'room-0', query: { files: 'true', limit: '500' } };
}

/** How long all pages of some requests take. */
async function ask(what: string, table: LedgerTable, requests: readonly ReadRequest[]): Promise<Figure> {
  const startedAt = performance.now();
  let [pages, members] = [0, 0];
  for (const request of requests) {
    let cursor: string | undefined;
    do {
      const query = { ...request.query, ...(cursor === undefined ? {} : { cursor }) };
      const { status, body } = await answerQuery(table, { ...request, query }, NOW);
      if (status !== 200) throw new Error(`"${what}" is answered ${status}.`);
      const { next, files = [], tasks = [], days = [] } = body as Record<string, never[]> & { next?: string };
      pages += 1;
      members += files.length + tasks.length + days.length;
      cursor = next;
    } while (cursor !== undefined);
  }
  const note = `${pages} pages with ${members} tasks, files or days`;
  return { what, value: performance.now() - startedAt, unit: 'ms', note };
}

type Item = Record<string, AttributeValue>;

/** Puts the tasks and files of all days into a table. */
export async function fill(client: DynamoDBClient, tableName: string): Promise<void> {
  const tasks = Array.from({ length: TASKS }, (_, task) => task);
  await forEachConcurrently(tasks, CONCURRENT_WRITES, async (task) => {
    const items = itemsOf(task);
    for (let from = 0; from < items.length; from += ITEMS_PER_WRITE) {
      const requests = items.slice(from, from + ITEMS_PER_WRITE).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
    }
  });
}

/** A task with its files, as callbacks leave them. */
function itemsOf(task: number): Item[] {
  const pk = taskKey(OWNER.vendor, OWNER.appId, `record-${task}`);
  const roomId = `room-${Math.floor(task / TASKS_OF_A_ROOM)}`;
  const startedAt = NOW - DAY_MS * DAYS + (task * DAY_MS * DAYS) / TASKS;
  const context = { kind: 'recording', roomId };
  const itemOf = (sk: string, facets: Record<string, object>): Item => {
    const entries = Object.entries(facets).flatMap(([name, facet]) => [
      [name, { S: JSON.stringify(facet) }],
      [`${name}Order`, { S: '0#' }],
    ]);
    const item: Item = { pk: { S: pk }, sk: { S: sk }, ...Object.fromEntries(entries) };
    const { place = '', placeAt = '' } = placeOfItem(item) ?? {};
    item.roomKey = { S: roomKey(OWNER.vendor, OWNER.appId, roomId) };
    return { ...item, place: { S: place }, placeAt: { S: placeAt } };
  };
  const count = task % TASKS_FOR_ONE_WITHOUT === 0 ? 0 : FILES_OF_A_TASK;
  const files = Array.from({ length: count }, (_, file) => {
    const at = startedAt + (file + 1) * 60_000;
    const details = { status: 'uploaded', task: context, sizeBytes: 1_000_000, durationMs: 60_000 };
    return itemOf(fileSortKey(`${file}.mp4`), { upload: { at, ...details } });
  });
  const head = itemOf(HEAD, {
    start: { at: startedAt, status: 'started', task: context },
    end: { at: startedAt + 3_600_000, status: 'ended', task: context },
  });
  return [head, ...files];
}
