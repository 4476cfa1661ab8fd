import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readVariable } from '../lib/receive/secrets.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { wrongUsage } from './failure.ts';
import { localLines } from './local-lines.ts';
import { createQueueUrls } from './queue-urls.ts';

const PREFIX = 'rtc-callbacks-local';

/** Connects to the stack of `npm start`. */
export function connectLocal({ url }: ConnectionOptions): Connection {
  const base = (url ?? `http://127.0.0.1:${process.env.PORT || 3000}`).replace(/\/+$/, '');
  if (!URL.canParse(base)) throw wrongUsage(`--url takes a URL, not "${base}"`);
  const settings = {
    ...CLIENT_SETTINGS,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const sqs = new SQSClient({ ...settings, endpoint: `${base}/aws/sqs` });
  const dynamodb = new DynamoDBClient({ ...settings, endpoint: `${base}/aws/dynamodb` });
  return {
    name: `the local stack at ${base}`,
    isLocal: true,
    sqs,
    dynamodb,
    tableName: `${PREFIX}-ledger`,
    baseUrl: async () => base,
    callbackUrl: async ({ path }) => base + path,
    signed: async () => ({}),
    queueUrl: createQueueUrls(sqs, PREFIX),
    logLines: (selection) => localLines(base, selection),
    async tellRemoved(loggedId) {
      const url = `${base}/local/removed?${new URLSearchParams({ messageId: loggedId })}`;
      // It is removed all the same.
      await fetch(url, { method: 'POST' }).catch(() => {});
    },
    consumerEnvironment: async () => process.env,
    secretsPlace: () => 'CALLBACK_SECRETS',
    async secretsText(vendor) {
      const variable = process.env.CALLBACK_SECRETS || JSON.stringify(sampleSecrets({}));
      const answer = await readVariable(variable, vendor)();
      if (!answer.ok) throw wrongUsage(answer.reason);
      return answer.body;
    },
  };
}
