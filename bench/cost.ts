import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf } from '../test/support/engine-servers.ts';
import { functionEnvironment } from './ack.ts';
import { batchesOf, bodyAbout, type Place, recordOf } from './batches.ts';
import { gatewayEvent, signed, sourceNamed } from './callbacks.ts';
import { type CountingProxy, type Counts, startCountingProxy } from './counting-proxy.ts';
import { type PackagedService, packageForBench } from './packaged.ts';
import { PRICES } from './prices.ts';
import { firstCall, startService, type WarmConsumer, warmConsumer, warmFunction } from './processes.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';
import { shortNumber } from './report.ts';
import { consumerEnvironment, newLedgerTable, startCountingEngine } from './tables.ts';

const MILLION = 1_000_000;
const GIGABYTE = 1e9;

/** What cannot be measured outside AWS; the figures show what changing it does. */
const ASSUMPTIONS = {
  /** How long SQS takes to answer a `SendMessage`, in ms: the ingest function waits for it. */
  sendMessageMs: 6,
  /** How long DynamoDB takes to answer a write, in ms: the writes of one callback follow each other. */
  writeMs: 5,
  /** Callbacks in a batch of the consumer, at a load that fills them. */
  batchSize: 10,
  /** Bytes of the lines START, END and REPORT that Lambda adds to each invocation. */
  platformLogBytes: 330,
  /** Bytes that CloudWatch counts for each line besides its text. */
  logLineOverheadBytes: 26,
  /** What is left of a log line once CloudWatch has compressed it. */
  logCompression: 0.15,
  /** Bytes of an answer's headers that leave AWS. */
  answerHeaderBytes: 200,
} as const;

/** Memory of the functions in MB, and of one with a whole vCPU. */
const MEMORY = { ingest: 512, consumer: 1024, wholeCpu: 1769 } as const;

const WARM_UP_CALLS = 1000;
const CPU_CALLS = 1000;
const CPU_CALLBACKS = 1000;

/** What one task goes through, whose callbacks make up the mean. */
const LIVES: readonly { source: string; callbacks: readonly { event: string; place: Place }[] }[] = [
  {
    source: 'rongcloud-recording',
    callbacks: ['start', 'segment', 'end', 'upload'].map((event) => ({ event, place: { task: 1 } })),
  },
  {
    source: 'tencent',
    callbacks: [1, 2, 3, 4].map((file) => ({ event: 'screenshot', place: { task: 1, file } })),
  },
  { source: 'zego', callbacks: [1, 2, 3, 4].map((task) => ({ event: 'snapshot', place: { task } })) },
];

export const cost: Part = {
  name: 'cost',
  method:
    'US dollars per million callbacks at list prices of us-east-1, from counted calls, bytes and write units; billed time is ' +
    'the CPU time measured here at the share of a vCPU that the memory buys, and assumed waiting. Duplicates are not counted.',
  run: measure,
};

/** What one callback takes, on average over a life. */
interface Usage {
  sendBytes: number;
  ingestLogBytes: number;
  ingestCpuMs: number;
  consumerLogBytes: number;
  consumerCpuMs: number;
  writeUnits: number;
  indexUnits: number;
  writes: number;
  storedBytes: number;
}

async function measure(options: RunOptions): Promise<PartResult> {
  options.progress('packaging the service');
  const service = await packageForBench();
  const [queue, quickTable, engine] = await Promise.all([
    startService('queue'),
    startService('quick-table'),
    startCountingEngine(),
  ]);
  const proxy = await startCountingProxy(engine.endpoint);
  const stand = {
    service,
    queue: queue.origin,
    quickTable: quickTable.origin,
    engine: engine.endpoint,
    proxy,
  };
  try {
    const figures: Figure[] = [];
    const [all, lean]: [Usage[], Usage[]] = [[], []];
    for (const life of LIVES) {
      options.progress(`${life.source}, counted on ${engine.name}`);
      all.push(await usageOf(life, 30, stand));
      lean.push(await usageOf(life, 0, stand));
    }
    for (const [index, { source }] of LIVES.entries()) {
      figures.push(totalFigure(`${source}: everything on`, all[index] as Usage));
      figures.push(totalFigure(`${source}: lean (no history)`, lean[index] as Usage));
    }
    figures.push(...itemised(meanOf(all), meanOf(lean)));
    return { distributions: [], figures };
  } finally {
    await Promise.all([proxy.stop(), engine.stop(), queue.stop(), quickTable.stop(), service.remove()]);
  }
}

interface Stand {
  service: PackagedService;
  queue: string;
  quickTable: string;
  engine: string;
  proxy: CountingProxy;
}

