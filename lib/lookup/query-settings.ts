import type { ParameterFailure } from '../platform/aws/cached-parameter.ts';
import { isObject, parseJson } from '../platform/json.ts';
import type { QueryApp } from '../vendors/zego/query.ts';

/** Reads `{"<AppId>": "<ServerSecret>"}`. The reason quotes nothing of it. */
export function parseServerSecrets(
  text: string,
  endpoint: string | undefined,
): { ok: true; apps: QueryApp[] } | ParameterFailure {
  const map = parseJson(text);
  if (!isObject(map)) return { ok: false, reason: 'server secrets are not a JSON object of app ids' };
  const apps: QueryApp[] = [];
  for (const [index, [appId, serverSecret]] of Object.entries(map).entries()) {
    if (!/^\d+$/.test(appId) || typeof serverSecret !== 'string' || serverSecret === '')
      return {
        ok: false,
        reason: `server secrets: entry ${index + 1} is not an AppID with a non-empty string`,
      };
    apps.push({ appId, serverSecret, endpoint: endpoint || undefined });
  }
  return { ok: true, apps };
}
