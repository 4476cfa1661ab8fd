import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Json, parseJson } from '../lib/json.ts';
import type { SampleSource, SignedCallback } from '../lib/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleSecrets } from './secrets.ts';
import { type Flaw, signedSample } from './signed-sample.ts';

const HELP = `Sends signed sample callbacks, to the local stack or to a deployed URL.

Usage: npm run send -- <source> [event] [options]

Sources and their events (the first is sent by default):
${SAMPLE_SOURCES.map((source) => `  ${source.name.padEnd(22)} ${Object.keys(source.events).join(', ')}`).join('\n')}

Options:
  --url <url>            where to send: the API's base URL, or the whole callback URL
                         (default http://127.0.0.1:$PORT, PORT 3000)
  --app <id>             the app to send as; it needs a secret in CALLBACK_SECRETS
  --set <path>=<value>   put a value into the body, as JSON or else as text; may be repeated
  --bad <flaw>           signature: signed with a wrong secret
                         body: damaged after signing
                         stale: signed with a timestamp of three days ago
  --times <n>            send it n times, each with a fresh nonce and timestamp (default 1)
  --repeat               with --times: send the very same request each time, as a vendor's retry may
  -h, --help             show this

Secrets come from CALLBACK_SECRETS, {"<vendor>":{"<appId>":["<secret>"]}}; the documented samples when unset.
Exit codes: 0 all were answered 200, 1 some were not, 2 the command is wrong.

Examples:
  npm run send -- rongcloud-recording upload-failed
  npm run send -- tencent screenshot --set EventInfo.roomID=42 --times 3
  npm run send -- zego snapshot --bad signature --url https://abc.execute-api.eu-west-1.amazonaws.com`;

const FLAWS: readonly string[] = ['signature', 'body', 'stale'] satisfies Flaw[];

/** What to send. */
interface Command {
  source: SampleSource;
  event: string;
  url: string;
  app: string | undefined;
  set: Map<string, Json>;
  flaw: Flaw | undefined;
  times: number;
  repeat: boolean;
}

function parseCommand(args: string[]): Command {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      app: { type: 'string' },
      set: { type: 'string', multiple: true },
      bad: { type: 'string' },
      times: { type: 'string' },
      repeat: { type: 'boolean' },
    },
  });
  const [sourceName, eventName, ...rest] = positionals;
  const source = SAMPLE_SOURCES.find(({ name }) => name === sourceName);
  if (source === undefined) throw new Error(`unknown source "${sourceName ?? ''}"`);
  if (rest.length > 0) throw new Error(`unexpected argument "${rest[0]}"`);
  if (values.bad !== undefined && !FLAWS.includes(values.bad)) {
    throw new Error(`--bad takes ${FLAWS.join(', ')}, not "${values.bad}"`);
  }
  const times = Number(values.times ?? 1);
  if (!Number.isInteger(times) || times < 1)
    throw new Error(`--times takes a whole number, not "${values.times}"`);
  return {
    source,
    event: eventName ?? Object.keys(source.events)[0] ?? '',
    url: callbackUrl(values.url ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`, source.path),
    app: values.app,
    set: new Map((values.set ?? []).map(assignment)),
    flaw: values.bad as Flaw | undefined,
    times,
    repeat: values.repeat ?? false,
  };
}

function callbackUrl(base: string, path: string): string {
  if (!URL.canParse(base)) throw new Error(`--url takes a URL, not "${base}"`);
  const url = new URL(base);
  if (!url.pathname.endsWith(path)) url.pathname = url.pathname.replace(/\/$/, '') + path;
  return url.href;
}

function assignment(text: string): [string, Json] {
  const split = text.indexOf('=');
  if (split < 1) throw new Error(`--set takes <path>=<value>, not "${text}"`);
  const value = text.slice(split + 1);
  return [text.slice(0, split), parseJson(value) ?? value];
}

/** Sends the samples one after the other; whether all were answered 200. */
async function send(command: Command): Promise<boolean> {
  let accepted = 0;
  let callback: SignedCallback | undefined;
  for (let count = 0; count < command.times; count += 1) {
    if (callback === undefined || !command.repeat) callback = build(command);
    const startedAt = performance.now();
    const response = await fetch(command.url, {
      method: 'POST',
      headers: callback.headers,
      body: callback.body,
    });
    const answer = await response.text();
    console.log(`${response.status} ${answer} ${Math.round(performance.now() - startedAt)} ms`);
    if (response.status === 200) accepted += 1;
  }
  return accepted === command.times;
}

function build({ source, event, app, set, flaw }: Command): SignedCallback {
  const nonce = String(randomInt(1e9, 1e10));
  const sample = signedSample(source, event, sampleSecrets(), { now: Date.now(), nonce, app, set, flaw });
  if (!sample.ok) throw new UsageError(sample.reason);
  return sample.callback;
}

class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return args.length === 0 ? 2 : 0;
  }
  let command: Command;
  try {
    command = parseCommand(args);
  } catch (error) {
    console.error(`${(error as Error).message}\nSee: npm run send -- --help`);
    return 2;
  }
  try {
    return (await send(command)) ? 0 : 1;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(error.message);
      return 2;
    }
    const cause = (error as Error).cause;
    console.error(
      `${command.url} cannot be reached: ${cause instanceof Error ? cause.message : (error as Error).message}`,
    );
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
