import type { AppSecrets } from '../callback/callback.ts';
import type { ParameterFailure } from '../platform/aws/cached-parameter.ts';
import type { ReadParameter } from '../platform/aws/parameter.ts';
import { field, isObject, parseJson } from '../platform/json.ts';

/** The live secrets of a vendor, or why they cannot be read. */
export type SecretsResult = { ok: true; secrets: AppSecrets } | ParameterFailure;

/** Takes one vendor's map out of `{"rongcloud":{…},"tencent":{…},"zego":{…}}`, the form of `CALLBACK_SECRETS`. */
export function readVariable(value: string, vendor: string): ReadParameter {
  return async () => {
    const all = parseJson(value);
    if (!isObject(all)) return { ok: false, reason: 'CALLBACK_SECRETS is not a JSON object of vendors' };
    return { ok: true, body: JSON.stringify(field(all, vendor) ?? {}) };
  };
}

/**
 * Parses `{"<appId>": ["<secret>", …]}`, newest secret first. The reason says which entry is wrong, and quotes
 * nothing of it: in a map the wrong way round the keys are the secrets.
 */
export function parseSecrets(text: string): SecretsResult {
  const map = parseJson(text);
  if (!isObject(map)) return { ok: false, reason: 'secrets are not a JSON object of app ids' };
  return secretsOf(Object.entries(map));
}

/** The live secrets in entries of a map from app ids to lists of secrets; the reason quotes nothing of them. */
export function secretsOf(entries: Iterable<readonly [appId: unknown, secrets: unknown]>): SecretsResult {
  const secrets = new Map<string, readonly string[]>();
  for (const [index, [appId, entry]] of [...entries].entries()) {
    if (typeof appId !== 'string' || appId === '' || !isSecretList(entry)) {
      return {
        ok: false,
        reason: `secrets: entry ${index + 1} is not an app id with a list of one or more non-empty strings`,
      };
    }
    secrets.set(appId, entry);
  }
  return { ok: true, secrets };
}

function isSecretList(entry: unknown): entry is string[] {
  return (
    Array.isArray(entry) && entry.length > 0 && entry.every((item) => typeof item === 'string' && item !== '')
  );
}
