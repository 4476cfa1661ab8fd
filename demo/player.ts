import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPages } from '../cli/connection.ts';
import { createProgress } from '../cli/output.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import type { Json } from '../lib/platform/json.ts';
import type { SampleSource, SignedCallback } from '../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { startChildStack } from '../stack/child-stack.ts';
import { callbacksDrained } from '../stack/queue-depth.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { type Flaw, sampleAppId, signedSample } from '../stack/samples/signed-sample.ts';
import { type Random, seededRandom, shuffled } from './random.ts';

/**
 * How long the stack may take to apply callbacks, in ms. It usually does so at once; on a busy machine messages may have
 * to come again, which they do after a minute.
 */
const APPLY_TIMEOUT_MS = 30 * 60_000;

const CONCURRENT_REQUESTS = 8;

/** The share of callbacks that come again unchanged, and signed again. */
const REPEATED = 0.3;
const SIGNED_AGAIN = 0.15;

/** How many callbacks of each source come with a forged signature. */
const FORGED_PER_SOURCE = 1;

/** A callback of a day: what is sent, and when it happened. */
export interface DayCallback {
  source: string;
  event: string;
  /** When the vendor says it happened, in minutes after the beginning of the day. */
  minute: number;
  /** The values that replace those of the sample, by their paths in the body. */
  set: ReadonlyMap<string, Json>;
}

/** A callback of a day whose sample gets these values. */
export function dayCallback(
  source: string,
  event: string,
  minute: number,
  values: Record<string, Json>,
): DayCallback {
  return { source, event, minute, set: new Map(Object.entries(values)) };
}

/** Plays days on a stack of its own, whose ledger was empty. */
export interface Player {
  url: string;
  /** The log lines of the stack's functions. */
  logFile: string;
  /** Sends callbacks of a day that began at `dayStart` (Unix time in ms), and waits until they are applied. */
  play(callbacks: readonly DayCallback[], dayStart: number): Promise<DeliveryResult>;
}

/** Starts a stack, with further variables in its environment, for as long as `work` takes; its data goes with it. */
export async function withPlayer<Result>(
  seed: number,
  environment: Record<string, string>,
  work: (player: Player) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-demo-'));
  try {
    const logFile = join(directory, 'functions.log');
    const { url, stop } = await startChildStack(join(directory, 'data'), logFile, { environment });
    const random = seededRandom(seed);
    const play = async (callbacks: readonly DayCallback[], dayStart: number) => {
      const result = await deliver(callbacks, dayStart, url, random);
      await callbacksDrained(url, APPLY_TIMEOUT_MS);
      return result;
    };
    try {
      return await work({ url, logFile, play });
    } finally {
      await stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The app that the samples of a vendor are of. Throws when no vendor is called so. */
export function appIdOf(vendor: string): string {
  const source = SAMPLE_SOURCES.find((candidate) => candidate.vendor === vendor);
  if (source === undefined) throw new Error(`There are no samples of ${vendor}.`);
  return sampleAppId(source, sampleSecrets());
}

/** All pages of an answer of the read API as one; nothing where it knows nothing. Throws at any other answer. */
export async function readAll(url: string): Promise<Record<string, unknown>> {
  const pages = await readPages(fetch, url);
  if (pages.ok) return pages.body;
  if (pages.response.status === 404) return {};
  throw new Error(`${url}: ${pages.response.status} ${await pages.response.text()}`);
}

/** What the stack answered. */
export interface DeliveryResult {
  /** Requests that were sent: originals, repeated and forged ones. */
  sent: number;
  repeated: number;
  forged: number;
  /** Answers other than the right one: 200 for a signed, 401 for a forged request. */
  wrongAnswers: string[];
}

/** A request that is ready to be sent. */
interface Delivery {
  path: string;
  callback: SignedCallback;
  expectedStatus: 200 | 401;
}

/** Sends callbacks the way vendors do: out of order, some more than once; and a few that are forged. */
export async function deliver(
  callbacks: readonly DayCallback[],
  dayStart: number,
  url: string,
  random: Random,
): Promise<DeliveryResult> {
  const signer = createSigner(dayStart, random);
  const deliveries: Delivery[] = callbacks.map((callback) => signer(callback));
  const originals = deliveries.length;
  for (const [index, callback] of callbacks.entries()) {
    if (random() < REPEATED) deliveries.push(deliveries[index] as Delivery);
    if (random() < SIGNED_AGAIN) deliveries.push(signer(callback));
  }
  const repeated = deliveries.length - originals;
  const sources = [...new Map(callbacks.map((callback) => [callback.source, callback])).values()];
  const forged = sources.flatMap((callback) =>
    Array.from({ length: FORGED_PER_SOURCE }, () => signer(callback, 'signature')),
  );

  const wrongAnswers: string[] = [];
  const all = shuffled([...deliveries, ...forged], random);
  const progress = createProgress('Sent', all.length);
  await forEachConcurrently(all, CONCURRENT_REQUESTS, async ({ path, callback, expectedStatus }) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: callback.headers,
      body: callback.body,
    });
    if (response.status !== expectedStatus)
      wrongAnswers.push(`${path}: ${response.status} ${await response.text()}`);
    progress.step();
  });
  progress.done();
  return { sent: all.length, repeated, forged: forged.length, wrongAnswers };
}

function createSigner(dayStart: number, random: Random) {
  const secrets = sampleSecrets();
  return ({ source, event, minute, set }: DayCallback, flaw?: Flaw): Delivery => {
    const sampleSource = SAMPLE_SOURCES.find(({ name }) => name === source) as SampleSource;
    const nonce = String(Math.floor(random() * 1e12));
    const happenedAt = Math.round(dayStart + minute * 60_000);
    const sample = signedSample(sampleSource, event, secrets, {
      now: Date.now(),
      happenedAt,
      nonce,
      set,
      flaw,
    });
    if (!sample.ok) throw new Error(sample.reason);
    return {
      path: sampleSource.path,
      callback: sample.callback,
      expectedStatus: flaw === undefined ? 200 : 401,
    };
  };
}
