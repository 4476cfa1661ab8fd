import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { SQSBatchResponse } from 'aws-lambda';
import type { QueueMessage } from '../../lib/consumer.ts';
import { bundle } from '../../local/bundle.ts';
import { createFunctionRuntime } from '../../local/stack/function-runtime.ts';
import type { LogLine } from './consumer.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Where a deployed consumer finds its table and its quarantine queue. */
export interface ConsumerPlace {
  /** Endpoints, such as `http://127.0.0.1:40123`. */
  dynamodb: string;
  sqs: string;
  tableName: string;
  quarantineQueueName: string;
  /** The function's timeout; as it is deployed when absent. */
  timeoutSeconds?: number;
}

/** The consumer function as it is deployed: bundled, in a thread of its own, with the SDK's real clients. */
export interface DeployedConsumer {
  /** Takes a batch; returns the ids that it reports as failed. Rejects when the function dies or times out. */
  deliver(messages: readonly QueueMessage[]): Promise<string[]>;
  /** Takes a batch as Lambda's event; returns its answer. */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the thread at once, whatever it does; the next delivery starts another one. */
  kill(): Promise<void>;
  /** What it has logged. */
  lines: LogLine[];
}

let bundled: Promise<string> | undefined;

/** Starts the consumer from its bundle, which is built once, and waits until it is loaded. */
export async function deployConsumer(place: ConsumerPlace): Promise<DeployedConsumer> {
  bundled ??= bundle(['consumer'], PROJECT).then(([consumer]) => consumer?.file ?? '');
  const lines: LogLine[] = [];
  const runtime = createFunctionRuntime(
    {
      name: 'consumer',
      functionName: 'consumer',
      file: await bundled,
      exportName: 'handler',
      environment: {
        AWS_ENDPOINT_URL_DYNAMODB: place.dynamodb,
        AWS_ENDPOINT_URL_SQS: place.sqs,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        TABLE_NAME: place.tableName,
        QUARANTINE_QUEUE_URL: `${place.sqs}/000000000000/${place.quarantineQueueName}`,
      },
      timeoutSeconds: place.timeoutSeconds ?? 60,
      memorySizeMb: 1024,
      region: 'us-east-1',
      routes: [],
      queueSources: [],
    },
    linesInto(lines),
  );
  await runtime.load();
  return {
    async deliver(messages) {
      const answer = (await runtime.invoke({ Records: messages })) as SQSBatchResponse;
      return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
    invoke: runtime.invoke,
    kill: runtime.stop,
    lines,
  };
}

/** Reads log lines as they are printed. */
function linesInto(lines: LogLine[]): Writable {
  let rest = '';
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const { level, message, time: _, ...fields } = JSON.parse(part);
        lines.push({ level, message, fields });
      }
      done();
    },
  });
}
