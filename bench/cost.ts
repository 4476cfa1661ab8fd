import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf } from '../test/support/engine-servers.ts';
import { batchesOf, bodyAbout, type Place, recordOf } from './batches.ts';
import {
  ASSUMPTIONS,
  type Assumptions,
  billOf,
  CHEAPEST,
  gigabytes,
  LEAN,
  type StageParameters,
  totalOf,
  USUAL,
  type Usage,
} from './bill.ts';
import { gatewayEvent, signed, sourceNamed } from './callbacks.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import { ingestEnvironment, tableEnvironment } from './environments.ts';
import { beat } from './heartbeat.ts';
import { lookupFigures } from './lookup-cost.ts';
import { type PackagedService, packageForBench } from './packaged.ts';
import { PRICES } from './prices.ts';
import { firstCall, startService, type WarmConsumer, warmConsumer, warmFunction } from './processes.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';
import { shortNumber } from './report.ts';
import { newLedgerTable, startCountingEngine } from './tables.ts';

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

type IngestUsage = Pick<Usage, 'sendBytes' | 'ingestLogBytes' | 'ingestCpuMs'>;

/** What each parameter changes, one at a time. */
const OPTIONS: readonly { what: string; parameters: Partial<StageParameters>; note: string }[] = [
  { what: 'gateway url', parameters: { gateway: 'url' }, note: 'a function URL for each source' },
  { what: 'gateway rest', parameters: { gateway: 'rest' }, note: 'a REST API behind AWS WAF' },
  { what: 'changeEvents off', parameters: { changeEvents: false }, note: 'no event of each change' },
  {
    what: 'logLevel warn',
    parameters: { logLevel: 'warn' },
    note: 'no line and no metric of what went well',
  },
  {
    what: 'consumerBatchSize 100',
    parameters: { consumerBatchSize: 100 },
    note: 'a batch waits up to a second for more',
  },
  {
    what: 'callbacks that come one by one',
    parameters: { consumerBatchSize: 1 },
    note: 'batches of 1',
  },
];

/** How much depends on what could not be measured. */
const OTHER_ASSUMPTIONS: Readonly<Record<string, Partial<Assumptions>>> = {
  'SQS and DynamoDB twice as slow': { sendMessageMs: 12, writeMs: 10 },
};

export const cost: Part = {
  name: 'cost',
  method:
    'US dollars per million callbacks at list prices of us-east-1, from counted calls, bytes and write units; billed time is ' +
    'the CPU time measured here at the share of a vCPU that the memory buys, and assumed waiting. Duplicates are not counted. ' +
    'Last what is on top with buckets, ZEGOCLOUD and your backend as sources: per million files, tasks or requests, change events included.',
  run: measure,
};

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
      figures.push(totalFigure(`${source}: lean`, lean[index] as Usage, LEAN));
    }
    figures.push(...itemised(meanOf(all), meanOf(lean)));
    options.progress('buckets, ZEGOCLOUD and expected tasks');
    figures.push(...(await lookupFigures(stand)));
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
  return { ...(await ingestUsage(life, stand)), ...(await consumerUsage(life, days, stand)) };
}

async function consumerUsage(
  { source: name, callbacks }: (typeof LIVES)[number],
  days: number,
  { service, proxy, engine, quickTable }: Stand,
): Promise<Omit<Usage, keyof IngestUsage>> {
  const client = clientOf(engine);
  const tableName = await newLedgerTable(client);
  client.destroy();
  const environmentOn = (endpoint: string) => ({
    ...tableEnvironment(service, 'consumer', endpoint, tableName),
    EVENT_HISTORY_DAYS: String(days),
  });
  const bundle = service.bundleOf('consumer');
  let log = '';
  const counting = warmConsumer(bundle, environmentOn(proxy.origin), (text) => {
    log += text;
  });
  const quick = warmConsumer(bundle, environmentOn(quickTable));
  const source = sourceNamed(name);
  const records = callbacks.map(({ event, place }) => recordOf(source, bodyAbout(name, event, place)));
  try {
    await beat(counting, name, proxy);
    const { errors } = await counting.apply(batchesOf(records, 1));
    if (errors > 0) throw new Error(`A callback of ${name} was not applied.`);
    const { writeUnits, indexUnits, calls, requestBytes } = proxy.read();
    await counting.stop();
    // The first is the heartbeat's.
    const lines = log.trimEnd().split('\n').slice(1);
    const changes = lines.reduce((sum, line) => sum + (JSON.parse(line) as { changes: number }).changes, 0);
    const perCallback = (count: number): number => count / records.length;
    return {
      consumerLogBytes: perCallback(Buffer.byteLength(lines.join('\n')) + 1),
      consumerCpuMs: await consumerCpuMs(name, quick),
      writeUnits: perCallback(writeUnits),
      indexUnits: perCallback(indexUnits),
      writes: perCallback(Object.values(calls).reduce((sum, count) => sum + count, 0)),
      storedBytes: perCallback(requestBytes),
      changes: perCallback(changes),
    };
  } finally {
    await Promise.all([counting.stop(), quick.stop()]);
  }
}

