import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { SampleSource } from '../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import type { FunctionRuntime } from '../../stack/function-runtime.ts';
import { sampleEvent } from '../../stack/samples/sample-event.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { signedSample } from '../../stack/samples/signed-sample.ts';
import { bundledFunction } from './bundled-function.ts';
import type { Fault } from './fault-proxy.ts';
import type { TestStores } from './stores.ts';
import { quickOrWhole } from './suite.ts';

/** What can go wrong with a store, by the words of the fault proxy. */
export const OUTAGES = quickOrWhole<readonly Fault[]>(
  ['stall after'],
  ['drop before', 'drop after', 'stall after', 'half answer', '503', 'throttle'],
);

/** Filler that makes a body of nearly 1 MiB, the largest of the contract, in bytes. */
export const LARGEST_FILLER = 1_040_000;

/** An answer of a function. */
export interface Answer {
  status: number;
  body: string;
}

/** The deployed function of a source, on its way to these stores; cold until it is first invoked. */
export function ingestFunction(source: SampleSource, stores: TestStores): Promise<FunctionRuntime> {
  return bundledFunction(source.name, {
    QUEUE_URL: stores.queueUrl,
    TABLE_NAME: stores.tableName,
    MAXIMUM_MESSAGE_BYTES: String(stores.maximumMessageBytes),
    AWS_ENDPOINT_URL_SQS: stores.sqsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: stores.dynamodbEndpoint,
    CALLBACK_SECRETS: JSON.stringify(sampleSecrets({})),
  });
}

/** A genuine callback whose body has at least this many bytes; a quarter of them compresses away. */
export function callbackOf(source: SampleSource, bytes = 0): { event: object; body: Buffer } {
  const [name = ''] = Object.keys(source.events);
  const filler = randomBytes(Math.ceil((bytes * 3) / 4))
    .toString('base64')
    .slice(0, bytes);
  const options = {
    now: Date.now(),
    nonce: String(randomBytes(4).readUInt32BE()),
    set: new Map([['filler', filler]]),
  };
  const sample = signedSample(source, name, sampleSecrets({}), options);
  if (!sample.ok) throw new Error(sample.reason);
  return { event: sampleEvent(source, sample.callback, Date.now()), body: sample.callback.body };
}

/** Invokes a function as the gateway does. */
export async function answerTo(runtime: FunctionRuntime, event: object): Promise<Answer> {
  const result = (await runtime.invoke(event)) as APIGatewayProxyStructuredResultV2;
  return { status: Number(result.statusCode), body: String(result.body) };
}

/** The source of each vendor that its recordings come from. */
export const ONE_SOURCE_EACH = ['rongcloud-recording', 'tencent', 'zego-recording'].map(
  (name) => SAMPLE_SOURCES.find((source) => source.name === name) as SampleSource,
);
