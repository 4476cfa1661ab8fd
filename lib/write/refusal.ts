import type { Answer } from '../platform/http.ts';

/** What the write API does not do, and why. */
export function refusal(status: number, reason: string): Answer {
  return { status, body: { code: status, reason } };
}
