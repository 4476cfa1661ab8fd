import type { Vendor } from '../../../lib/callback/callback.ts';
import type { SampleSource } from '../../../lib/vendors/common/sample.ts';
import { HOUR, THIS_HOUR } from '../../support/callbacks.ts';
import type { Callback, Expected, ExpectedCallback, Material, VendorFuzz } from './callback.ts';
import { type AnyGatewayEvent, gatewayEvent, misflagged } from './gateway-events.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { mutatedDocument } from './mutate-document.ts';
import { rightSegment, wrongSegment } from './path-segment.ts';
import { Random } from './random.ts';
import { rongcloudFuzz } from './rongcloud.ts';
import { anyKey, type LiveKey } from './secrets.ts';
import { tencentFuzz } from './tencent.ts';
import { zegoFuzz } from './zego.ts';

/** How vendors sign, as the fuzzer knows it. */
export const VENDOR_FUZZ: Readonly<Record<Vendor, VendorFuzz>> = {
  rongcloud: rongcloudFuzz,
  tencent: tencentFuzz,
  zego: zegoFuzz,
};

/** When the first request is received, Unix time in ms: lately, as the consumer takes nothing that is old. */
const FIRST_RECEIVED_AT = THIS_HOUR - HOUR;

const LARGEST_BODY_BYTES = 1_048_576;

/** One request and what must become of it. */
export interface IngestCase {
  index: number;
  event: AnyGatewayEvent;
  /** The time that only this request carries: it identifies its own message. */
  receivedAt: number;
  /** The answers that are right. */
  statuses: readonly number[];
  expected: Expected;
  /** Whether it is a sample as its vendor sends it, with fresh credentials. */
  isPristine: boolean;
  /** The bytes that its message must hold. */
  body: Buffer;
}

type Kind =
  | 'genuine'
  | 'segment'
  | 'forged'
  | 'damaged'
  | 'garbage'
  | 'misflagged'
  | 'empty'
  | 'method'
  | 'large';

const KINDS: readonly (readonly [number, Kind])[] = [
  [509, 'genuine'],
  [250, 'forged'],
  [20, 'segment'],
  [70, 'damaged'],
  [60, 'garbage'],
  [25, 'misflagged'],
  [20, 'empty'],
  [40, 'method'],
  [6, 'large'],
];

const OTHER_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'post', ''];

/** The request of a number: the same one for the same seed. */
export function ingestCase(
  seed: number,
  source: SampleSource,
  index: number,
  onlyKind?: 'genuine',
): IngestCase {
  const random = new Random(seed, `${source.name} ${index}`);
  const kind = onlyKind ?? random.weighted(KINDS);
  const vendor = VENDOR_FUZZ[source.vendor];
  const receivedAt = FIRST_RECEIVED_AT + index;
  const { material, isPristine } = materialOf(random, source, receivedAt, kind === 'large');
  const { callback, expected } = callbackOf(random, kind, vendor, material);
  const method = kind === 'method' ? random.pick(OTHER_METHODS) : 'POST';
  const segment = segmentOf(random, kind, source.vendor, material.key);
  const event = gatewayEvent(random, callback, { method, path: source.path, segment, receivedAt });
  const body = kind === 'misflagged' ? misflagged(event) : callback.body;
  return {
    index,
    event,
    receivedAt,
    ...outcomeOf(
      method,
      body,
      kind === 'misflagged' ? misread(vendor, callback, body, expected) : expected,
      vendor,
    ),
    isPristine,
    body,
  };
}

function materialOf(
  random: Random,
  source: SampleSource,
  receivedAt: number,
  isLarge: boolean,
): { material: Material; isPristine: boolean } {
  const key = anyKey(random, source.vendor);
  const document = random.pick(Object.values(source.events))(key.appId, receivedAt - random.below(60_000));
  const isPristine = random.chance(0.25);
  const depth = !isPristine && random.chance(0.003) ? random.below(20_000) : 0;
  const material: Material = {
    document,
    key,
    receivedAt,
    mayBeOdd: !isPristine && random.chance(0.4),
    depth,
  };
  if (!isPristine) material.document = mutatedDocument(random, document);
  if (isLarge) enlarge(random, material);
  return { material, isPristine };
}

/** Tens of kilobytes, or about the largest size that is accepted; some of it incompressible. */
function enlarge(random: Random, material: Material): void {
  material.size = random.chance(0.85)
    ? 10_000 + random.below(150_000)
    : LARGEST_BODY_BYTES - 1 + random.below(4) + (random.chance(0.1) ? 5_000_000 : 0);
  if (random.chance(0.5)) {
    const noise = random.bytes(random.below(material.size > 1_000_000 ? 700_000 : 50_000));
    material.document = { ...material.document, noise: noise.toString('base64') };
  }
}

/** What the callback URL ends with: mostly nothing, which is right too. */
function segmentOf(random: Random, kind: Kind, vendor: Vendor, key: LiveKey): string | undefined {
  if (kind === 'segment') return wrongSegment(random, vendor, key);
  return random.chance(0.12) ? rightSegment(random, vendor, key) : undefined;
}

function callbackOf(random: Random, kind: Kind, vendor: VendorFuzz, material: Material): ExpectedCallback {
  const refused = (callback: Callback): ExpectedCallback => ({ callback, expected: { outcome: 'refused' } });
  switch (kind) {
    case 'segment':
      return refused(vendor.genuine(random, material).callback);
    case 'forged':
      return refused(vendor.forged(random, material));
    case 'garbage':
      return refused(vendor.garbage(random, material));
    case 'damaged':
      return vendor.damaged(random, material, (body) => mutatedBytes(random, body));
    case 'empty':
      return refused({ ...vendor.genuine(random, material).callback, body: Buffer.alloc(0) });
    default:
      return vendor.genuine(random, material);
  }
}

/** A body read with the wrong base64 flag is another body. */
function misread(vendor: VendorFuzz, { body: sent }: Callback, body: Buffer, expected: Expected): Expected {
  if (body.equals(sent)) return expected;
  return { outcome: vendor.signsBody ? 'refused' : 'either' };
}

/** What the method and the size decide before any signature, and the answers that are right. */
function outcomeOf(
  method: string,
  body: Buffer,
  expected: Expected,
  { refusals }: VendorFuzz,
): { expected: Expected; statuses: readonly number[] } {
  const refused: Expected = { outcome: 'refused' };
  if (method === 'GET' || method === 'HEAD') return { expected: refused, statuses: [200] };
  if (method !== 'POST') return { expected: refused, statuses: [405] };
  if (body.length > LARGEST_BODY_BYTES) return { expected: refused, statuses: [413] };
  if (body.length === 0) return { expected: refused, statuses: [400] };
  if (expected.outcome === 'refused') return { expected, statuses: refusals };
  return { expected, statuses: expected.outcome === 'stored' ? [200] : [200, ...refusals] };
}
