/**
 * The body of a callback as it was received. A string is taken as its UTF-8 bytes.
 *
 * @example
 * const fromNode: RawBody = await buffer(request); // of node:stream/consumers
 * const fromFetch: RawBody = new Uint8Array(await request.arrayBuffer());
 */
export type RawBody = Uint8Array | string;

/** The bytes of a body. Throws a `TypeError` for one that somebody has parsed: its bytes are lost. */
export function bytesOf(body: RawBody): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError(
    'body must be the bytes as received (Buffer, Uint8Array or string), not a parsed object: read it before any JSON parser, in Express with express.raw({ type: () => true })',
  );
}
