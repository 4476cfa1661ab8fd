/** Runs one function inside a worker thread, as Lambda's Node.js runtime does: JSON in, JSON out. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Invocation, Outcome, WorkerSettings } from './function-runtime.ts';

type Handler = (event: unknown, context: object) => unknown;

const port = parentPort;
if (port === null) throw new Error('function-worker.ts runs in a worker thread only.');

const settings = workerData as WorkerSettings;
const handler = loadHandler(settings);
port.on('message', async (invocation: Invocation) => port.postMessage(await run(invocation)));
port.postMessage('ready');

function loadHandler({ file, exportName }: WorkerSettings): Handler {
  const exported: unknown = createRequire(import.meta.url)(file)[exportName];
  if (typeof exported !== 'function') throw new Error(`${file} exports no function "${exportName}".`);
  return exported as Handler;
}

async function run(invocation: Invocation): Promise<Outcome> {
  const { requestId } = invocation;
  try {
    const result = await handler(JSON.parse(invocation.event), contextOf(invocation));
    return { requestId, result: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { requestId, error: stack ?? `${name}: ${message}` };
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, deadline }: Invocation): object {
  const { functionName, region, accountId, memorySizeMb } = settings;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: String(memorySizeMb),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