async function usageOf(life: (typeof LIVES)[number], days: number, stand: Stand): Promise<Usage> {
  const ingest = await ingestUsage(life, stand);
  const client = clientOf(stand.engine);
  const tableName = await newLedgerTable(client);
  client.destroy();
  const { service, proxy } = stand;
  const bundle = service.bundleOf('consumer');
  const source = sourceNamed(life.source);
  const records = life.callbacks.map(({ event, place }) =>
    recordOf(source, bodyAbout(life.source, event, place)),
  );
  const counting = warmConsumer(bundle, consumerEnvironment(proxy.origin, tableName, days));
  const quick = warmConsumer(bundle, consumerEnvironment(stand.quickTable, 'ledger', days));
  try {
    const { errors } = await counting.apply(batchesOf(records, 1));
    if (errors > 0) throw new Error(`A callback of ${life.source} was not applied.`);
    const counts: Counts = proxy.read();
    return {
      ...ingest,
      consumerLogBytes: counting.logBytes() / records.length,
      consumerCpuMs: await consumerCpuMs(life.source, quick),
      writeUnits: counts.writeUnits / records.length,
      indexUnits: counts.indexUnits / records.length,
      writes: Object.values(counts.calls).reduce((sum, count) => sum + count, 0) / records.length,
      storedBytes: counts.requestBytes / records.length,
    };
  } finally {
    await Promise.all([counting.stop(), quick.stop()]);
  }
}

