import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueName } from './connection.ts';

/** Looks up the queues of a stack by their names, each of them once. Rejects with the SDK's exceptions. */
export function createQueueUrls(sqs: SQSClient, prefix: string): (queue: QueueName) => Promise<string> {
  const urls = new Map<QueueName, Promise<string>>();
  async function lookUp(queue: QueueName): Promise<string> {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${prefix}-${queue}` }));
    return QueueUrl;
  }
  return (queue) => {
    const url = urls.get(queue) ?? lookUp(queue);
    urls.set(queue, url);
    return url;
  };
}
