import type { JsonObject } from '../../../lib/platform/json.ts';
import type { SampleSource } from '../../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { type IngestCase, ingestCase } from './ingest-case.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { mutatedDocument } from './mutate-document.ts';
import { anyText, oddValue } from './odd-values.ts';
import { Random } from './random.ts';

/** A verified request that is behind a message. */
export interface Base {
  source: SampleSource;
  request: IngestCase;
}

/** One message of the callback queue: as the function of a source wrote it, or changed, or no such message at all. */
export interface ConsumerCase {
  index: number;
  base: Base;
  /** How many messages there are in a batch that begins with it. */
  batchSize: number;
  /** Whether it arrives as it was written. */
  isGenuine: boolean;
  /** Whether it must be applied: a sample as it is, whose credentials no changed message can have come with before. */
  isApplicable: boolean;
  /** The message to deliver, given the one that the source's function wrote. */
  messageOf(written: string): string;
}

/** What no message can hold; SQS takes characters beyond U+FFFF, but the embedded one does not. */
const NOT_FOR_SQS = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g;

/** How many messages Lambda hands over at most, as `serverless.yml` says. */
const LARGEST_BATCH = 10;

/** A body that may be in the table, as far as the message says. Where it is not, the message has to wait for it. */
const BODY_ELSEWHERE = /"bodyKey":\s*"[0-9a-f]{64}"/;

/** Whether a changed message waits for a body that is nowhere, which no healthy store can help. */
export function waitsForBody({ isGenuine }: ConsumerCase, message: string): boolean {
  return !isGenuine && BODY_ELSEWHERE.test(message);
}

/** Repeats are of the last messages, so that they meet each other at work. */
const REPEATED_AMONG = 40;

/** Numbers, texts and names at which the consumer decides something. */
const ENVELOPE_CHANGES: readonly ((random: Random) => JsonObject)[] = [
  () => ({ version: 2 }),
  (random) => ({
    source: random.pick([...SAMPLE_SOURCES.map(({ name }) => name), '__proto__', 'constructor', '']),
  }),
  (random) => ({ strength: random.pick(['body', 'credential', 'none', null]) }),
  (random) => ({ encoding: random.pick(['gzip', 'identity', 'br', null]) }),
  (random) => ({ receivedAt: random.pick([0, -1, 1e15, 8.64e15, 8.64e15 + 1, 1e300, '5', null]) }),
  (random) => ({ timestamp: random.pick(['0', '1', '999999999999999', '1e3', ' 1', '']) }),
  (random) => ({ nonce: anyText(random) }),
  (random) => ({ appId: anyText(random) }),
  (random) => ({ body: random.bytes(random.below(200)).toString('base64') }),
  (random) => ({
    refusal: random.pick(['wrong_signature', '', 5]),
    headers: {},
    query: random.pick([{}, null]),
  }),
  (random) => ({
    body: null,
    bodyKey: anyText(random),
    bodyParts: random.pick([-1, 0, 0.5, 1, 1e9, 1e300, '2']),
  }),
  (random) => ({
    body: null,
    bodyKey: random.bytes(32).toString('hex'),
    bodyParts: random.pick([-1, 0, 1, 2.5, 3, 5, 1e9]),
  }),
];

/** The message of a number: the same one for the same seed. */
export function consumerCase(seed: number, index: number): ConsumerCase {
  const random = new Random(seed, `consumer ${index}`);
  const kind = random.weighted([
    [50, 'fresh'],
    [12, 'repeated'],
    [28, 'changed'],
    [10, 'random'],
  ]);
  const of = kind === 'repeated' ? Math.max(0, index - 1 - random.below(REPEATED_AMONG)) : index;
  const base = baseOf(seed, of);
  const isGenuine = kind === 'fresh' || kind === 'repeated';
  const messageOf = (written: string) => {
    if (isGenuine) return written;
    const message = kind === 'changed' ? changed(random, written) : anyMessage(random);
    return message.replace(NOT_FOR_SQS, '') || 'x';
  };
  const batchSize = 1 + random.below(LARGEST_BATCH);
  return {
    index,
    base,
    batchSize,
    isGenuine,
    isApplicable: kind === 'fresh' && base.request.isPristine,
    messageOf,
  };
}

function baseOf(seed: number, index: number): Base {
  const source = new Random(seed, `source ${index}`).pick(SAMPLE_SOURCES);
  return { source, request: ingestCase(seed, source, index, 'genuine') };
}

function changed(random: Random, written: string): string {
  const envelope = JSON.parse(written) as JsonObject;
  return random.weighted([
    [3, () => JSON.stringify(mutatedDocument(random, envelope))],
    [3, () => JSON.stringify({ ...envelope, ...random.pick(ENVELOPE_CHANGES)(random) })],
    [4, () => JSON.stringify({ ...envelope, encoding: 'identity', body: otherBody(random, envelope) })],
    [2, () => mutatedBytes(random, Buffer.from(written)).toString('utf8')],
  ])();
}

/** Another body with the same credentials: what someone who captured a request could send. */
function otherBody(random: Random, { encoding, body }: JsonObject): string {
  const bytes = Buffer.from(String(body), 'base64');
  const other = encoding === 'identity' ? mutatedBytes(random, bytes) : random.bytes(100);
  return other.toString('base64');
}

function anyMessage(random: Random): string {
  return random.pick([
    () => anyText(random),
    () => JSON.stringify(oddValue(random)),
    () => random.bytes(60).toString('latin1'),
  ])();
}
