import type { Answer } from '../platform/http.ts';
import { type HideServices, hide } from './hide.ts';
import { refusal } from './refusal.ts';

export type WriteServices = HideServices;

/**
 * Answers a request to the write API by the gateway's route key. Rejects when the table cannot be read or written; a
 * repeated request changes nothing more.
 */
export async function answerWrite(
  routeKey: string,
  _ids: Readonly<Record<string, string | undefined>>,
  body: Buffer,
  services: WriteServices,
): Promise<Answer> {
  switch (routeKey) {
    case 'POST /attention/dismiss':
      return hide('dismiss', body, services);
    case 'POST /attention/snooze':
      return hide('snooze', body, services);
    default:
      return refusal(404, 'the write API has no such route');
  }
}
