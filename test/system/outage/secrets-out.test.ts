import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { sampleSecrets } from '../../../stack/samples/secrets.ts';
import { bundledFunction } from '../../support/bundled-function.ts';
import { answerTo, callbackOf, ONE_SOURCE_EACH } from '../../support/outage.ts';

const PARAMETER = '/rtc-callbacks/test/tencent';
const SECRETS = JSON.stringify(sampleSecrets({}).tencent);

const source = ONE_SOURCE_EACH[1];
if (source === undefined) throw new Error('There is no such source.');

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** What answers instead of the parameter store, the queue and the table, over real HTTP. */
async function answerBehind(listener: RequestListener) {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const runtime = await bundledFunction('tencent', {
    QUEUE_URL: `${origin}/000000000000/callbacks`,
    TABLE_NAME: 'ledger',
    SECRETS_PARAMETER: PARAMETER,
    AWS_ENDPOINT_URL_SSM: origin,
    AWS_ENDPOINT_URL_DYNAMODB: origin,
  });
  const answer = await answerTo(runtime, callbackOf(source as NonNullable<typeof source>).event);
  await runtime.stop();
  return answer;
}

test('503 when the parameter store never answers', async () => {
  const answer = await answerBehind(() => {});
  expect([answer.status, answer.body]).toEqual([503, '{"code":503,"reason":"secrets_unavailable"}']);
});

test('503 when it is slow and no store ever answers', async () => {
  const answer = await answerBehind((request, response) => {
    const parameter = { Parameter: { Value: SECRETS } };
    if (String(request.headers['x-amz-target']).endsWith('GetParameter'))
      setTimeout(() => response.end(JSON.stringify(parameter)), 1_000);
  });
  expect([answer.status, answer.body]).toEqual([503, '{"code":503,"reason":"stores_unavailable"}']);
});

test('secrets come from the parameter store, decrypted', async () => {
  const asked: string[] = [];
  const answer = await answerBehind((request, response) => {
    request.on('data', (chunk: Buffer) => asked.push(chunk.toString('utf8')));
    request.on('end', () => {
      const isParameter = request.headers['x-amz-target'] === 'AmazonSSM.GetParameter';
      response.end(JSON.stringify(isParameter ? { Parameter: { Value: SECRETS } } : { MessageId: 'm-1' }));
    });
  });
  expect(answer.status).toBe(200);
  expect(JSON.parse(asked[0] ?? '')).toEqual({ Name: PARAMETER, WithDecryption: true });
});
