/** Fuzzes one handler in a process of its own, with the environment that `serverless.yml` gives it. */
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import type { FunctionDefinition, QueueDefinition, TableDefinition } from '../../../stack/template.ts';
import { consumerRun } from './consumer-run.ts';
import { type EngineOrigins, startEngines } from './engines.ts';
import { captureLog, loadFunction } from './function.ts';
import { ingestRun } from './ingest-run.ts';
import { queryRun } from './query-run.ts';
import { emptyReport, fail, type Report } from './report.ts';
import { type Extent, type Run, runAll, type World, watchRejections } from './run.ts';

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

/** What the process tells, several times and at the end. */
export type HandlerNews = { done: number } | { report: Report };

process.once('message', async (settings: HandlerSettings) => {
  const report = await fuzz(settings).catch((error: Error) => {
    const failed = emptyReport(settings.handler);
    fail(failed, `cannot be fuzzed: ${error.stack}`);
    return failed;
  });
  process.send?.({ report } satisfies HandlerNews, () => process.disconnect());
});

// Nobody is left to be told when the process that started this one has ended.
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

async function runOf(handler: string, world: World, { requests }: Extent): Promise<Run> {
  if (handler === 'consumer') return consumerRun(world);
  if (handler === 'query') return queryRun(world, requests);
  const source = SAMPLE_SOURCES.find(({ name }) => name === handler);
  if (source === undefined) throw new Error(`No requests are known for the handler "${handler}".`);
  return ingestRun(world, source);
}
