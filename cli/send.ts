import { randomInt } from 'node:crypto';
import { Argument, type Command, Option } from 'commander';
import { type Json, parseJson } from '../lib/platform/json.ts';
import type { SampleSource, SignedCallback } from '../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { type Flaw, type SecretsByVendor, signedSample } from '../stack/samples/signed-sample.ts';
import { actionOf, type Context, type Session, wholeNumber } from './context.ts';
import { EXIT, wrongUsage } from './failure.ts';
import { createProgress, printable, writeJson, writeLine } from './output.ts';

const FLAWS = ['signature', 'body', 'stale'] as const satisfies Flaw[];

const HELP_AFTER = `
Sources and their events (the first is sent by default):
${SAMPLE_SOURCES.map((source) => `  ${source.name.padEnd(22)} ${Object.keys(source.events).join(', ')}`).join('\n')}

What --bad does:
  signature  signs with a wrong secret
  body       damages the body after signing
  stale      signs with a timestamp of three days ago

Secrets come from CALLBACK_SECRETS, {"<vendor>":{"<appId>":["<secret>"]}}. When it is unset, a deployed stage's come from
its parameter, and the local stack's are the documented samples.
The exit code is 0 when all were answered 200, 1 when some were not.

Examples:
  rtc-callbacks send rongcloud-recording upload-failed
  rtc-callbacks send tencent screenshot --set EventInfo.roomID=42 --times 3
  rtc-callbacks send zego snapshot --bad signature --stage prod
  rtc-callbacks send tencent screenshot --curl | sh`;

interface SendOptions {
  app?: string;
  set?: Map<string, Json>;
  bad?: Flaw;
  times: string;
  repeat?: boolean;
  curl?: boolean;
  url?: string;
}

/** Adds `send`. */
export function addSend(program: Command, session: Session): void {
  program
    .command('send')
    .description('send signed sample callbacks')
    .addArgument(
      new Argument('<source>', 'the callback source').choices(SAMPLE_SOURCES.map(({ name }) => name)),
    )
    .argument('[event]', 'the kind of callback')
    .option('--app <id>', 'the app to send as; it needs a secret')
    .option(
      '--set <path=value>',
      'put a value into the body, as JSON or else as text; may be repeated',
      assigned,
    )
    .addOption(new Option('--bad <flaw>', 'send a callback that is wrong').choices(FLAWS))
    .option('--times <n>', 'send it n times, each with a fresh nonce and timestamp', '1')
    .option('--repeat', "with --times: send the very same request each time, as a vendor's retry may")
    .option('--curl', 'print the signed request as a curl command instead of sending it')
    .addHelpText('after', HELP_AFTER)
    .action(
      actionOf(session, (context, options: SendOptions, ...[source, event]: [string, string?]) =>
        send(context, options, source, event),
      ),
    );
}

function assigned(text: string, values = new Map<string, Json>()): Map<string, Json> {
  const split = text.indexOf('=');
  if (split < 1) throw wrongUsage(`--set takes <path>=<value>, not "${text}"`);
  const value = text.slice(split + 1);
  return values.set(text.slice(0, split), parseJson(value) ?? value);
}

/** What was answered to one request. */
interface Answer {
  status: number;
  body: string;
  ms: number;
}

/** Sends the samples one after the other. Returns the exit code. */
async function send(
  context: Context,
  options: SendOptions,
  sourceName: string,
  event?: string,
): Promise<number> {
  const source = SAMPLE_SOURCES.find(({ name }) => name === sourceName) as SampleSource;
  const times = wholeNumber('--times', options.times);
  const secrets = await secretsFor(context, source);
  const build = () => signed(source, event ?? Object.keys(source.events)[0] ?? '', secrets, options);
  const repeated = build();
  const url =
    options.url === undefined ? await context.connection.callbackUrl(source) : chosenUrl(options.url, source);
  if (options.curl) {
    writeLine(curlCommand(url, repeated));
    return EXIT.ok;
  }
  const progress = createProgress('Sent:');
  const answers: Answer[] = [];
  for (let count = 0; count < times && !context.signal.aborted; count += 1) {
    const answer = await post(url, options.repeat ? repeated : build());
    answers.push(answer);
    if (context.json) progress.step();
    else writeLine(`${answer.status} ${printable(answer.body)} ${answer.ms} ms`);
  }
  progress.done();
  if (context.json) writeJson({ url, answers });
  if (context.signal.aborted) return EXIT.interrupted;
  return answers.every(({ status }) => status === 200) ? EXIT.ok : EXIT.failed;
}

/** The request as a command for a POSIX shell, byte for byte. */
function curlCommand(url: string, { headers, body }: SignedCallback): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const fields = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return ['curl -i', ...fields, `--data-binary ${quoted(body.toString('utf8'))}`, quoted(url)].join(' ');
}

async function post(url: string, { headers, body }: SignedCallback): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, body: text, ms: Math.round(performance.now() - startedAt) };
}

async function secretsFor({ connection }: Context, { vendor }: SampleSource): Promise<SecretsByVendor> {
  if (connection.isLocal || process.env.CALLBACK_SECRETS) return sampleSecrets();
  const secrets = parseJson((await connection.storedSecrets(vendor))?.text ?? '{}');
  return { [vendor]: secrets as SecretsByVendor[string] };
}

/** `--url` may be a base URL or the whole URL of the source. */
function chosenUrl(base: string, { path }: SampleSource): string {
  if (!URL.canParse(base)) throw wrongUsage(`--url takes a URL, not "${base}"`);
  const url = new URL(base);
  if (!url.pathname.endsWith(path)) url.pathname = url.pathname.replace(/\/$/, '') + path;
  return url.href;
}

function signed(
  source: SampleSource,
  event: string,
  secrets: SecretsByVendor,
  options: SendOptions,
): SignedCallback {
  const sample = signedSample(source, event, secrets, {
    now: Date.now(),
    nonce: String(randomInt(1e9, 1e10)),
    app: options.app,
    flaw: options.bad,
    ...(options.set === undefined ? {} : { set: options.set }),
  });
  if (!sample.ok) throw wrongUsage(sample.reason);
  return sample.callback;
}
