import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { thresholdsOf } from '../lib/attention/settings.ts';
import type { Vendor } from '../lib/callback/callback.ts';
import { readHeartbeats, type StoredHeartbeat } from '../lib/ledger/heartbeat.ts';
import { durationText } from '../lib/page/text.ts';
import type { Environment } from '../lib/platform/environment.ts';
import type { SampleSource } from '../lib/vendors/common/sample.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { type Check, type Finding, mergedByCause } from './check.ts';
import {
  type Connection,
  createSecretsReader,
  get,
  type QueueName,
  REQUEST_TIMEOUT_MS,
  receivedBy,
} from './connection.ts';
import { secretChecks, usageChecks } from './doctor-secrets.ts';
import { VERDICT_MESSAGES, verdictChecks } from './doctor-verdicts.ts';
import { explain } from './failure.ts';
import { lookupChecks } from './lookup-checks.ts';
import { countMessages } from './queue-messages.ts';

/** Signatures of AWS requests may be five minutes off; a minute is worth a word. In ms. */
const CLOCK_WARNING_MS = 60_000;
const CLOCK_FAILURE_MS = 5 * 60_000;

/** Looks at everything that a stack consists of, and at what happened to callbacks since `since`, Unix time in ms. */
export async function* checkStack(connection: Connection, since: number): AsyncGenerator<Check> {
  const said = new Set<string>();
  const isNew = ({ isUnreachable, detail = '' }: Finding) => {
    // What cannot be reached keeps several from looking.
    const isRepeated = isUnreachable === true && said.has(detail);
    said.add(detail);
    return !isRepeated;
  };
  for await (const check of checkApi(connection)) if (isNew(check)) yield* mergedByCause([check]);
  yield* mergedByCause((await findingsOf(connection, since)).filter(isNew));
}

async function findingsOf(connection: Connection, since: number): Promise<Finding[]> {
  const findings = [await checkVerdicts(connection, since)];
  for (const queue of ['callbacks', 'quarantine', 'dead-letter'] as const)
    findings.push(await checkQueue(connection, queue));
  findings.push(await checkTable(connection));
  findings.push(await attempt(connection, 'reports', () => lookupChecks(connection, Date.now())));
  findings.push(await checkSecrets(connection));
  return findings.flat();
}

async function checkSecrets(connection: Connection): Promise<Finding[]> {
  const read = createSecretsReader(connection);
  let heartbeats: StoredHeartbeat[] = [];
  let environment: Environment = {};
  const findings = await attempt(connection, 'heartbeats', async () => {
    heartbeats = await readHeartbeats(connection.dynamodb, await connection.tableName());
    environment = await connection.functionEnvironment('watch');
    return [];
  });
  for (const vendor of await receivedVendors(connection)) {
    const { appSilentMs } = thresholdsOf(environment, vendor);
    const found = await attempt(connection, connection.secretsPlace(vendor), async () => [
      ...(await secretChecks(vendor, connection, read)),
      ...usageChecks(vendor, await read(vendor), heartbeats, appSilentMs, Date.now()),
    ]);
    findings.push(...found);
  }
  return findings;
}

/** All vendors where the stack does not say which it receives. */
async function receivedVendors(connection: Connection): Promise<Iterable<Vendor>> {
  const received = await receivedBy(connection, SOURCES.values()).catch(() => undefined);
  return received === undefined ? VENDOR_NAMES : new Set(received.map(({ vendor }) => vendor));
}

/** The functions whose lines say what became of callbacks. */
const FUNCTIONS = [...SOURCES.keys(), 'unknown-path', 'consumer'];

function checkVerdicts(connection: Connection, since: number): Promise<Finding[]> {
  const window = durationText(Date.now() - since);
  return attempt(connection, `callbacks of the last ${window}`, async () => {
    const selection = { since, functions: FUNCTIONS, messages: VERDICT_MESSAGES };
    const { lines, omissions } = await connection.pastLines(selection);
    const omitted = omissions.map(
      (omission): Check => ({
        check: omission,
        state: 'warning',
        fix: 'What happened before is not in these findings. A shorter --since is read whole.',
      }),
    );
    return [...verdictChecks(lines, window, Date.now()), ...omitted];
  });
}

async function* checkApi(connection: Connection): AsyncGenerator<Finding> {
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
  for (const source of await receivedBy(connection, SAMPLE_SOURCES))
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
  if (date === null) return { check, state: 'warning', detail: 'the API does not send its time' };
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

function checkQueue(connection: Connection, queue: QueueName): Promise<Finding[]> {
  const check = `queue ${queue}`;
  return attempt(connection, check, async () => {
    const { total, inFlight } = await countMessages(connection, queue);
    const messages = `${total} ${total === 1 ? 'message' : 'messages'}`;
    const detail = inFlight === 0 ? messages : `${messages}, ${inFlight} in flight`;
    if (queue === 'callbacks' || total === 0) return [{ check, state: 'ok', detail }];
    const fix =
      queue === 'quarantine'
        ? 'rtc-callbacks quarantine list, then doctor --quarantined <id>'
        : 'rtc-callbacks dlq list';
    return [{ check, cause: check, state: 'failure', detail, fix }];
  });
}

function checkTable(connection: Connection): Promise<Finding[]> {
  return attempt(connection, 'table', async () => {
    const TableName = await connection.tableName();
    const { Table = {} } = await connection.dynamodb.send(new DescribeTableCommand({ TableName }));
    const { TableStatus, DeletionProtectionEnabled } = Table;
    const check = `table ${TableName}`;
    const detail = String(TableStatus);
    if (detail !== 'ACTIVE' && detail !== 'UPDATING')
      return [{ check, cause: 'table', state: 'failure', detail }];
    if (connection.isLocal || DeletionProtectionEnabled === true) return [{ check, state: 'ok', detail }];
    const fix = `aws dynamodb update-table --table-name ${TableName} --deletion-protection-enabled`;
    return [{ check, state: 'warning', detail: 'not protected from deletion', fix }];
  });
}

/** What `work` found, or what kept it from looking. */
async function attempt(
  connection: Connection,
  check: string,
  work: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    const failure = explain(error, connection);
    if (failure === undefined) throw error;
    return [{ check, cause: check, state: 'failure', detail: failure.message, isUnreachable: true }];
  }
}
