import type { Answer } from '../platform/http.ts';
import { type ExpectServices, expectTask, type TaskIds, withdrawTask } from './expect.ts';
import { type HideServices, hide } from './hide.ts';
import { refusal } from './refusal.ts';

export type WriteServices = HideServices & ExpectServices;

/**
 * Answers a request to the write API by the gateway's route key. Rejects when the table cannot be read or written; a
 * repeated request changes nothing more.
 */
export async function answerWrite(
  routeKey: string,
  ids: TaskIds,
  body: Buffer,
  services: WriteServices,
): Promise<Answer> {
  switch (routeKey) {
    case 'PUT /tasks/{vendor}/{appId}/{taskId+}':
      return expectTask(ids, body, services);
    case 'DELETE /tasks/{vendor}/{appId}/{taskId+}':
      return withdrawTask(ids, services);
    case 'POST /attention/dismiss':
      return hide('dismiss', body, services);
    case 'POST /attention/snooze':
      return hide('snooze', body, services);
    default:
      return refusal(404, 'the write API has no such route');
  }
}