async function ingestUsage(
  { source: name, callbacks }: (typeof LIVES)[number],
  { service, queue }: Stand,
): Promise<IngestUsage> {
  const scratch = await mkdtemp(join(tmpdir(), 'rtc-callbacks-bench-cost-'));
  const source = sourceNamed(name);
  let [sendBytes, ingestLogBytes] = [0, 0];
  const eventFile = join(scratch, 'event.json');
  const runnable = {
    bundle: service.bundleOf(name),
    eventFile,
    environment: ingestEnvironment(service, name, queue),
  };
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
  const batches = batchesOf(records, USUAL.consumerBatchSize);
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

function totalFigure(what: string, usage: Usage, parameters = USUAL): Figure {
  const note = `${shortNumber(usage.writeUnits)} + ${shortNumber(usage.indexUnits)} write units`;
  return dollars(what, totalOf(billOf(usage, parameters)), note);
}

function dollars(what: string, value: number, note = ''): Figure {
  return { what, value, unit: '$', note };
}

/** What everything on costs, by default and the cheapest way, with and without change events. */
function totals(usage: Usage): Figure[] {
  const ways = [
    ['everything on', USUAL, 'HTTP API, mean of the three'],
    ['everything on, the cheapest way', CHEAPEST, 'gateway url, consumerBatchSize 100'],
  ] as const;
  return ways.flatMap(([what, parameters, note]) => [
    { ...dollars(what, totalOf(billOf(usage, parameters)), note), target: { atMost: 3.6 } },
    {
      ...dollars(`${what}, no change events`, totalOf(billOf(usage, { ...parameters, changeEvents: false }))),
      target: { atMost: 3.6 },
    },
  ]);
}

/** The bill of the mean, line by line, and what its totals are made of. */
function itemised(all: Usage, lean: Usage): Figure[] {
  const bill = billOf(all);
  const total = totalOf(bill);
  return [
    ...bill.map((item) => dollars(`mean of the three: ${item.what}`, item.dollars, item.note)),
    ...totals(all),
    {
      ...dollars(
        'lean',
        totalOf(billOf(lean, LEAN)),
        'besides, no change events, eventHistoryDays 0, logLevel warn',
      ),
      target: { atMost: 2.5 },
    },
    ...OPTIONS.map(({ what, parameters, note }) =>
      dollars(what, totalOf(billOf(all, { ...USUAL, ...parameters })) - total, note),
    ),
    dollars('history off', totalOf(billOf(lean)) - total, 'eventHistoryDays 0: one write unit, and its time'),
    dollars(
      'of it, the check for reused credentials',
      (2 / 3) * PRICES.dynamodbPerMillionWriteUnits,
      'always on',
    ),
    dollars(
      'storage of the first 30 days of history',
      gigabytes(all.storedBytes) * (PRICES.dynamodbPerGigabyteMonth + PRICES.dynamodbBackupPerGigabyteMonth),
      `${shortNumber(gigabytes(all.storedBytes))} GB written, backups included; the first 25 GB of a table are free`,
    ),
    ...Object.entries(OTHER_ASSUMPTIONS).map(([what, changes]) =>
      dollars(what, totalOf(billOf(all, USUAL, { ...ASSUMPTIONS, ...changes })) - total),
    ),
  ];
}
