import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSecrets, readVariable } from '../lib/receive/secrets.ts';
import { appsThatShareSecrets } from '../lib/receive/shared-secrets.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { webhookKeys } from '../lib/webhook/signature.ts';
import type { StackOptions } from './stack.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** What the arguments and variables of `npm start` choose. */
export interface StartSettings extends Required<Pick<StackOptions, 'port' | 'dataDir' | 'alarmSpeed'>> {
  /** Variables of the functions, besides those of this process. */
  environment: Record<string, string>;
  isVerbose: boolean;
  /** Lines to show before the start. */
  warnings: string[];
}

/** Reads the arguments and variables of `npm start`. Throws an error that names the one that cannot be used, and why. */
export async function readStartSettings(
  args: string[],
  variables: NodeJS.ProcessEnv,
): Promise<StartSettings> {
  const { forward, verbose } = parseArgs({
    args,
    options: { forward: { type: 'string' }, verbose: { type: 'boolean', default: false } },
  }).values;
  return {
    environment: forwarding(forward ?? variables.FORWARD_URL ?? '', variables.FORWARD_SECRET ?? ''),
    warnings: await checkSecrets(variables.CALLBACK_SECRETS),
    port: portOf(variables.PORT),
    dataDir: variables.DATA_DIR ? resolve(variables.DATA_DIR) : join(PROJECT, '.local'),
    alarmSpeed: speedOf(variables.ALARM_SPEED),
    isVerbose: verbose,
  };
}

function portOf(value: string | undefined): number {
  if (value === undefined || value === '') return 3000;
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65535) {
    throw new Error(`PORT must be a number from 0 to 65535, not "${value}".`);
  }
  return port;
}

function speedOf(value: string | undefined): number {
  const speed = Number(value || 1);
  if (!(speed >= 1 && speed <= 1_000))
    throw new Error(`ALARM_SPEED must be a number from 1 to 1000, not "${value}".`);
  return speed;
}

/**
 * Throws when `CALLBACK_SECRETS` cannot be used: every callback would be answered with 503. Returns warnings of apps that
 * share a secret.
 */
async function checkSecrets(variable: string | undefined): Promise<string[]> {
  if (!variable) return [];
  const warnings: string[] = [];
  for (const vendor of VENDOR_NAMES) {
    const answer = await readVariable(variable, vendor)();
    const result = answer.ok ? parseSecrets(answer.body) : answer;
    if (!result.ok)
      throw new Error(
        `CALLBACK_SECRETS cannot be used: ${vendor}: ${result.reason}. Expected {"${vendor}":{"<appId>":["<secret>"]}}.`,
      );
    for (const apps of appsThatShareSecrets(result.secrets))
      warnings.push(
        `WARNING: the ${vendor} apps ${apps.join(', ')} share a secret. A callback of one is taken for one of the others ` +
          'when its app id is changed on its way. Give each app a secret of its own.',
      );
  }
  return warnings;
}

/** The variables that say where changes are posted to. Throws on a value that cannot be used. */
function forwarding(url: string, secret: string): Record<string, string> {
  if (url !== '' && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Error(`--forward takes an http or https URL, not "${url}".`);
  const keys = secret === '' ? undefined : webhookKeys(secret);
  if (keys?.ok === false) throw new Error(`FORWARD_SECRET: ${keys.reason}.`);
  return { FORWARD_URL: url, FORWARD_SECRET: secret };
}
