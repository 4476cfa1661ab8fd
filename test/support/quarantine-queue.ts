import { ListQueuesCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { decodeEnvelope, type Envelope, type UnverifiedEnvelope } from '../../lib/queue/envelope.ts';

/** A callback in the quarantine queue. */
export interface Quarantined {
  reason: string | undefined;
  envelope: Envelope | UnverifiedEnvelope;
}

/** How long a message that was looked at is hidden from other tests that look for theirs, in seconds. */
const HIDDEN_SECONDS = 1;

/** The quarantined callback whose body holds `text`, once it is in the quarantine queue of the stack at `url`. */
export async function quarantinedWhen(url: string, text: string): Promise<Quarantined> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint: `${url}/aws/sqs`, region: 'us-east-1', credentials });
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((candidate) => candidate.endsWith('-quarantine'));
  let found: Quarantined | undefined;
  await expect
    .poll(async () => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageAttributeNames: ['All'],
      });
      const { Messages = [] } = await client.send(command);
      found ??= Messages.map(read).find((message) => message?.envelope.body.includes(text));
      return found !== undefined;
    })
    .toBe(true);
  client.destroy();
  return found as Quarantined;
}

function read({ Body = '', MessageAttributes }: Message): Quarantined | undefined {
  const envelope = decodeEnvelope(Body);
  return envelope && { envelope, reason: MessageAttributes?.reason?.StringValue };
}
