import type { Answer, GatewayRequest } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import { type InvocationIds, METRICS } from './receive.ts';

/** The longest part of a path that is logged: what follows may be the unguessable segment of a URL. */
const LOGGED_SEGMENTS = 3;

/**
 * Answers 404 at a path that has no function, and logs it: a URL that was pasted with a typing error would otherwise
 * lose callbacks without a trace.
 */
export function answerUnknownPath(request: GatewayRequest, log: Log, ids: InvocationIds = {}): Answer {
  const reason = 'unknown_path';
  const path = `/${request.path.split('/').filter(Boolean).slice(0, LOGGED_SEGMENTS).join('/')}`;
  const { method, sourceIp, body } = request;
  const line = {
    status: 404,
    verdict: 'refused',
    reason,
    method,
    path,
    bodyBytes: body.length,
    sourceIp,
    ...ids,
  };
  log('warn', 'callback', line, METRICS);
  return { status: 404, body: { code: 404, reason } };
}