async function ingestUsage(
  { source: name, callbacks }: (typeof LIVES)[number],
  { service, queue }: Stand,
): Promise<Pick<Usage, 'sendBytes' | 'ingestLogBytes' | 'ingestCpuMs'>> {
  const scratch = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-cost-'));
  const source = sourceNamed(name);
  let [sendBytes, ingestLogBytes] = [0, 0];
  const eventFile = join(scratch, 'event.json');
  const runnable = { bundle: service.bundleOf(name), eventFile, environment: functionEnvironment(queue) };
  try {
    for (const { event, place } of callbacks) {
      const callback = signed(source, bodyAbout(name, event, place));
      await writeFile(eventFile, JSON.stringify(gatewayEvent(source, callback)));
      const { log, status } = await firstCall(runnable);
      if (status !== 200) throw new Error(`${name} answered ${status}.`);
      ingestLogBytes += Buffer.byteLength(log) / callbacks.length;
      const { body } = (await (await fetch(queue)).json()) as { body: string };
      // Without its group the message would cost less, and the queue would not be fair.
      if (JSON.parse(body).MessageGroupId !== source.appId)
        throw new Error(`A message of ${name} has no group.`);
      sendBytes += Buffer.byteLength(body) / callbacks.length;
    }
    const warm = warmFunction(runnable);
    await warm.call(WARM_UP_CALLS);
    const { cpuMs } = await warm.call(CPU_CALLS);
    await warm.stop();
    return { sendBytes, ingestLogBytes, ingestCpuMs: cpuMs / CPU_CALLS };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function consumerCpuMs(name: string, quick: WarmConsumer): Promise<number> {
  const source = sourceNamed(name);
  const event = LIVES.find((life) => life.source === name)?.callbacks.at(-1)?.event ?? '';
  const records = Array.from({ length: CPU_CALLBACKS }, (_, task) =>
    recordOf(source, bodyAbout(name, event, { task })),
  );
  const batches = batchesOf(records, ASSUMPTIONS.batchSize);
  await quick.apply(batches);
  const { cpuMs } = await quick.apply(batches);
  return cpuMs / CPU_CALLBACKS;
}

function meanOf(usages: readonly Usage[]): Usage {
  const names = Object.keys(usages[0] ?? {}) as (keyof Usage)[];
  const means = names.map((name) => [
    name,
    usages.reduce((sum, usage) => sum + usage[name], 0) / usages.length,
  ]);
  return Object.fromEntries(means);
}

/** One line of the bill, in dollars per million callbacks. */
interface Item {
  what: string;
  dollars: number;
  note: string;
}

/** The bill of a million callbacks. */
function billOf(usage: Usage, { batchSize, sendMessageMs, writeMs }: BillOptions = ASSUMPTIONS): Item[] {
  const ingestMs = Math.ceil(usage.ingestCpuMs / (MEMORY.ingest / MEMORY.wholeCpu) + sendMessageMs);
  const batchCpuMs = (usage.consumerCpuMs * batchSize) / (MEMORY.consumer / MEMORY.wholeCpu);
  const batchMs = Math.ceil(batchCpuMs + usage.writes * writeMs);
  const gigabyteSeconds =
    ingestMs * (MEMORY.ingest / 1024) + (batchMs / batchSize) * (MEMORY.consumer / 1024);
  const invocations = 1 + 1 / batchSize;
  // One message is sent at a time; Lambda receives and deletes them by the batch.
  const queueRequests = Math.ceil(usage.sendBytes / 65_536) + 2 / batchSize;
  const { logLineOverheadBytes, platformLogBytes, logCompression, answerHeaderBytes } = ASSUMPTIONS;
  const ownLogBytes = usage.ingestLogBytes + usage.consumerLogBytes + 2 * logLineOverheadBytes;
  const platformBytes = invocations * (platformLogBytes + 3 * logLineOverheadBytes);
  const perLogByte = (PRICES.logsPerGigabyte + logCompression * PRICES.logsPerGigabyteMonth) / GIGABYTE;
  const units = (count: number): number => count * PRICES.dynamodbPerMillionWriteUnits;
  return [
    { what: 'HTTP API', dollars: PRICES.httpApiPerMillionRequests, note: '1 request' },
    {
      what: 'Lambda, requests',
      dollars: invocations * PRICES.lambdaPerMillionRequests,
      note: `${invocations.toFixed(2)} invocations, batches of ${batchSize}`,
    },
    {
      what: 'Lambda, time',
      dollars: (gigabyteSeconds / 1000) * MILLION * PRICES.lambdaPerGigabyteSecond,
      note: `${ingestMs} ms at ${MEMORY.ingest} MB, ${batchMs} ms a batch at ${MEMORY.consumer} MB`,
    },
    {
      what: 'SQS',
      dollars: queueRequests * PRICES.sqsPerMillionRequests,
      note: `${queueRequests.toFixed(2)} requests, ${Math.round(usage.sendBytes)} bytes sent`,
    },
    {
      what: 'SQS, fair queue',
      dollars: queueRequests * PRICES.sqsFairQueuePerMillionRequests,
      note: 'a loud app does not delay the others',
    },
    {
      what: 'DynamoDB, table',
      dollars: units(usage.writeUnits),
      note: `${shortNumber(usage.writeUnits)} write units`,
    },
    {
      what: 'DynamoDB, indexes',
      dollars: units(usage.indexUnits),
      note: `${shortNumber(usage.indexUnits)} write units`,
    },
    {
      what: 'Logs, own lines',
      dollars: ownLogBytes * MILLION * perLogByte,
      note: `${Math.round(ownLogBytes)} bytes in 2 lines`,
    },
    {
      what: "Logs, Lambda's lines",
      dollars: platformBytes * MILLION * perLogByte,
      note: `${Math.round(platformBytes)} bytes`,
    },
    {
      what: 'Data out',
      dollars: ((answerHeaderBytes + '{"code":0}'.length) * MILLION * PRICES.transferPerGigabyte) / GIGABYTE,
      note: 'the answers',
    },
  ];
}

type BillOptions = Pick<
  { [Name in keyof typeof ASSUMPTIONS]: number },
  'batchSize' | 'sendMessageMs' | 'writeMs'
>;

function totalOf(items: readonly Item[]): number {
  return items.reduce((sum, { dollars }) => sum + dollars, 0);
}

function totalFigure(what: string, usage: Usage): Figure {
  const note = `${shortNumber(usage.writeUnits)} + ${shortNumber(usage.indexUnits)} write units`;
  return { what, value: totalOf(billOf(usage)), unit: '$', note };
}

function itemised(all: Usage, lean: Usage): Figure[] {
  const bill = billOf(all);
  const total = totalOf(bill);
  const withOptions = (changes: Partial<BillOptions>): number =>
    totalOf(billOf(all, { ...ASSUMPTIONS, ...changes }));
  const gigabytes = (all.storedBytes * MILLION) / GIGABYTE;
  const figure = (what: string, value: number, note: string): Figure => ({ what, value, unit: '$', note });
  const dollarsOf = (name: string): number => bill.find(({ what }) => what === name)?.dollars ?? 0;
  return [
    ...bill.map(({ what, dollars, note }) => figure(`mean of the three: ${what}`, dollars, note)),
    { ...figure('everything on', total, 'mean of the three'), target: { atMost: 3.6 } },
    { ...figure('lean', totalOf(billOf(lean)), 'eventHistoryDays 0'), target: { atMost: 2.5 } },
    figure('the history adds', total - totalOf(billOf(lean)), 'one write unit, and its time'),
    figure(
      'checking for reused credentials adds',
      (2 / 3) * PRICES.dynamodbPerMillionWriteUnits,
      'RongCloud, ZEGOCLOUD',
    ),
    figure('the indexes add', dollarsOf('DynamoDB, indexes'), 'room lists, and files that need attention'),
    figure('the fair queue adds', dollarsOf('SQS, fair queue'), ''),
    figure(
      "Lambda's own log lines add",
      dollarsOf("Logs, Lambda's lines"),
      'systemLogLevel WARN would drop them',
    ),
    figure(
      'storage of the first 30 days adds',
      gigabytes * (PRICES.dynamodbPerGigabyteMonth + PRICES.dynamodbBackupPerGigabyteMonth),
      `${gigabytes.toFixed(2)} GB written, backups included; the first 25 GB of a table are free`,
    ),
    figure('everything on, batches of 1', withOptions({ batchSize: 1 }), 'when callbacks come one by one'),
    figure(
      'everything on, SQS and DynamoDB twice as slow',
      withOptions({ sendMessageMs: 12, writeMs: 10 }),
      '',
    ),
  ];
}
