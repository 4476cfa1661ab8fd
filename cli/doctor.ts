import type { Command } from 'commander';
import { SOURCES } from '../lib/vendors/index.ts';
import { readCapturedRequest } from './captured-request.ts';
import { type Check, exitCodeOf, writeCheck } from './check.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { diagnose } from './diagnosis.ts';
import { EXIT, wrongUsage } from './failure.ts';
import { writeJson } from './output.ts';

const HELP_AFTER = `
Without --request: is everything reachable, and are the secrets such as the vendors give them?

With --request: why does this callback not verify? The file is JSON, either an API Gateway event as in events/, or
  {"path": "/callbacks/tencent", "headers": {…}, "query": {…}, "body": "…" (or "bodyBase64"), "receivedAt": <Unix ms>}
of which only headers and body are needed; "-" reads the standard input. The body must be what arrived, byte for byte:
"bodyBase64" is the safe way. The doctor tries what usually goes wrong (white space around the secret, another app's or
vendor's secret, the app id taken for the secret, a body that was changed on the way, another time unit, another route)
and says what fits. No secret is shown. The exit code is 0 when it verifies.

Examples:
  rtc-callbacks doctor --stage prod
  rtc-callbacks doctor --request refused.json --source rongcloud-recording --stage prod
  rtc-callbacks doctor --request events/tencent-bad-signature.json`;

interface DoctorOptions {
  request?: string;
  source?: string;
}

/** Adds `doctor`. */
export function addDoctor(program: Command, session: Session): void {
  program
    .command('doctor')
    .description('find out what is wrong: connections, queues, secrets, or one refused callback')
    .option('--request <file>', 'a captured request that does not verify')
    .option('--source <source>', 'the callback source it came to, where its path does not tell')
    .addHelpText('after', HELP_AFTER)
    .action(
      actionOf(session, (context, options: DoctorOptions) =>
        options.request === undefined
          ? examineStack(context)
          : examineRequest(context, options.request, options.source),
      ),
    );
}

async function examineStack(context: Context): Promise<number> {
  const { checkStack } = await import('./doctor-checks.ts');
  const checks: Check[] = [];
  for await (const check of checkStack(context.connection)) {
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
  const checks = await diagnose(await readCapturedRequest(file), source, context.connection);
  if (context.json) writeJson({ checks });
  else for (const check of checks) writeCheck(check);
  return exitCodeOf(checks);
}
