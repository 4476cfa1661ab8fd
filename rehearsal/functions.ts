import { isDeepStrictEqual } from 'node:util';
import type { SQSBatchResponse } from 'aws-lambda';
import type { SampleSource } from '../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { streamFixture } from '../stack/samples/fixtures.ts';
import { sampleEvent } from '../stack/samples/sample-event.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { signedSample } from '../stack/samples/signed-sample.ts';
import type { Aws } from './aws.ts';
import { type DeployedFunction, invoke } from './runtime.ts';

/** How often the consumer may hand a message back. */
const ATTEMPTS = 5;

/** A message as Lambda hands it to a function. */
interface Message {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
}

/**
 * Gives every function an event of its kind: a signed callback to each that receives them, what they have queued to the
 * consumer, and to the others what Lambda would. Resolves to what went wrong.
 */
export async function rehearseFunctions(
  client: string,
  functions: readonly DeployedFunction[],
  aws: Aws,
): Promise<string[]> {
  const failures: string[] = [];
  const byName = new Map(functions.map((definition) => [definition.name, definition]));

  async function expectAnswer(name: string, event: object, expected: object): Promise<void> {
    const definition = byName.get(name);
    if (definition === undefined) return void failures.push(`${name} is not deployed`);
    byName.delete(name);
    try {
      const answer = await invoke(client, definition, event);
      const fields = new Map(Object.entries(answer ?? {}));
      const found = Object.fromEntries(Object.keys(expected).map((key) => [key, fields.get(key)]));
      if (!isDeepStrictEqual(found, expected))
        failures.push(`${name} returned ${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }

  /** What the consumer hands back comes again, as on AWS: moto may be too slow for all of it at once. */
  async function expectApplied(records: readonly Message[]): Promise<void> {
    const consumer = byName.get('consumer');
    if (consumer === undefined) return void failures.push('consumer is not deployed');
    byName.delete('consumer');
    let left = records;
    for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt += 1) {
      const { batchItemFailures } = (await invoke(client, consumer, { Records: left })) as SQSBatchResponse;
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      left = left.filter(({ messageId }) => failed.has(messageId));
    }
    // A function that waits for moto in vain sends its message twice.
    const applied = new Set(records.filter((record) => !left.includes(record)).map(sourceOf));
    if (applied.size !== SAMPLE_SOURCES.length || left.length > 0)
      failures.push(`consumer applied callbacks of ${[...applied]} and left ${left.length}`);
  }

  for (const source of SAMPLE_SOURCES)
    await expectAnswer(source.name, signedEvent(source), { statusCode: 200, body: '{"code":0}' });
  const queueUrl = byName.get('drain')?.environment.QUEUE_URL ?? '';
  // What moto was too slow for is in the table.
  await expectAnswer('drain', {}, {});
  await expectApplied(await queued(aws, queueUrl));
  await expectAnswer('changes', streamFixture(), { batchItemFailures: [] });
  await expectAnswer('webhook', { Records: [] }, { batchItemFailures: [] });
  await expectAnswer('watch', {}, {});
  await expectAnswer('storage-check', {}, { apps: {} });
  await expectAnswer('zego-query', {}, { apps: {} });
  await expectAnswer('unknown-path', requestEvent('/wrong'), { statusCode: 404 });
  await expectAnswer('write', requestEvent('/attention/dismiss', 'POST'), { statusCode: 400 });
  await expectAnswer('query', requestEvent('/attention'), { statusCode: 200 });
  await expectAnswer('page', requestEvent('/'), { statusCode: 401 });
  return [...failures, ...[...byName.keys()].map((name) => `${name} was given no event`)];
}

/** The first sample of a source, signed and received now: the consumer takes no old ones. */
function signedEvent(source: SampleSource): object {
  const now = Date.now();
  const [name = ''] = Object.keys(source.events);
  const sample = signedSample(source, name, sampleSecrets({}), { now, nonce: String(now) });
  if (!sample.ok) throw new Error(sample.reason);
  return sampleEvent(source, sample.callback, now);
}

/** The messages of a queue as Lambda hands them to a function. */
async function queued(aws: Aws, QueueUrl: string): Promise<Message[]> {
  const records: Message[] = [];
  for (;;) {
    const { Messages = [] } = await aws.call('sqs', 'AmazonSQS.ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
    });
    if (Messages.length === 0) return records;
    for (const { MessageId, ReceiptHandle, Body } of Messages) {
      const attributes = { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) };
      records.push({ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes });
    }
  }
}

function sourceOf({ body }: Message): string {
  return JSON.parse(body).source;
}

/** A request without parameters and body to the HTTP API. */
function requestEvent(path: string, method = 'GET'): object {
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: {},
    requestContext: { http: { method, path, sourceIp: '203.0.113.7' }, timeEpoch: Date.now() },
    isBase64Encoded: false,
  };
}
