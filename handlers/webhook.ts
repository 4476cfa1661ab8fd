import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { cachedParameter } from '../lib/platform/aws/cached-parameter.ts';
import { readParameter } from '../lib/platform/aws/parameter.ts';
import { type Environment, required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';
import { endpointBesideQueue, messageDelayer } from '../lib/queue/queue.ts';
import { deliverChangeEvents } from '../lib/webhook/deliver.ts';
import { type WebhookKeys, webhookKeys } from '../lib/webhook/signature.ts';

/** What answering takes at most, in ms. */
const ANSWER_MS = 2_000;

const environment = process.env;
const region = required(environment, 'AWS_REGION');
const queueUrl = required(environment, 'QUEUE_URL');
const delay = messageDelayer(queueUrl, region, environment.AWS_ENDPOINT_URL_SQS);
const log = createLog(environment);
const keys = keyReader(environment);

/** `WEBHOOK_SECRET` outside AWS, where an empty one means that nothing is signed. */
function keyReader({
  WEBHOOK_SECRET: secret,
  AWS_ENDPOINT_URL_SSM,
}: Environment): () => Promise<WebhookKeys> {
  if (secret === '') return async () => ({ ok: true, keys: [] });
  if (secret !== undefined) return async () => webhookKeys(secret);
  const endpoint = AWS_ENDPOINT_URL_SSM ?? endpointBesideQueue(queueUrl, 'ssm');
  const read = readParameter(required(environment, 'SECRET_PARAMETER'), region, endpoint);
  return cachedParameter(read, webhookKeys, Date.now).current;
}

/** Posts queued events to `WEBHOOK_URL`, signed, and reports those that must be delivered again. */
export async function handler(
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<SQSBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - ANSWER_MS;
  const events = event.Records.map(({ messageId, receiptHandle, body, attributes }) => ({
    messageId,
    receiptHandle,
    body,
    attempt: Number(attributes.ApproximateReceiveCount),
  }));
  // Deployed whether or not it is in use, it has no URL where it is not.
  const failed = await deliverChangeEvents(events, required(environment, 'WEBHOOK_URL'), {
    keys,
    delay: (receiptHandle, seconds) => delay(receiptHandle, seconds, deadline),
    log,
    now: Date.now,
  });
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
