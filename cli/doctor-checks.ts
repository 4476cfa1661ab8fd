import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { readHeartbeats, type StoredHeartbeat } from '../lib/ledger/heartbeat.ts';
import { durationText } from '../lib/page/text.ts';
import type { Json } from '../lib/platform/json.ts';
import type { SampleSource } from '../lib/vendors/common/sample.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import type { Check } from './check.ts';
import {
  type Connection,
  createSecretsReader,
  get,
  type QueueName,
  REQUEST_TIMEOUT_MS,
} from './connection.ts';
import { secretChecks, usageChecks } from './doctor-secrets.ts';
import { VERDICT_MESSAGES, verdictChecks } from './doctor-verdicts.ts';
import { textOf } from './event-lines.ts';
import { explain } from './failure.ts';
import { lookupChecks } from './lookup-checks.ts';
import { countMessages } from './queue-messages.ts';

/** Signatures of AWS requests may be five minutes off; a minute is worth a word. In ms. */
const CLOCK_WARNING_MS = 60_000;
const CLOCK_FAILURE_MS = 5 * 60_000;

/** Looks at everything that a stack consists of, and at what happened to callbacks since `since`, Unix time in ms. */
export async function* checkStack(connection: Connection, since: number): AsyncGenerator<Check> {
  const said = new Set<string>();
  for await (const check of allChecks(connection, since)) {
    // What cannot be reached keeps several from looking.
    const isRepeated = check.isUnreachable === true && said.has(check.detail ?? '');
    said.add(check.detail ?? '');
    if (!isRepeated) yield check;
  }
}

async function* allChecks(connection: Connection, since: number): AsyncGenerator<Check> {
  yield* checkApi(connection);
  yield* await checkVerdicts(connection, since);
  for (const queue of ['callbacks', 'quarantine', 'dead-letter'] as const)
    yield* await checkQueue(connection, queue);
  yield* await checkTable(connection);
  yield* await attempt(connection, 'reports', () => lookupChecks(connection, Date.now()));
  yield* checkSecrets(connection);
}

async function* checkSecrets(connection: Connection): AsyncGenerator<Check> {
  const read = createSecretsReader(connection);
  let heartbeats: StoredHeartbeat[] = [];
  yield* await attempt(connection, 'heartbeats', async () => {
    heartbeats = await readHeartbeats(connection.dynamodb, await connection.tableName());
    return [];
  });
  for (const vendor of VENDOR_NAMES) {
    yield* await attempt(connection, connection.secretsPlace(vendor), async () => [
      ...(await secretChecks(vendor, connection, read)),
      ...usageChecks(vendor, await read(vendor), heartbeats, Date.now()),
    ]);
  }
}

/** The functions whose lines say what became of callbacks. */
const FUNCTIONS = [...SOURCES.keys(), 'unknown-path', 'consumer'];

function checkVerdicts(connection: Connection, since: number): Promise<Check[]> {
  const window = durationText(Date.now() - since);
  return attempt(connection, `callbacks of the last ${window}`, async () => {
    const log = connection.logLines({ since, functions: FUNCTIONS, messages: VERDICT_MESSAGES });
    const { lines } = await log.next();
    const isVerdict = (line: Json) => VERDICT_MESSAGES.includes(textOf(line, 'message') ?? '');
    return verdictChecks(lines.filter(isVerdict), window);
  });
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

function checkQueue(connection: Connection, queue: QueueName): Promise<Check[]> {
  const check = `queue ${queue}`;
  return attempt(connection, check, async () => {
    const { total, inFlight } = await countMessages(connection, queue);
    const messages = `${total} ${total === 1 ? 'message' : 'messages'}`;
    const detail = inFlight === 0 ? messages : `${messages}, ${inFlight} in flight`;
    if (queue === 'callbacks' || total === 0) return [{ check, state: 'ok', detail }];
    const group = queue === 'quarantine' ? 'quarantine' : 'dlq';
    return [{ check, state: 'failure', detail, fix: `rtc-callbacks ${group} list` }];
  });
}

function checkTable(connection: Connection): Promise<Check[]> {
  return attempt(connection, 'table', async () => {
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
