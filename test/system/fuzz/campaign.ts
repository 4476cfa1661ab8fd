import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forEachConcurrently } from '../../../lib/platform/concurrency.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { environmentOf } from '../../../stack/function-runtime.ts';
import { loadTemplate, type Template } from '../../../stack/template.ts';
import type { HandlerNews, HandlerSettings } from './handler-process.ts';
import { emptyReport, fail, type Report } from './report.ts';
import { CHUNK } from './run.ts';
import { callbackSecrets, WEBHOOK_SECRET } from './secrets.ts';

/** Every handler there is; those that take longest first, so that they do not run alone at the end. */
export const HANDLERS: readonly string[] = [
  'consumer',
  'query',
  ...['page', 'write', 'watch', 'changes', 'webhook', 'drain', 'unknown-path'],
  ...SAMPLE_SOURCES.map(({ name }) => name),
];

/** Those whose requests are about what callbacks have written first. */
const ON_A_LEDGER = ['consumer', 'query', 'page', 'write', 'watch', 'changes'];

/** How many handlers are fuzzed at once; each has a process with two threads. */
const CONCURRENT_HANDLERS = 2;

/** Only stands in the environment that the template is made with: each process has engines of its own. */
const NO_PORT = 1;

/** That of the consumer on Lambda: what needs more than that fails there too, and here soon. */
const LARGEST_HEAP_MB = 1_024;

/** What to fuzz, and how. */
export interface Campaign {
  handlers: readonly string[];
  /** For each handler. */
  requests: number;
  seed: number;
  /** The number of the one request to make instead. */
  only?: number | undefined;
  /** Gets how many requests of a handler are done. */
  progress?: (handler: string, done: number) => void;
}

/** Packages the service and fuzzes its handlers as they are deployed. Never throws for what a handler does. */
export async function runCampaign(campaign: Campaign): Promise<Report[]> {
  const directory = mkdtempSync(join(tmpdir(), 'rtc-callbacks-fuzz-'));
  const cleanUp = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', cleanUp);
  try {
    const environment = {
      ...process.env,
      CALLBACK_SECRETS: callbackSecrets(),
      FORWARD_URL: 'http://127.0.0.1',
      FORWARD_SECRET: WEBHOOK_SECRET,
    };
    const template = await loadTemplate(join(directory, 'service'), NO_PORT, environment);
    const reports = new Map<string, Report>();
    await forEachConcurrently(campaign.handlers, CONCURRENT_HANDLERS, async (handler) => {
      reports.set(handler, await fuzzHandler(handler, campaign, template, join(directory, handler)));
    });
    return campaign.handlers.map((handler) => reports.get(handler) as Report);
  } finally {
    process.off('exit', cleanUp);
    cleanUp();
  }
}

function fuzzHandler(
  handler: string,
  { requests, seed, only, progress }: Campaign,
  template: Template,
  directory: string,
): Promise<Report> {
  const { functions, queues, table, region } = template;
  const settings: HandlerSettings = {
    handler,
    requests,
    seed,
    only,
    directory,
    functions,
    queues,
    table,
    region,
  };
  const child = fork(fileURLToPath(new URL('./handler-process.ts', import.meta.url)), {
    env: environmentFor(handler, template),
    execArgv: ['--expose-gc', `--max-old-space-size=${LARGEST_HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve) => {
    let result: Report | undefined;
    let last = 0;
    child.on('message', (news: HandlerNews) => {
      if ('report' in news) result = news.report;
      else {
        last = news.done;
        progress?.(handler, last);
      }
    });
    child.once('exit', (code, signal) => resolve(result ?? died(handler, code ?? signal, last)));
    child.send(settings);
  });
}

/** The function's own environment, and that of those which fill the ledger for it and read it. */
function environmentFor(handler: string, { functions }: Template): Record<string, string> {
  const others = ON_A_LEDGER.includes(handler)
    ? [...SAMPLE_SOURCES.map(({ name }) => name), 'consumer', 'query', 'watch']
    : [];
  const needed = functions.filter(({ name }) => others.includes(name) || name === handler);
  return Object.assign({}, ...needed.map(environmentOf));
}

function died(handler: string, code: unknown, done: number): Report {
  const report = emptyReport(handler);
  fail(report, `the process ended with ${code} after ${done} requests, at one of the next ${CHUNK}`);
  return report;
}
