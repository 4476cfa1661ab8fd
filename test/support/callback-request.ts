import type { CallbackRequest } from '../../lib/callback/callback.ts';

/** The moment at which every request of these tests is received: Unix time in ms. */
export const RECEIVED_AT = 1_700_000_000_000;

/** A POST that carries only what is given. */
export function callbackRequest(parts: Partial<CallbackRequest>): CallbackRequest {
  return {
    method: 'POST',
    path: '/callbacks/any',
    headers: {},
    query: {},
    body: Buffer.alloc(0),
    sourceIp: '203.0.113.7',
    receivedAt: RECEIVED_AT,
    ...parts,
  };
}
