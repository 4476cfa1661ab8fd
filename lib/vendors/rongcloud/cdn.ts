import type { Observed } from '../../callback/callback.ts';
import type { TaskFacet } from '../../callback/observation.ts';
import { field, text } from '../../platform/json.ts';
import { codeOf, targetPhase, taskPhase } from '../common/observations.ts';
import { CAMEL_CASE, type ServiceCallback, serviceRecogniser } from './service.ts';

/**
 * CDN live streaming: the relay of a session to up to five CDNs. The vendor gives no task id, so the task is the
 * session (`sessionId`), and each `pushUrl` a target of it. `stateCode` is kept as the code; its values are not listed.
 * https://docs.rongcloud.io/server-rtc-api/CDN/cdn-hook
 */
export const recogniseCdn = serviceRecogniser({
  kind: 'live',
  names: CAMEL_CASE,
  taskIdOf: (body) => text(field(body, 'sessionId')),
  // Type 3, a new configuration, is an event and nothing more.
  types: new Map([
    [1, (callback) => relay(callback, 'start', 'started')],
    [2, (callback) => relay(callback, 'end', 'ended')],
    [4, (callback) => relay(callback, 'end', 'failed')],
  ]),
  keepsRoomEvents: true,
});

function relay(callback: ServiceCallback, facet: 'start' | 'end', status: TaskFacet['status']): Observed {
  const value = { status, code: codeOf(field(callback.body, 'stateCode')) };
  const url = text(field(callback.body, 'pushUrl'));
  if (url === undefined) return [taskPhase(callback, facet, value)];
  return [
    taskPhase(callback, facet, { ...value, parts: 'targets' }),
    targetPhase(callback, url, facet, value),
  ];
}
