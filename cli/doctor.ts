import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { CallbackRequest } from '../lib/callback/callback.ts';
import { type GatewayEvent, requestOf } from '../lib/platform/aws/gateway.ts';
import { field, isObject, type Json, type JsonObject, number, parseJson } from '../lib/platform/json.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import { type Check, exitCodeOf, writeCheck } from './check.ts';
import { actionOf, type Context, pastTime, type Session } from './context.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';
import { writeJson } from './output.ts';
import { REDACTED } from './redaction.ts';

const HELP_AFTER = `
Without --request: is everything reachable, what became of the callbacks of the last minutes, do messages wait for a
person, are the secrets such as the vendors give them, and when did each last verify a callback? The exit code is 1 when
something is wrong.

With --request: why does this callback not verify? The file is JSON, either an API Gateway event as in events/, or
  {"path": "/callbacks/tencent", "headers": {…}, "query": {…}, "body": "…" (or "bodyBase64"), "receivedAt": <Unix ms>}
Only headers and body are needed; "-" reads the standard input. The body must be what arrived, byte for byte:
"bodyBase64" is the safe way. The doctor tries what usually goes wrong (white space around the secret, another app's or
vendor's secret, the app id taken for the secret, a body that was changed on the way, another time unit, another route)
and says what fits. No secret is shown. The exit code is 0 when it verifies.

With --quarantined: the same for a message in quarantine, by its id in the queue or in the log, and whether it can be replayed.

Examples:
  rtc-callbacks doctor --stage prod --since 1h
  rtc-callbacks doctor --quarantined 0b8c8f6e-5d1c-4a52-a3c7-3b9b2a3f6a10 --stage prod
  rtc-callbacks doctor --request refused.json --source rongcloud-recording --stage prod
  rtc-callbacks doctor --request events/tencent-bad-signature.json`;

interface DoctorOptions {
  request?: string;
  quarantined?: string;
  source?: string;
  since: string;
}

/** Adds `doctor`. */
export function addDoctor(program: Command, session: Session): void {
  program
    .command('doctor')
    .description('find out what is wrong: connections, queues, secrets, or one refused callback')
    .option('--since <time>', 'how far back to look at what happened: 30s, 10m, 2h or 1d', '10m')
    .option('--request <file>', 'a captured request that does not verify')
    .option('--quarantined <id>', 'a message in quarantine, with all that a signature needs')
    .option('--source <source>', 'the callback source it came to, if its path does not say')
    .addHelpText('after', HELP_AFTER)
    .action(
      actionOf(session, (context, { request, quarantined, source, since }: DoctorOptions) => {
        if (request !== undefined && quarantined !== undefined)
          throw wrongUsage('Give either --request or --quarantined.');
        if (quarantined !== undefined) return examineQuarantined(context, quarantined);
        return request === undefined
          ? examineStack(context, since)
          : examineRequest(context, request, source);
      }),
    );
}

async function examineStack(context: Context, since: string): Promise<number> {
  const { checkStack } = await import('./doctor-checks.ts');
  const checks: Check[] = [];
  for await (const check of checkStack(context.connection, pastTime('--since', since, Date.now()))) {
    checks.push(check);
    if (!context.json) writeCheck(check);
    if (context.signal.aborted) return EXIT.interrupted;
  }
  if (context.json) writeJson({ checks });
  return exitCodeOf(checks);
}

async function examineRequest(context: Context, file: string, source?: string): Promise<number> {
  if (source !== undefined && !SOURCES.has(source)) {
    throw wrongUsage(`--source takes one of ${[...SOURCES.keys()].join(', ')}, not "${source}"`);
  }
  const { diagnose } = await import('./diagnosis.ts');
  return report(context, await diagnose(await readCapturedRequest(file), source, context.connection));
}

async function examineQuarantined(context: Context, id: string): Promise<number> {
  const { findMessage } = await import('./queue-list.ts');
  const message = await findMessage(context, 'quarantine', id);
  if (message === undefined) return EXIT.interrupted;
  const { diagnoseMessage } = await import('./diagnosis.ts');
  return report(context, await diagnoseMessage(message, context.connection));
}

function report(context: Context, checks: readonly Check[]): number {
  if (context.json) writeJson({ checks });
  else for (const check of checks) writeCheck(check);
  return exitCodeOf(checks);
}

/** Reads a request that somebody captured; `-` is the standard input. Throws what is wrong with the file. */
async function readCapturedRequest(file: string): Promise<CallbackRequest> {
  const input = await readInput(file);
  if (input.includes(REDACTED)) {
    throw wrongUsage(
      `${file} is redacted, and nobody can check a signature without what is left out. Capture the request as it came, or name a message in quarantine with --quarantined <id>.`,
    );
  }
  const captured = parseJson(input);
  if (!isObject(captured)) throw wrongUsage(`${file} is not a JSON object; see rtc-callbacks doctor --help`);
  if (isObject(field(captured, 'requestContext'))) return requestOfEvent(captured, file);
  const headers = Object.entries(textMap(field(captured, 'headers')) ?? {});
  if (headers.length === 0 && field(captured, 'query') === undefined && bodyOf(captured) === undefined) {
    throw wrongUsage(`${file} has neither headers nor a query nor a body; see rtc-callbacks doctor --help`);
  }
  return {
    method: 'POST',
    path: textOf(field(captured, 'path')),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    query: textMap(field(captured, 'query')) ?? {},
    body: bodyOf(captured) ?? Buffer.alloc(0),
    sourceIp: textOf(field(captured, 'sourceIp')),
    receivedAt: number(field(captured, 'receivedAt')) ?? Date.now(),
  };
}

async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CommandFailure(EXIT.notFound, `There is no file ${file}.`);
    throw wrongUsage(`${file} cannot be read: ${message}`);
  }
}

function requestOfEvent(captured: JsonObject, file: string): CallbackRequest {
  try {
    return requestOf(captured as unknown as GatewayEvent);
  } catch {
    throw wrongUsage(`${file} is not an API Gateway event of payload format 2.0`);
  }
}

function bodyOf(captured: JsonObject): Buffer | undefined {
  const [body, base64] = [field(captured, 'body'), field(captured, 'bodyBase64')];
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (typeof body === 'string') return Buffer.from(body);
  // A body that was parsed: only its values are left.
  return isObject(body) ? Buffer.from(JSON.stringify(body)) : undefined;
}

function textMap(value: Json | undefined): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, textOf(member)]));
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
