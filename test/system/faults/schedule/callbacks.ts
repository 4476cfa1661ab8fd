import type { Random } from '../../../../demo/random.ts';
import type { CallbackRequest } from '../../../../lib/callback/callback.ts';
import { verifyWith } from '../../../../lib/callback/verification.ts';
import type { QueueMessage } from '../../../../lib/consume/consume.ts';
import type { Json } from '../../../../lib/platform/json.ts';
import { encodeEnvelope, envelopeOf } from '../../../../lib/queue/envelope.ts';
import type { SampleSource, SignedCallback } from '../../../../lib/vendors/common/sample.ts';
import { VENDOR_NAMES } from '../../../../lib/vendors/facts.ts';
import { VENDORS } from '../../../../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../../../../lib/vendors/samples.ts';
import { type Flaw, type SecretsByVendor, signedSample } from '../../../../stack/samples/signed-sample.ts';
import { HOUR, SECOND, THIS_HOUR } from '../../../support/callbacks.ts';

/** A callback that was accepted: it verified, and its message is in the queue. */
export interface AcceptedCallback {
  message: QueueMessage;
  /** Unix time in ms. */
  receivedAt: number;
  /** The id of the message whose credential it forges: it was captured, so that one came first. */
  forges?: string;
}

/** Callbacks of one app meet in a few tasks and rooms. */
const CALLBACKS_OF_AN_APP = 100;

const PERIOD_MS = 30 * HOUR;
const LONGEST_LAG_MS = 120 * SECOND;

/** The share of callbacks that the vendor sends again unchanged, and signed again. */
const SENT_AGAIN = 0.08;
const SIGNED_AGAIN = 0.08;

/** The shares of those that have to end in quarantine. */
const STALE = 0.01;
const UNREADABLE = 0.01;
const FORGED = 0.01;

/**
 * `count` accepted callbacks, in the order of their reception: signed samples of every source, of random apps and
 * times, verified as they are on the way to the queue. Some are sent again, some belong into quarantine.
 */
export function acceptedCallbacks(count: number, random: Random): AcceptedCallback[] {
  const apps = Array.from(
    { length: Math.ceil(count / CALLBACKS_OF_AN_APP) },
    (_, index) => `${1400 + index}`,
  );
  const secrets = secretsOf(apps);
  const receive = receiverOf(secrets);
  const callbacks: AcceptedCallback[] = [];
  while (callbacks.length < count) {
    const original = randomCallback(apps, random);
    const signed = sign(original, secrets, random);
    const accepted = receive(original.source, signed, original.sentAt + lag(random));
    callbacks.push(accepted);
    const { source, sentAt, flaw } = original;
    if (flaw === undefined && random() < SENT_AGAIN)
      callbacks.push(receive(source, signed, sentAt + lag(random)));
    if (flaw === undefined && random() < SIGNED_AGAIN) {
      const later = { ...original, sentAt: sentAt + lag(random) };
      callbacks.push(receive(source, sign(later, secrets, random), later.sentAt + lag(random)));
    }
    if (source.vendor === 'rongcloud' && flaw === undefined && random() < FORGED * 2) {
      const forged = {
        ...signed,
        body: Buffer.from(signed.body.toString('utf8').replace('{', '{"forged":1,')),
      };
      const receivedAt = accepted.receivedAt + lag(random);
      callbacks.push({ ...receive(source, forged, receivedAt), forges: accepted.message.messageId });
    }
  }
  return callbacks.slice(0, count).sort((a, b) => a.receivedAt - b.receivedAt);
}

/** What a vendor is about to sign. */
interface Original {
  source: SampleSource;
  event: string;
  app: string;
  happenedAt: number;
  sentAt: number;
  set: Map<string, Json>;
  flaw: Flaw | 'unreadable' | undefined;
}

function randomCallback(apps: readonly string[], random: Random): Original {
  const source = pick(SAMPLE_SOURCES, random);
  const happenedAt = THIS_HOUR + SECOND * Math.floor((random() * PERIOD_MS) / SECOND);
  const set = new Map<string, Json>();
  if (source.name === 'rongcloud-recording') {
    set.set('output.fileName', pick(['a.mp4', 'b.mp4', 'c.mp4'], random));
    set.set('roomId', pick(['room-1', 'room-2'], random));
  }
  const chance = random();
  const isCredential = VENDORS[source.vendor].settings.timestampWindowHours !== null;
  const flaw =
    isCredential && chance < STALE
      ? 'stale'
      : source.vendor === 'rongcloud' && chance > 1 - 2 * UNREADABLE
        ? 'unreadable'
        : undefined;
  return {
    source,
    event: pick(Object.keys(source.events), random),
    app: pick(apps, random),
    happenedAt,
    sentAt: happenedAt + lag(random),
    set,
    flaw,
  };
}

function sign(original: Original, secrets: SecretsByVendor, random: Random): SignedCallback {
  const { source, event, app, happenedAt, sentAt, set, flaw } = original;
  const sample = signedSample(source, event, secrets, {
    now: sentAt,
    happenedAt,
    nonce: String(Math.floor(random() * 1e15)),
    app,
    set,
    flaw: flaw === 'unreadable' ? undefined : flaw,
  });
  if (!sample.ok) throw new Error(sample.reason);
  // RongCloud does not sign the body.
  return flaw === 'unreadable' ? { ...sample.callback, body: Buffer.from('{"recordId":') } : sample.callback;
}

/** Verifies callbacks and puts them into messages, as the functions do that receive them. */
function receiverOf(secrets: SecretsByVendor) {
  let count = 0;
  return (source: SampleSource, { headers, body }: SignedCallback, receivedAt: number): AcceptedCallback => {
    const request: CallbackRequest = {
      method: 'POST',
      path: source.path,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      query: {},
      body,
      sourceIp: '203.0.113.7',
      receivedAt,
    };
    const live = new Map(Object.entries(secrets[source.vendor] ?? {}));
    const verified = verifyWith(VENDORS[source.vendor].verify, request, live);
    if (!verified.ok) throw new Error(`${source.name}: ${verified.reason}`);
    const messageId = `message-${count++}`;
    return {
      message: { messageId, body: encodeEnvelope(envelopeOf(source.name, request, verified)) },
      receivedAt,
    };
  };
}

function secretsOf(apps: readonly string[]): SecretsByVendor {
  const own = () => Object.fromEntries(apps.map((app) => [app, [`secret of ${app}`]]));
  return Object.fromEntries(VENDOR_NAMES.map((vendor) => [vendor, own()]));
}

function lag(random: Random): number {
  return Math.ceil(random() * LONGEST_LAG_MS);
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
