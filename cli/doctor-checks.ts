import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { AppSecrets, Vendor } from '../lib/callback/callback.ts';
import { appsThatShareSecrets } from '../lib/receive/shared-secrets.ts';
import type { SampleSource } from '../lib/vendors/common/sample.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import { SAMPLE_SECRETS, SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import type { Check } from './check.ts';
import {
  type Connection,
  createSecretsReader,
  get,
  type QueueName,
  REQUEST_TIMEOUT_MS,
  type VendorSecrets,
} from './connection.ts';
import { explain } from './failure.ts';

/** Signatures of AWS requests may be five minutes off; a minute is worth a word. In ms. */
const CLOCK_WARNING_MS = 60_000;
const CLOCK_FAILURE_MS = 5 * 60_000;

/** Looks at everything that a stack consists of, one thing after the other. */
export async function* checkStack(connection: Connection): AsyncGenerator<Check> {
  yield* checkApi(connection);
  for (const queue of ['callbacks', 'quarantine', 'dead-letter'] as const)
    yield checkQueue(connection, queue);
  yield checkTable(connection);
  const read = createSecretsReader(connection);
  for (const vendor of VENDOR_NAMES) {
    yield* await attempt(connection, connection.secretsPlace(vendor), async () =>
      secretChecks(vendor, connection.secretsPlace(vendor), read),
    );
  }
}

async function* checkApi(connection: Connection): AsyncGenerator<Check> {
  let base = '';
  let readApi: Response | undefined;
  const [reached] = await attempt(connection, 'API', async () => {
    base = await connection.baseUrl();
    const sentAt = Date.now();
    readApi = await get(connection, '/attention?limit=1');
    return [clockCheck(readApi.headers.get('date'), (sentAt + Date.now()) / 2)];
  });
  if (readApi === undefined) {
    if (reached !== undefined) yield reached;
    return;
  }
  yield { check: `API ${base}`, state: 'ok' };
  if (reached !== undefined) yield reached;
  for (const source of SAMPLE_SOURCES)
    yield* await attempt(connection, source.path, () => checkRoute(connection, source));
  yield readApiCheck(readApi);
}

/** Whether a GET request reaches the function of a source, as some consoles send one. */
async function checkRoute(connection: Connection, source: SampleSource): Promise<Check[]> {
  const url = await connection.callbackUrl(source);
  const check = `GET ${url}`;
  const { status } = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (status === 200) return [{ check, state: 'ok' }];
  const fix = status === 404 ? { fix: 'Is the whole service deployed, and the --url, if any, right?' } : {};
  return [{ check, state: 'failure', detail: `answered ${status}, not 200`, ...fix }];
}

function readApiCheck({ status }: Response): Check {
  const check = 'GET /attention (the read API)';
  if (status === 200) return { check, state: 'ok' };
  const detail = `answered ${status}, not 200`;
  return status === 403
    ? { check, state: 'failure', detail, fix: 'The credentials need execute-api:Invoke; see --profile.' }
    : { check, state: 'failure', detail, fix: 'The log of the function "query" says why.' };
}

/** `now` is the middle of the request, Unix time in ms. */
function clockCheck(date: string | null, now: number): Check {
  const check = 'clock of this machine';
  if (date === null) return { check, state: 'warning', detail: 'the API does not tell its time' };
  // The header has whole seconds: its moment is anywhere within one.
  const skew = now - (Date.parse(date) + 500);
  const seconds = `${Math.abs(Math.round(skew / 1000))} s ${skew > 0 ? 'ahead of' : 'behind'} the API`;
  if (Math.abs(skew) < CLOCK_WARNING_MS) return { check, state: 'ok' };
  const state = Math.abs(skew) < CLOCK_FAILURE_MS ? 'warning' : 'failure';
  return {
    check,
    state,
    detail: seconds,
    fix: 'Set the clock: samples and AWS requests are signed with it.',
  };
}

async function checkQueue(connection: Connection, queue: QueueName): Promise<Check> {
  const check = `queue ${queue}`;
  const [result] = await attempt(connection, check, async () => {
    const { Attributes = {} } = await connection.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: await connection.queueUrl(queue),
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const waiting = Number(Attributes.ApproximateNumberOfMessages ?? 0);
    const detail = `${waiting} waiting, ${Attributes.ApproximateNumberOfMessagesNotVisible ?? 0} being worked on`;
    if (queue === 'callbacks' || waiting === 0) return [{ check, state: 'ok', detail }];
    const group = queue === 'quarantine' ? 'quarantine' : 'dlq';
    return [{ check, state: 'warning', detail, fix: `Look at them: rtc-callbacks ${group} list` }];
  });
  return result as Check;
}

async function checkTable(connection: Connection): Promise<Check> {
  const [result] = await attempt(connection, 'table', async () => {
    const TableName = await connection.tableName();
    const { Table = {} } = await connection.dynamodb.send(new DescribeTableCommand({ TableName }));
    const { TableStatus, DeletionProtectionEnabled } = Table;
    const check = `table ${TableName}`;
    const detail = String(TableStatus);
    if (detail !== 'ACTIVE' && detail !== 'UPDATING') return [{ check, state: 'failure', detail }];
    if (connection.isLocal || DeletionProtectionEnabled === true) return [{ check, state: 'ok', detail }];
    const fix = `aws dynamodb update-table --table-name ${TableName} --deletion-protection-enabled`;
    return [{ check, state: 'warning', detail: 'not protected from deletion', fix }];
  });
  return result as Check;
}

/** What `work` found, or what kept it from looking. */
async function attempt(
  connection: Connection,
  check: string,
  work: () => Promise<Check[]>,
): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    const failure = explain(error, connection);
    if (failure === undefined) throw error;
    return [{ check, state: 'failure', detail: failure.message, isUnreachable: true }];
  }
}

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
