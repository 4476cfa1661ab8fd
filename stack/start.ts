/** `npm start`: the whole stack on this machine. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSecrets, readVariable } from '../lib/receive/secrets.ts';
import { appsThatShareSecrets } from '../lib/receive/shared-secrets.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { webhookKeys } from '../lib/webhook/signature.ts';
import { type Stack, startStack } from './stack.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** A terminal sends Ctrl-C to npm and to its child, and npm passes it on: two signals, one key press. */
const SAME_SIGNAL_MS = 300;

const PARENT_POLL_MS = 200;

const HELP = `Usage: npm start [-- --forward <url>] [-- --verbose]

Runs the whole service on this machine, without an AWS account and without a network: the gateway with the
routes of serverless.yml, the functions as they are deployed, an SQS and a DynamoDB. Prints
"ready http://127.0.0.1:<port>" when it can serve. The functions' log lines and every change of a task, file,
room or attention item ("message":"change") go to the standard output, everything else to the standard error.

  --forward <url>  posts every change there too, again later when it is not answered with 2xx
  --verbose        lists the routes, queues and the table once it is ready

Environment:
  PORT              where to listen on 127.0.0.1; 0 takes a free port (default: 3000)
  DATA_DIR          the folder for queues and table, which survive a restart (default: .local)
  CALLBACK_SECRETS  {"<vendor>":{"<appId>":["<secret>"]}}; sample secrets when unset
  STORAGE           the buckets of the storage check, which is off when unset
  CONFIRM_UPLOADS   on: every uploaded file is looked for there
  ZEGO_SERVER_SECRETS  {"<AppId>":"<ServerSecret>"}: asks ZEGOCLOUD about lost callbacks, which is off when unset
  ZEGO_QUERY_ENDPOINT  another host to ask than ZEGOCLOUD's global one
  FORWARD_URL       the same as --forward
  FORWARD_SECRET    whsec_<base64>: signs what is posted, as Standard Webhooks says
  ALARM_SPEED       how many times as fast the clock of the alarms runs: 60 makes a minute a second (default: 1)
  <VENDOR>_…        any parameter of a vendor in docs/parameters.md, in capitals: RONGCLOUD_VERIFICATION_MODE=shadow

Open http://127.0.0.1:<port>/ in a browser to see what comes in and what becomes of it.

Beside the routes:
  GET  /local/callbacks  the last callbacks with their verdicts, as the page lists them
  GET  /local/lines      what "rtc-callbacks events tail" follows; ?since=<Unix ms>, ?after=<position>
  POST /local/removed    says that ?messageId=<id> was removed from a queue, as "rtc-callbacks quarantine remove" does
  POST /aws/sqs          the SQS protocol, for any AWS client with this endpoint
  POST /aws/dynamodb     the DynamoDB protocol, likewise
  /aws/s3                the S3 protocol, path-style: PUT /aws/s3/<bucket> creates a bucket
  POST /aws/events       PutEvents of EventBridge, likewise
  POST /aws/sns          Publish of SNS: notices of the watch become log lines ("message":"notified"), and so do the
                         alarms of serverless.yml on queues and log lines

Ctrl-C or SIGTERM finishes what is at work and ends; a second one ends at once.
`;

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  process.stdout.write(HELP);
} else {
  await main();
}

async function main(): Promise<void> {
  try {
    // Tables, queues and templates hold what only their owner may read.
    process.umask(0o077);
    const options = optionsOf(process.argv.slice(2));
    const environment = forwarding(options);
    for (const line of await checkSecrets(process.env.CALLBACK_SECRETS)) log(line);
    const port = portOf(process.env.PORT);
    const dataDir = process.env.DATA_DIR ? resolve(process.env.DATA_DIR) : join(PROJECT, '.local');
    let stack: Stack | undefined;
    // Until it is ready the stack has promised nothing that it would have to finish.
    stopWhenAsked(async () => stack?.stop());
    const progress = options.verbose ? log : undefined;
    const alarmSpeed = speedOf(process.env.ALARM_SPEED);
    stack = await startStack({ port, dataDir, environment, alarmSpeed, log, progress, onChange: print });
    print(`ready ${stack.url}`);
    log(nextSteps(stack.url));
    if (options.verbose) log(describe(stack));
  } catch (error) {
    log((error as Error).message);
    process.exitCode = 1;
  }
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

/** What the arguments choose. Throws on one that is unknown. */
function optionsOf(args: string[]): { forward?: string | undefined; verbose: boolean } {
  const { values } = parseArgs({
    args,
    options: { forward: { type: 'string' }, verbose: { type: 'boolean', default: false } },
  });
  return { forward: values.forward, verbose: values.verbose };
}

/** The variables that say where changes are posted to. Throws on a value that cannot be used. */
function forwarding({ forward }: { forward?: string | undefined }): Record<string, string> {
  const { FORWARD_URL = '', FORWARD_SECRET: secret = '' } = process.env;
  const url = forward ?? FORWARD_URL;
  if (url !== '' && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Error(`--forward takes an http or https URL, not "${url}".`);
  const keys = secret === '' ? undefined : webhookKeys(secret);
  if (keys?.ok === false) throw new Error(`FORWARD_SECRET: ${keys.reason}.`);
  return { FORWARD_URL: url, FORWARD_SECRET: secret };
}

/** What to do first. */
function nextSteps(url: string): string {
  const port = new URL(url).port === '3000' ? '' : ` --url ${url}`;
  const secrets = process.env.CALLBACK_SECRETS
    ? 'from CALLBACK_SECRETS'
    : 'of the samples (lib/vendors/*/samples); set CALLBACK_SECRETS to use yours';
  return [
    `page    ${url}/`,
    `send    npx rtc-callbacks send rongcloud-recording${port}`,
    `secrets ${secrets}`,
  ].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function stopWhenAsked(stop: () => Promise<void>): void {
  let first: number | undefined;
  const onSignal = async () => {
    if (first !== undefined) {
      if (Date.now() - first > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    first = Date.now();
    log('stopping');
    try {
      await stop();
      process.exit(0);
    } catch (error) {
      log((error as Error).message);
      process.exit(1);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  onEndOfNpm(onSignal);
}

/** npm passes a SIGTERM on to the shell between them, and many a shell ends without passing it on. */
function onEndOfNpm(listener: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    listener();
  }, PARENT_POLL_MS);
  timer.unref();
}

function describe({ url, routes, sqsEndpoint, dynamodbEndpoint, queues, tableName }: Stack): string {
  const lines = [
    ...routes.map((routeKey) => {
      const [method = '', path = ''] = routeKey.split(' ');
      return `${method.padEnd(8)} ${url}${path}`;
    }),
    `SQS      ${sqsEndpoint}`,
    ...Object.entries(queues).map(([id, queueUrl]) => `  ${id} ${queueUrl}`),
    `DynamoDB ${dynamodbEndpoint}`,
    `  table ${tableName}`,
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
