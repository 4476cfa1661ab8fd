import type { AppSecrets, Vendor } from '../lib/callback/callback.ts';
import type { StoredHeartbeat } from '../lib/ledger/heartbeat.ts';
import { durationText } from '../lib/page/text.ts';
import { REFRESH_INTERVAL_MS } from '../lib/platform/aws/cached-parameter.ts';
import { appsThatShareSecrets } from '../lib/receive/shared-secrets.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import { SAMPLE_SECRETS } from '../lib/vendors/samples.ts';
import type { Check, Finding } from './check.ts';
import type { Connection, VendorSecrets } from './connection.ts';
import { secretsCause } from './doctor-verdicts.ts';

/** Shorter secrets are more likely a part of one, in characters. */
const SHORTEST_SECRET = 6;

/** Looks at a vendor's secrets for what is usually wrong with them. No secret is quoted, only its position. */
export async function secretChecks(
  vendor: Vendor,
  { secretsPlace, isLocal }: Connection,
  read: (vendor: Vendor) => Promise<VendorSecrets>,
): Promise<Finding[]> {
  const check = `secrets of ${vendor} (${secretsPlace(vendor)})`;
  const result = await read(vendor);
  if (!result.ok) {
    const cause = secretsCause(vendor);
    return [
      result.isMissing
        ? {
            ...{ check, cause },
            state: 'warning',
            detail: 'there are none: its callbacks are answered with 503 (secrets_unavailable)',
            fix: `Unless you do not use ${vendor}, put {"<appId>":["<secret>"]} there.`,
          }
        : {
            check,
            cause,
            state: 'failure',
            detail: result.reason,
            fix: 'Expected {"<appId>":["<secret>", …], …}.',
          },
    ];
  }
  const oddities = [...result.secrets].flatMap(([appId, secrets]) =>
    secrets.flatMap((secret, index) =>
      odditiesOf(vendor, appId, secret).map(
        ({ state, detail, fix }): Finding => ({
          cause: secretsCause(vendor, appId),
          check: `secret ${index + 1} of ${vendor} app ${appId}`,
          state,
          detail,
          fix,
        }),
      ),
    ),
  );
  const samples = sampleApps(vendor, result.secrets);
  if (samples.length > 0 && !isLocal) {
    oddities.push({
      check: `secrets of ${vendor} apps ${samples.join(', ')}`,
      state: 'failure',
      detail: 'published sample secrets: anybody can sign with them',
      fix: "Put the app's own secret there.",
    });
  }
  const own = new Map([...result.secrets].filter(([appId]) => !samples.includes(appId)));
  for (const apps of appsThatShareSecrets(own)) {
    oddities.push({
      check: `secrets of ${vendor} apps ${apps.join(', ')}`,
      state: 'warning',
      detail:
        'they share a secret, so that a callback of one is taken for one of the others when its app id is changed',
      fix: 'Give each app a secret of its own.',
    });
  }
  const count = `${result.secrets.size} ${result.secrets.size === 1 ? 'app' : 'apps'}`;
  const detail = samples.length > 0 ? `${count}, with the published sample secrets` : count;
  return oddities.length > 0 ? oddities : [{ check, state: 'ok', detail }];
}

/** The apps that have a secret of the published samples. */
function sampleApps(vendor: Vendor, secrets: AppSecrets): string[] {
  const samples = new Set(Object.values(SAMPLE_SECRETS[vendor] ?? {}).flat());
  return [...secrets]
    .filter(([, live]) => live.some((secret) => samples.has(secret)))
    .map(([appId]) => appId);
}

/** Says of each app when each of its live secrets last verified a callback. */
export function usageChecks(
  vendor: Vendor,
  stored: VendorSecrets,
  heartbeats: readonly StoredHeartbeat[],
  appSilentMs: number,
  now: number,
): Check[] {
  if (!stored.ok) return [];
  // Functions keep what they have read for a while: what verifies then may have had another index.
  const since = stored.changedAt === undefined ? 0 : stored.changedAt + REFRESH_INTERVAL_MS;
  return [...stored.secrets].flatMap(([appId, secrets]) => {
    const heartbeat = heartbeats.find((one) => one.vendor === vendor && one.appId === appId);
    if (heartbeat === undefined) return [];
    const times = secrets.map((_, index) => {
      const time = Date.parse(heartbeat.verifiedAt.get(index) ?? '');
      return time >= since ? time : undefined;
    });
    const silentMs = now - Date.parse(heartbeat.lastReceivedAt);
    const isSilent = appSilentMs > 0 && silentMs >= appSilentMs;
    const detail = `the last came ${durationText(silentMs)} ago; ${timesText(times, now)}`;
    return [{ check: `callbacks of ${vendor} app ${appId}`, detail, ...usageOf(times, isSilent) }];
  });
}

function timesText(times: readonly (number | undefined)[], now: number): string {
  const said = times.map((time, index) =>
    time === undefined
      ? `secret ${index + 1} verified none since the parameter changed`
      : `secret ${index + 1} verified one ${durationText(now - time)} ago`,
  );
  return said.join(', ');
}

function usageOf(times: readonly (number | undefined)[], isSilent: boolean): Pick<Check, 'state' | 'fix'> {
  if (isSilent) {
    const fix = 'No traffic, or was the URL changed in the console? Compare it: rtc-callbacks urls';
    return { state: 'warning', fix };
  }
  const [newest, ...older] = times;
  const used = older.findIndex((time) => time !== undefined);
  if (newest === undefined && used >= 0) {
    const fix = `The vendor signs with secret ${used + 2}: enter the newest, secret 1, in its console.`;
    return { state: 'warning', fix };
  }
  if (newest !== undefined && older.length > 0 && used < 0)
    return { state: 'ok', fix: 'The rotation is complete: take the older secrets out.' };
  return { state: 'ok' };
}

interface Oddity {
  state: 'warning' | 'failure';
  detail: string;
  fix: string;
}

function odditiesOf(vendor: Vendor, appId: string, secret: string): Oddity[] {
  const oddities: Oddity[] = [];
  const failure = (detail: string, fix: string) => oddities.push({ state: 'failure', detail, fix });
  const warning = (detail: string, fix: string) => oddities.push({ state: 'warning', detail, fix });

  if (appId.trim() !== appId) failure('white space around the app id', 'Take it out.');
  if (secret.trim() !== secret) failure('white space around the secret', 'Take it out.');
  if (/^(["'`“]).*["'`”]$/s.test(secret.trim())) failure('quotes around the secret', 'Take them out.');
  if (secret.trim() === appId.trim())
    failure('the app id stands where the secret belongs', 'Put the secret there.');
  if (/[^\u0021-\u007e]/.test(secret.trim())) {
    warning(
      'characters that no vendor uses in a secret (spaces, controls or other alphabets)',
      'Copy it again.',
    );
  }
  if (secret.trim().length < SHORTEST_SECRET) {
    warning(`only ${secret.trim().length} characters`, 'Is it the whole secret?');
  }
  // White space is named above.
  const oddity = VENDORS[vendor].secret.oddityOf(appId.trim(), secret.trim());
  if (oddity !== undefined) warning(oddity, 'Compare app id and secret with the console.');
  return oddities;
}
