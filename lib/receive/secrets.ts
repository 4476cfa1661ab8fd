import type { AppSecrets } from '../callback/callback.ts';
import type { ReadParameter } from '../platform/aws/parameter.ts';
import { field, isObject, type Json, parseJson } from '../platform/json.ts';

/** How long secrets read from the parameter store are used before they are read again, in ms. */
const TIME_TO_LIVE_MS = 5 * 60_000;

/** How often at most a signature mismatch makes the store be read again, in ms. */
const MISMATCH_INTERVAL_MS = 30_000;

/** The secrets of a vendor, or why they cannot be had. */
export type SecretsResult = { ok: true; secrets: AppSecrets } | { ok: false; reason: string };

/** The live secrets of one vendor. */
export interface SecretStore {
  /** The secrets, from memory while they are fresh; the last good ones when the store does not answer. */
  current(): Promise<SecretsResult>;
  /**
   * The secrets read anew because a signature did not match; `undefined` when they were read too recently, so
   * that a flood of bad signatures cannot become a flood of reads.
   */
  afterMismatch(): Promise<SecretsResult | undefined>;
}

/**
 * Keeps secrets in memory for five minutes, so that a rotation needs no redeploy and an outage of the store
 * no secret. `now` gives Unix time in ms.
 */
export function createSecretStore(read: ReadParameter, now: () => number = Date.now): SecretStore {
  let last: { result: SecretsResult; readAt: number } | undefined;
  let reading: Promise<SecretsResult> | undefined;

  async function refresh(): Promise<SecretsResult> {
    const answer = await read();
    const result = answer.ok ? parseSecrets(answer.body) : answer;
    const kept = !result.ok && last?.result.ok ? last.result : result;
    last = { result: kept, readAt: now() };
    return kept;
  }

  function readOnce(): Promise<SecretsResult> {
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    async current() {
      const fresh = last?.result.ok && now() - last.readAt < TIME_TO_LIVE_MS;
      return fresh && last ? last.result : readOnce();
    },
    async afterMismatch() {
      if (last && now() - last.readAt < MISMATCH_INTERVAL_MS) return undefined;
      return readOnce();
    },
  };
}

/** Takes one vendor's map out of `{"rongcloud":{…},"tencent":{…},"zego":{…}}`, the form of `CALLBACK_SECRETS`. */
export function readVariable(value: string, vendor: string): ReadParameter {
  return async () => {
    const all = parseJson(value);
    if (!isObject(all)) return { ok: false, reason: 'CALLBACK_SECRETS is not a JSON object of vendors' };
    return { ok: true, body: JSON.stringify(field(all, vendor) ?? {}) };
  };
}

/**
 * Parses `{"<appId>": ["<secret>", …]}`, newest secret first. The reason tells which entry is wrong, and quotes
 * nothing of it: in a map the wrong way round the keys are the secrets.
 */
export function parseSecrets(text: string): SecretsResult {
  const map = parseJson(text);
  if (!isObject(map)) return { ok: false, reason: 'secrets are not a JSON object of app ids' };
  const secrets = new Map<string, readonly string[]>();
  for (const [index, [appId, entry]] of Object.entries(map).entries()) {
    if (appId === '' || !isSecretList(entry)) {
      return {
        ok: false,
        reason: `secrets: entry ${index + 1} is not an app id with a list of one or more non-empty strings`,
      };
    }
    secrets.set(appId, entry);
  }
  return { ok: true, secrets };
}

function isSecretList(entry: Json): entry is string[] {
  return (
    Array.isArray(entry) && entry.length > 0 && entry.every((item) => typeof item === 'string' && item !== '')
  );
}
