import type { Random } from './random.ts';

const MOST_MUTATIONS = 3;

/** Bytes that are no UTF-8, or no JSON where they are put. */
const ODD_BYTES: readonly Buffer[] = [
  [0x00],
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
].map((bytes) => Buffer.from(bytes));

const ODD_TEXT: readonly Buffer[] = [
  ...['"', '\\', '\\u', '\\ud800', '{', '}', '[', ']', ',', ':', '%', '%zz', '%7B', '&', '=', '+', '\n', ' '],
  ...['null', '-', '1e999', '9'.repeat(40), '"__proto__":{},', '{"a":'.repeat(40), '//'],
].map((text) => Buffer.from(text));

/** A copy of the bytes with one to three places changed. It may equal the original. */
export function mutatedBytes(random: Random, bytes: Buffer): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  const count = 1 + random.below(MOST_MUTATIONS);
  for (let made = 0; made < count; made += 1) mutated = random.pick(MUTATIONS)(random, mutated);
  return mutated;
}

const MUTATIONS: readonly ((random: Random, bytes: Buffer) => Buffer)[] = [
  flipBit,
  (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1)),
  (random, bytes) => bytes.subarray(random.below(bytes.length + 1)),
  (random, bytes) => splice(bytes, random.below(bytes.length + 1), 1 + random.below(16), Buffer.alloc(0)),
  (random, bytes) => insert(random, bytes, random.pick(ODD_BYTES)),
  (random, bytes) => insert(random, bytes, random.pick(ODD_TEXT)),
  (random, bytes) => insert(random, bytes, random.bytes(1 + random.below(8))),
  (random, bytes) => insert(random, bytes, chunkOf(random, bytes)),
  (_random, bytes) => Buffer.concat([bytes, bytes]),
];

/** The bytes with one bit changed; empty ones as they are. */
export function flipBit(random: Random, bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  const at = random.below(bytes.length);
  if (bytes.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
  return flipped;
}

function insert(random: Random, bytes: Buffer, inserted: Buffer): Buffer {
  return splice(bytes, random.below(bytes.length + 1), 0, inserted);
}

function splice(bytes: Buffer, at: number, removed: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

function chunkOf(random: Random, bytes: Buffer): Buffer {
  const from = random.below(bytes.length + 1);
  return bytes.subarray(from, from + 1 + random.below(64));
}
