import { createProgress } from '../cli/progress.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import type { SampleSource, SignedCallback } from '../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { type Flaw, signedSample } from '../stack/samples/signed-sample.ts';
import type { DayCallback } from './day.ts';
import { type Random, shuffled } from './random.ts';

const CONCURRENT_REQUESTS = 8;

/** The share of callbacks that come again just as they were, and signed anew. */
const REPEATED = 0.3;
const SIGNED_AGAIN = 0.15;

/** How many callbacks of each source come with a forged signature. */
const FORGED_PER_SOURCE = 1;

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
