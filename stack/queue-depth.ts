import { setTimeout } from 'node:timers/promises';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

const POLL_MS = 20;

/** All messages of a queue, whether they can be received now, later, or are being worked on. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;

/**
 * Resolves when the callback queue of the stack at `url` is empty: everything that was acknowledged has been
 * applied, quarantined or given up. Rejects after `patienceMs` with the number of messages that are left.
 */
export async function callbacksDrained(url: string, patienceMs: number): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint: `${url}/aws/sqs`, region: 'us-east-1', credentials });
  const giveUpAt = Date.now() + patienceMs;
  try {
    const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
    const queueUrl = QueueUrls.find((candidate) => candidate.endsWith('-callbacks'));
    for (;;) {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...COUNTS] }),
      );
      const left = COUNTS.reduce((sum, name) => sum + Number(Attributes[name]), 0);
      if (left === 0) return;
      if (Date.now() > giveUpAt) throw new Error(`${left} messages are still in ${queueUrl}`);
      await setTimeout(POLL_MS);
    }
  } finally {
    client.destroy();
  }
}
