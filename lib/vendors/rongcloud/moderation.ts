import type { Observed } from '../../callback/callback.ts';
import type { TaskFacet } from '../../callback/observation.ts';
import { RISK_RANKS } from '../../callback/rank.ts';
import { field, isObject, type Json, type JsonObject, parseJson, text } from '../../platform/json.ts';
import { codeOf, taskPhase, taskRisk } from '../common/observations.ts';
import { CAMEL_CASE, joinedId, type ServiceCallback, serviceRecogniser } from './service.ts';

/** RongCloud does not name the fields of a result. The providers that it passes on use these names. */
const RISK_LEVEL_FIELDS = ['riskLevel', 'RiskLevel', 'risk_level', 'result'];

/** The fields whose text may be a provider's result as JSON. Any other text may be a user's. */
const RESULT_FIELDS = ['result', 'resultDetail'];

/** How deep a risk level is looked for. */
const DEEPEST_RESULT = 10;

/** Stands for the user in the id of a task that names none: the session alone is the id of its CDN relay. */
const NO_USER = '*';

/** A risk level as the provider spells it, and its rank. */
interface Risk {
  rank: number;
  riskLevel: string;
}

/**
 * Content Moderation: the moderation of one user's streams in a session. The vendor gives no task id, so the
 * task is the user within the session: `sessionId` and `userId`, as in `session_1/user_1`. The documented body
 * has no time either: `timestamp` counts if it comes, else the time of reception.
 * https://docs.rongcloud.io/server-rtc-api/contentcensor/status
 */
export const recogniseModeration = serviceRecogniser({
  kind: 'moderation',
  names: CAMEL_CASE,
  taskIdOf,
  // Type 3, a status exception, is an event and nothing more: it does not say that the task is over.
  types: new Map([
    [1, (callback) => moderating(callback, 'start', 'started')],
    [2, (callback) => moderating(callback, 'end', 'ended')],
    [4, resultOf],
  ]),
  keepsRoomEvents: true,
});

function taskIdOf(body: JsonObject): string | undefined {
  const sessionId = text(field(body, 'sessionId'));
  if (sessionId === undefined) return undefined;
  return joinedId(sessionId, text(field(body, 'userId')) ?? NO_USER);
}

function moderating(
  callback: ServiceCallback,
  facet: 'start' | 'end',
  status: TaskFacet['status'],
): Observed {
  return [taskPhase(callback, facet, { status, code: codeOf(field(callback.body, 'code')) })];
}

/** A result is an event of its task; its risk level, if it has one, is state as well. */
function resultOf(callback: ServiceCallback): Observed {
  const risk = highestRisk(callback.body, DEEPEST_RESULT);
  return risk === undefined ? [] : [taskRisk(callback, risk.riskLevel, risk.rank)];
}

/** The highest risk level that a value holds anywhere, down to `depth`. */
function highestRisk(value: Json, depth: number): Risk | undefined {
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;
  const risks = Object.entries(value).flatMap(([name, inner]) => [
    RISK_LEVEL_FIELDS.includes(name) ? riskOf(inner) : undefined,
    highestRisk(RESULT_FIELDS.includes(name) ? unwrapped(inner) : inner, depth - 1),
  ]);
  return risks.reduce(
    (highest, risk) => ((risk?.rank ?? -1) > (highest?.rank ?? -1) ? risk : highest),
    undefined,
  );
}

function riskOf(value: Json): Risk | undefined {
  if (typeof value !== 'string') return undefined;
  const rank = RISK_RANKS.get(value.toUpperCase());
  return rank === undefined ? undefined : { rank, riskLevel: value };
}

/** What a text holds as JSON, if it holds an object; else the value as it is. */
function unwrapped(value: Json): Json {
  const parsed = typeof value === 'string' ? parseJson(value) : undefined;
  return isObject(parsed) ? parsed : value;
}
