/** `npm start`: the whole stack on this machine. */
import { type Stack, startStack } from './stack.ts';
import { readStartSettings } from './start-settings.ts';

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
    const { warnings, isVerbose, ...options } = await readStartSettings(process.argv.slice(2), process.env);
    for (const line of warnings) log(line);
    let stack: Stack | undefined;
    // Until it is ready the stack has promised nothing that it would have to finish.
    stopWhenAsked(async () => stack?.stop());
    const progress = isVerbose ? log : undefined;
    stack = await startStack({ ...options, log, progress, onChange: print });
    print(`ready ${stack.url}`);
    log(nextSteps(stack.url));
    if (isVerbose) log(describe(stack));
  } catch (error) {
    log((error as Error).message);
    process.exitCode = 1;
  }
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
