import type { Context } from 'aws-lambda';
import type { Vendor } from './callback.ts';
import { type Environment, required } from './environment.ts';
import { type GatewayEvent, type GatewayResult, requestOf, resultOf } from './gateway.ts';
import { type IngestSource, ingest } from './ingest.ts';
import { logLine } from './log.ts';
import { queueSender } from './queue.ts';
import { createSecretStore, type ReadSecrets, readParameter, readVariable } from './secrets.ts';

/**
 * The Lambda handler of one callback source, wired to the queue and the secrets that the environment names:
 * `QUEUE_URL`, and `SECRETS_PARAMETER` (SSM) or, outside AWS, `CALLBACK_SECRETS`.
 * Throws at load when the environment is incomplete.
 */
export function createIngestHandler(
  source: IngestSource & { vendor: Vendor },
  environment: Environment = process.env,
): (event: GatewayEvent, context?: Context) => Promise<GatewayResult> {
  const region = required(environment, 'AWS_REGION');
  const services = {
    secrets: createSecretStore(secretsReader(source.vendor, region, environment)),
    send: queueSender(required(environment, 'QUEUE_URL'), region, environment.AWS_ENDPOINT_URL_SQS),
    log: logLine,
    now: Date.now,
  };
  return async (event, context) =>
    resultOf(await ingest(source, requestOf(event), services, context?.awsRequestId));
}

function secretsReader(vendor: Vendor, region: string, environment: Environment): ReadSecrets {
  const variable = environment.CALLBACK_SECRETS;
  if (variable) return readVariable(variable, vendor);
  // The partition of the queue's URL is that of the parameter store: China has a domain of its own.
  const partitionEndpoint = new URL('/', required(environment, 'QUEUE_URL')).href.replace('//sqs.', '//ssm.');
  const endpoint = environment.AWS_ENDPOINT_URL_SSM ?? partitionEndpoint;
  return readParameter(required(environment, 'SECRETS_PARAMETER'), region, endpoint);
}
