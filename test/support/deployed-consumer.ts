import { Writable } from 'node:stream';
import type { SQSBatchResponse } from 'aws-lambda';
import type { QueueMessage } from '../../lib/consume/consume.ts';
import { bundledFunction } from './bundled-function.ts';
import type { LogLine } from './consumer.ts';

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

/** Starts the consumer and waits until it is loaded. */
export async function deployConsumer(place: ConsumerPlace): Promise<DeployedConsumer> {
  const lines: LogLine[] = [];
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: place.dynamodb,
    AWS_ENDPOINT_URL_SQS: place.sqs,
    TABLE_NAME: place.tableName,
    EVENT_HISTORY_DAYS: '30',
    RETENTION_DAYS: '0',
    QUEUE_URL: `${place.sqs}/000000000000/callbacks`,
    QUARANTINE_QUEUE_URL: `${place.sqs}/000000000000/${place.quarantineQueueName}`,
  };
  const { timeoutSeconds } = place;
  const runtime = await bundledFunction('consumer', environment, {
    timeoutSeconds,
    output: linesInto(lines),
  });
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
