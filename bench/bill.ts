import { PRICES } from './prices.ts';
import { shortNumber } from './report.ts';

const MILLION = 1_000_000;
const GIGABYTE = 1e9;

/** What cannot be measured outside AWS; the figures show what changing it does. */
export const ASSUMPTIONS = {
  /** How long SQS takes to answer a `SendMessage`, in ms: the ingest function waits for it. */
  sendMessageMs: 6,
  /** How long DynamoDB takes to answer a write, in ms: the writes of one callback follow each other. */
  writeMs: 5,
  /** How long EventBridge takes to answer a `PutEvents`, in ms. */
  putEventsMs: 10,
  /** How long a bucket takes to answer a question, in ms. */
  bucketMs: 20,
  /** How long ZEGOCLOUD takes to answer one, in ms. */
  vendorMs: 200,
} as const;

/** `ASSUMPTIONS`, or others. */
export type Assumptions = { [Name in keyof typeof ASSUMPTIONS]: number };

/** Memory of the functions in MB, and of one with a whole vCPU. */
export const MEMORY = { ingest: 512, consumer: 1024, changes: 512, lookup: 512, wholeCpu: 1769 } as const;

/** Bytes that CloudWatch counts for each line besides its text. */
const LOG_LINE_OVERHEAD_BYTES = 26;

/** What is left of a log line once CloudWatch has compressed it. */
const LOG_COMPRESSION = 0.15;

/** Change events that leave together. */
const EVENTS_PER_BATCH = 10;

/** Bytes of an answer's headers and body that leave AWS. */
const ANSWER_BYTES = 200 + '{"code":0}'.length;

/** What one callback takes, on average over a life. */
export interface Usage {
  sendBytes: number;
  ingestLogBytes: number;
  ingestCpuMs: number;
  consumerLogBytes: number;
  consumerCpuMs: number;
  writeUnits: number;
  indexUnits: number;
  writes: number;
  storedBytes: number;
  /** Facets that changed, each of which leaves as a change event. */
  changes: number;
}

/** The parameters of `serverless.yml` that the bill depends on; the history is in the usage. */
export interface StageParameters {
  gateway: 'http' | 'rest' | 'url';
  logLevel: 'info' | 'warn';
  changeEvents: boolean;
  /** At a load that fills them. */
  consumerBatchSize: number;
}

/** As a stage is deployed when nothing is said. */
export const USUAL: StageParameters = {
  gateway: 'http',
  logLevel: 'info',
  changeEvents: true,
  consumerBatchSize: 10,
};

/** Everything on, the cheapest way. */
export const CHEAPEST: StageParameters = { ...USUAL, gateway: 'url', consumerBatchSize: 100 };

/** The least that loses nothing. */
export const LEAN: StageParameters = { ...CHEAPEST, logLevel: 'warn', changeEvents: false };

/** One line of the bill, in dollars per million callbacks. */
export interface Item {
  what: string;
  dollars: number;
  note: string;
}

/** The bill of a million callbacks. */
export function billOf(
  usage: Usage,
  parameters: StageParameters = USUAL,
  assumptions: Assumptions = ASSUMPTIONS,
): Item[] {
  const items = [
    ...gatewayItems(parameters),
    ...functionItems(usage, parameters, assumptions),
    ...queueItems(usage, parameters),
    ...tableItems(usage),
    logItem(usage, parameters),
    ...changeItems(usage, parameters, assumptions),
    { what: 'Data out', dollars: gigabytes(ANSWER_BYTES) * PRICES.transferPerGigabyte, note: 'the answers' },
  ];
  return items.filter(({ dollars }) => dollars > 0);
}

