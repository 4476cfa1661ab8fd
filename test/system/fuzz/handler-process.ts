/** Fuzzes one handler in a process of its own, with the environment that `serverless.yml` gives it. */
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import type { FunctionDefinition, QueueDefinition, TableDefinition } from '../../../stack/template.ts';
import { changesRun } from './changes-run.ts';
import { consumerRun } from './consumer-run.ts';
import { drainRun } from './drain-run.ts';
import { type EngineOrigins, startEngines } from './engines.ts';
import { captureLog, loadFunction } from './function.ts';
import { ingestRun } from './ingest-run.ts';
import { pageRun } from './page-run.ts';
import { queryRun } from './query-run.ts';
import { emptyReport, fail, type Report } from './report.ts';
import { type Extent, type Run, runAll, type World, watchRejections } from './run.ts';
import { unknownPathRun } from './unknown-path-run.ts';
import { watchRun } from './watch-run.ts';
import { webhookRun } from './webhook-run.ts';
import { writeRun } from './write-run.ts';

/** What the process gets once. */
export interface HandlerSettings extends Extent {
  handler: string;
  seed: number;
  /** An empty folder for the table. */
  directory: string;
  region: string;
  functions: readonly FunctionDefinition[];
  /** By logical id. */
  queues: Record<string, QueueDefinition>;
  table: TableDefinition;
}

/** What the process reports, several times and at the end. */
export type HandlerNews = { done: number } | { report: Report };

process.once('message', async (settings: HandlerSettings) => {
  const report = await fuzz(settings).catch((error: Error) => {
    const failed = emptyReport(settings.handler);
    fail(failed, `cannot be fuzzed: ${error.stack} ${error.cause ?? ''}`);
    return failed;
  });
  process.send?.({ report } satisfies HandlerNews, () => process.disconnect());
});

// Nobody is left to report to when the process that started this one has ended.
process.once('disconnect', () => process.exit());

async function fuzz(settings: HandlerSettings): Promise<Report> {
  const { handler, seed, directory, region, functions, queues, table } = settings;
  const engines = await startEngines({ directory, region, queues: Object.values(queues), table });
  pointEnvironmentAt(engines);
  const world: World = {
    seed,
    engines,
    takeLines: captureLog(),
    load: (name) =>
      loadFunction(functions.find((definition) => definition.name === name) as FunctionDefinition),
    routes: (name) =>
      functions.find((definition) => definition.name === name)?.routes.map(({ routeKey }) => routeKey) ?? [],
    tableName: table.TableName,
    queueName: (logicalId) => queues[logicalId]?.QueueName ?? '',
  };
  const rejections = watchRejections();
  const progress = (done: number) => process.send?.({ done } satisfies HandlerNews);
  return runAll(handler, await runOf(handler, world, settings), settings, rejections, progress);
}

/** The stack that the environment names has one port for everything, and is not running. */
function pointEnvironmentAt({ sqs, dynamodb }: EngineOrigins): void {
  for (const [name, value = ''] of Object.entries(process.env)) {
    process.env[name] = value
      .replace(/^http:\/\/127\.0\.0\.1:\d+\/aws\/sqs/, sqs)
      .replace(/^http:\/\/127\.0\.0\.1:\d+\/aws\/dynamodb/, dynamodb);
  }
}

/** Of the functions that receive no callbacks. */
const RUNS: Readonly<Record<string, (world: World, requests: number) => Run | Promise<Run>>> = {
  consumer: (world) => consumerRun(world),
  query: queryRun,
  page: pageRun,
  write: writeRun,
  watch: watchRun,
  changes: changesRun,
  webhook: webhookRun,
  drain: drainRun,
  'unknown-path': unknownPathRun,
};

async function runOf(handler: string, world: World, { requests }: Extent): Promise<Run> {
  const run = RUNS[handler];
  if (run !== undefined) return run(world, requests);
  const source = SAMPLE_SOURCES.find(({ name }) => name === handler);
  if (source === undefined) throw new Error(`No requests are known for the handler "${handler}".`);
  return ingestRun(world, source);
}
