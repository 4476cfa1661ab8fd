import type { AppSecrets, Vendor } from '../lib/callback/callback.ts';
import { appsThatShareSecrets } from '../lib/receive/shared-secrets.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import { SAMPLE_SECRETS } from '../lib/vendors/samples.ts';
import type { Check } from './check.ts';
import type { VendorSecrets } from './secrets.ts';

/** Shorter secrets are more likely a part of one, in characters. */
const SHORTEST_SECRET = 6;

/** Looks at a vendor's secrets for what is usually wrong with them. No secret is quoted, only its position. */
export async function secretChecks(
  vendor: Vendor,
  place: string,
  read: (vendor: Vendor) => Promise<VendorSecrets>,
): Promise<Check[]> {
  const check = `secrets of ${vendor} (${place})`;
  const result = await read(vendor);
  if (!result.ok) {
    return [
      result.isMissing
        ? {
            check,
            state: 'warning',
            detail: 'there are none: its callbacks are answered with 503 (secrets_unavailable)',
            fix: `Unless you do not use ${vendor}, put {"<appId>":["<secret>"]} there.`,
          }
        : { check, state: 'failure', detail: result.reason, fix: 'Expected {"<appId>":["<secret>", …], …}.' },
    ];
  }
  const oddities = [...result.secrets].flatMap(([appId, secrets]) =>
    secrets.flatMap((secret, index) =>
      odditiesOf(vendor, appId, secret).map(
        ({ state, detail, fix }): Check => ({
          check: `secret ${index + 1} of ${vendor} app ${appId}`,
          state,
          detail,
          fix,
        }),
      ),
    ),
  );
  const groups = isSample(vendor, result.secrets) ? [] : appsThatShareSecrets(result.secrets);
  for (const apps of groups) {
    oddities.push({
      check: `secrets of ${vendor} apps ${apps.join(', ')}`,
      state: 'warning',
      detail:
        'they share a secret, so that a callback of one is taken for one of the others when its app id is changed',
      fix: 'Give each app a secret of its own.',
    });
  }
  const detail = `${result.secrets.size} ${result.secrets.size === 1 ? 'app' : 'apps'}`;
  return oddities.length > 0 ? oddities : [{ check, state: 'ok', detail }];
}

/** The published samples share secrets, and protect nothing anyhow. */
function isSample(vendor: Vendor, secrets: AppSecrets): boolean {
  const samples: unknown = SAMPLE_SECRETS[vendor];
  return JSON.stringify(Object.fromEntries(secrets)) === JSON.stringify(samples);
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
  const oddity = VENDORS[vendor].secret.oddityOf(appId, secret);
  if (oddity !== undefined) warning(oddity, 'Compare app id and secret with the console.');
  return oddities;
}
