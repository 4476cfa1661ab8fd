import { type AwsAnswer, callAws } from '../platform/aws/request.ts';
import type { TraceHeader } from '../platform/aws/trace.ts';
import { field, parseJson, text } from '../platform/json.ts';

/** A message's id, or why the queue did not take it. */
export type SendResult = { ok: true; messageId: string } | { ok: false; reason: string };

/** Sends one message of a group (an app id) before `deadline`, Unix time in ms. Never throws. */
export type SendMessage = (body: string, group: string, deadline: number) => Promise<SendResult>;

/** What SQS allows as a message group id. */
const GROUP_ID = /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/;

/** The parameter of `SendMessage` that names a message's group; none where SQS does not allow the id. */
export function messageGroup(group: string): { MessageGroupId?: string } {
  return GROUP_ID.test(group) ? { MessageGroupId: group } : {};
}

/** The parameter of `SendMessage` that hands a trace on to the receiver of the message. */
function messageTrace(header: string | undefined): object {
  if (header === undefined) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } } };
}

/**
 * Sends to a standard queue with one `SendMessage` call. The group id makes the queue fair: one loud app does
 * not delay the others. With `trace`, each message is of the trace that it gives.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function queueSender(
  queueUrl: string,
  region: string,
  endpoint?: string,
  trace?: TraceHeader,
): SendMessage {
  const url = endpoint ?? new URL('/', queueUrl).href;
  return async (body, group, deadline) => {
    const answer = await callAws({
      service: 'sqs',
      target: 'AmazonSQS.SendMessage',
      protocol: 'application/x-amz-json-1.0',
      endpoint: url,
      region,
      body: JSON.stringify({
        QueueUrl: queueUrl,
        MessageBody: body,
        ...messageGroup(group),
        ...messageTrace(trace?.()),
      }),
      deadline,
    });
    return messageIdOf(answer);
  };
}

function messageIdOf(answer: AwsAnswer): SendResult {
  if (!answer.ok) return answer;
  const messageId = text(field(parseJson(answer.body), 'MessageId'));
  return messageId === undefined
    ? { ok: false, reason: 'answer without MessageId' }
    : { ok: true, messageId };
}

/** Lets a received message reappear after so many seconds, before `deadline`, Unix time in ms. Never throws. */
export type DelayMessage = (receiptHandle: string, seconds: number, deadline: number) => Promise<AwsAnswer>;

/**
 * Delays messages with one `ChangeMessageVisibility` call each.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export function messageDelayer(queueUrl: string, region: string, endpoint?: string): DelayMessage {
  return (ReceiptHandle, VisibilityTimeout, deadline) =>
    callAws({
      service: 'sqs',
      target: 'AmazonSQS.ChangeMessageVisibility',
      protocol: 'application/x-amz-json-1.0',
      endpoint: endpoint ?? new URL('/', queueUrl).href,
      region,
      body: JSON.stringify({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout }),
      deadline,
    });
}

/** The endpoint of a service in the region and partition of a queue's URL: China has a domain of its own. */
export function endpointBesideQueue(queueUrl: string, service: string): string {
  return new URL('/', queueUrl).href.replace('//sqs.', `//${service}.`);
}