/** What a bill comes to, in dollars. */
export function totalOf(items: readonly Item[]): number {
  return items.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** Gigabytes of a million times so many bytes. */
export function gigabytes(bytes: number): number {
  return (bytes * MILLION) / GIGABYTE;
}

function gatewayItems({ gateway }: StageParameters): Item[] {
  const [http, rest, waf] = [
    PRICES.httpApiPerMillionRequests,
    PRICES.restApiPerMillionRequests,
    PRICES.wafPerMillionRequests,
  ];
  return [
    { what: 'HTTP API', dollars: gateway === 'http' ? http : 0, note: '1 request' },
    { what: 'REST API', dollars: gateway === 'rest' ? rest : 0, note: '1 request' },
    { what: 'WAF', dollars: gateway === 'rest' ? waf : 0, note: '1 request' },
  ];
}

function functionItems(
  usage: Usage,
  { consumerBatchSize: batchSize }: StageParameters,
  { sendMessageMs, writeMs }: Assumptions,
): Item[] {
  const ingestMs = Math.ceil(usage.ingestCpuMs / (MEMORY.ingest / MEMORY.wholeCpu) + sendMessageMs);
  const batchCpuMs = (usage.consumerCpuMs * batchSize) / (MEMORY.consumer / MEMORY.wholeCpu);
  const batchMs = Math.ceil(batchCpuMs + usage.writes * writeMs);
  const invocations = 1 + 1 / batchSize;
  return [
    {
      what: 'Lambda, requests',
      dollars: invocations * PRICES.lambdaPerMillionRequests,
      note: `${shortNumber(invocations)} invocations, batches of ${batchSize}`,
    },
    {
      what: 'Lambda, time',
      dollars: timeDollars(ingestMs, MEMORY.ingest) + timeDollars(batchMs / batchSize, MEMORY.consumer),
      note: `${ingestMs} ms at ${MEMORY.ingest} MB, ${batchMs} ms a batch at ${MEMORY.consumer} MB`,
    },
  ];
}

/** What a million times so many ms at so much memory costs. */
export function timeDollars(ms: number, megabytes: number): number {
  return (ms / 1000) * (megabytes / 1024) * MILLION * PRICES.lambdaPerGigabyteSecond;
}

function queueItems({ sendBytes }: Usage, { consumerBatchSize: batchSize }: StageParameters): Item[] {
  // One message is sent at a time; Lambda receives and deletes them by the batch.
  const requests = Math.ceil(sendBytes / 65_536) + 2 / batchSize;
  return [
    {
      what: 'SQS',
      dollars: requests * PRICES.sqsPerMillionRequests,
      note: `${shortNumber(requests)} requests, ${Math.round(sendBytes)} bytes sent`,
    },
    {
      what: 'SQS, fair queue',
      dollars: requests * PRICES.sqsFairQueuePerMillionRequests,
      note: 'a loud app does not delay the others',
    },
  ];
}

function tableItems({ writeUnits, indexUnits }: Usage): Item[] {
  const item = (what: string, units: number): Item => ({
    what,
    dollars: units * PRICES.dynamodbPerMillionWriteUnits,
    note: `${shortNumber(units)} write units`,
  });
  return [item('DynamoDB, table', writeUnits), item('DynamoDB, indexes', indexUnits)];
}

function logItem({ ingestLogBytes, consumerLogBytes }: Usage, { logLevel }: StageParameters): Item {
  const bytes = logLevel === 'info' ? ingestLogBytes + consumerLogBytes + 2 * LOG_LINE_OVERHEAD_BYTES : 0;
  const perGigabyte = PRICES.logsPerGigabyte + LOG_COMPRESSION * PRICES.logsPerGigabyteMonth;
  return {
    what: 'Logs',
    dollars: gigabytes(bytes) * perGigabyte,
    note: `${Math.round(bytes)} bytes in 2 lines, metrics included`,
  };
}

function changeItems(
  { changes }: Usage,
  { changeEvents }: StageParameters,
  assumptions: Assumptions,
): Item[] {
  return [
    {
      what: 'Change events',
      dollars: changeEvents ? changes * changeEventDollars(assumptions) : 0,
      note: `${shortNumber(changes)} events, batches of ${EVENTS_PER_BATCH}`,
    },
  ];
}

/** What a million change events cost. */
export function changeEventDollars({ putEventsMs }: Assumptions = ASSUMPTIONS): number {
  const perBatch = PRICES.lambdaPerMillionRequests + timeDollars(putEventsMs, MEMORY.changes);
  return PRICES.eventBridgePerMillionEvents + perBatch / EVENTS_PER_BATCH;
}
