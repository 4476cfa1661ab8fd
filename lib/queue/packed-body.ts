import { gunzipSync, gzipSync } from 'node:zlib';

/** The largest body that is accepted, in bytes, and so the largest that is ever unpacked. */
export const LARGEST_BODY_BYTES = 1_048_576;

/** Bodies from this size on, in bytes, are compressed: SQS bills by 64 KiB, and compressing takes the ack path's time. */
const COMPRESS_FROM_BYTES = 16_384;

/** A body as it is kept in a queue or in the table. */
export interface PackedBody {
  encoding: 'identity' | 'gzip';
  bytes: Buffer;
}

/** Compresses a body where that is worth it. */
export function packBody(body: Buffer): PackedBody {
  return body.length < COMPRESS_FROM_BYTES ? { encoding: 'identity', bytes: body } : compressed(body);
}

/** DynamoDB bills the write of an item by so many bytes. */
const UNIT_BYTES = 1_024;

/** Compresses a body where its item, with so many bytes besides, then takes fewer write units. */
export function packBodyForItem(body: Buffer, otherBytes: number): PackedBody {
  const units = (bytes: Buffer) => Math.ceil((otherBytes + bytes.length) / UNIT_BYTES);
  const identity: PackedBody = { encoding: 'identity', bytes: body };
  if (units(body) === 1) return identity;
  const smaller = compressed(body);
  return units(smaller.bytes) < units(body) ? smaller : identity;
}

function compressed(body: Buffer): PackedBody {
  return { encoding: 'gzip', bytes: gzipSync(body, { level: 3 }) };
}

/** The body as it was received; `undefined` when the bytes are not what the encoding says. */
export function unpackBody(encoding: unknown, bytes: Buffer): Buffer | undefined {
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip') return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_BODY_BYTES });
  } catch {
    return undefined;
  }
}
