import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { QueueDefinition, TableDefinition } from '../../../stack/template.ts';

/** What the engines hold. */
export interface EngineSettings {
  /** An empty folder for the table. */
  directory: string;
  region: string;
  queues: readonly QueueDefinition[];
  table: TableDefinition;
}

/** Where the engines listen, such as `http://127.0.0.1:40123`. */
export interface EngineOrigins {
  sqs: string;
  dynamodb: string;
}

/**
 * Starts the embedded SQS and DynamoDB of `npm start` beside the handlers, in a thread with a heap of its own. The
 * queue is kept in memory: it takes 8,700 messages a second that way and 3,000 when it writes them to a file; a bare
 * HTTP server that counts takes 11,700, which is not worth a second implementation of SQS.
 */
export async function startEngines(settings: EngineSettings): Promise<EngineOrigins> {
  const worker = new Worker(new URL('./engines-worker.ts', import.meta.url), {
    workerData: settings,
    execArgv: [],
  });
  const [origins] = await once(worker, 'message');
  worker.unref();
  return origins as EngineOrigins;
}
