import { sampleSecrets } from '../stack/samples/secrets.ts';
import type { PackagedService } from './packaged.ts';

/** What Lambda sets. DynamoDB Local has a database for each access key. */
const LAMBDA = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** The environment of the ingest function `name`: as it is deployed, with its queue and its table at `origin`. */
export function ingestEnvironment(
  service: PackagedService,
  name: string,
  origin: string,
): Record<string, string> {
  return {
    ...LAMBDA,
    ...service.environmentOf(name),
    AWS_ENDPOINT_URL_SQS: origin,
    AWS_ENDPOINT_URL_DYNAMODB: origin,
    QUEUE_URL: `${origin}/000000000000/callbacks`,
    TABLE_NAME: 'ledger',
    CALLBACK_SECRETS: JSON.stringify(sampleSecrets({})),
  };
}

/** The environment of the consumer, and of the read API: as it is deployed, with its table at `endpoint`. */
export function tableEnvironment(
  service: PackagedService,
  name: 'consumer' | 'query',
  endpoint: string,
  tableName = 'ledger',
): Record<string, string> {
  return {
    ...LAMBDA,
    ...service.environmentOf(name),
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    TABLE_NAME: tableName,
    QUEUE_URL: 'http://127.0.0.1:9/000000000000/callbacks',
    QUARANTINE_QUEUE_URL: 'http://127.0.0.1:9/000000000000/quarantine',
  };
}
