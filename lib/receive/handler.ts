import type { Context } from 'aws-lambda';
import type { Vendor, Verify } from '../callback/callback.ts';
import { cachedParameter } from '../platform/aws/cached-parameter.ts';
import {
  type GatewayEvent,
  type GatewayResult,
  type RestEvent,
  requestOf,
  resultOf,
} from '../platform/aws/gateway.ts';
import { type ReadParameter, readParameter } from '../platform/aws/parameter.ts';
import { tableWriter } from '../platform/aws/table-writer.ts';
import { traceHeader, traceIdOf } from '../platform/aws/trace.ts';
import { type Environment, numberOr, required } from '../platform/environment.ts';
import { createLog } from '../platform/log.ts';
import { MAXIMUM_MESSAGE_BYTES } from '../queue/envelope.ts';
import { endpointBesideQueue, queueSender } from '../queue/queue.ts';
import { createEnvelopeStore } from '../queue/store.ts';
import { ingest } from './receive.ts';
import { parseSecrets, readVariable } from './secrets.ts';
import { ingestSettings } from './settings.ts';
import { appsThatShareSecrets } from './shared-secrets.ts';

/**
 * The Lambda handler of one callback source of a vendor: `SOURCE` names it. It is wired to the queue, the table and the
 * secrets that the environment names: `QUEUE_URL`, `TABLE_NAME`, and `SECRETS_PARAMETER` (SSM) or, outside AWS,
 * `CALLBACK_SECRETS`; `MAXIMUM_MESSAGE_BYTES` is the queue's; see `ingestSettings` for the others. Throws at load when the environment is incomplete or wrong.
 */
export function createIngestHandler(
  vendor: Vendor,
  verify: Verify,
  environment: Environment = process.env,
): (event: GatewayEvent | RestEvent, context?: Context) => Promise<GatewayResult> {
  const source = { name: required(environment, 'SOURCE'), verify };
  const region = required(environment, 'AWS_REGION');
  const trace = traceHeader(environment);
  const queueUrl = required(environment, 'QUEUE_URL');
  const send = queueSender(queueUrl, region, environment.AWS_ENDPOINT_URL_SQS, trace);
  const tableEndpoint = environment.AWS_ENDPOINT_URL_DYNAMODB ?? endpointBesideQueue(queueUrl, 'dynamodb');
  const put = tableWriter(required(environment, 'TABLE_NAME'), region, tableEndpoint);
  const maximumMessageBytes = numberOr(environment, 'MAXIMUM_MESSAGE_BYTES', MAXIMUM_MESSAGE_BYTES);
  const log = createLog(environment);
  let loggedApps = '';
  const parse = (text: string) => {
    const result = parseSecrets(text);
    const groups = result.ok ? appsThatShareSecrets(result.secrets) : [];
    const apps = groups.map((group) => group.join(', ')).join('; ');
    // Locally `npm start` says so; here it is said once, and again when the apps are others.
    if (!environment.CALLBACK_SECRETS && apps !== loggedApps)
      log('warn', 'shared_secrets', { source: source.name, apps });
    loggedApps = apps;
    return result;
  };
  const services = {
    secrets: cachedParameter(secretsReader(vendor, region, environment), parse, Date.now),
    store: createEnvelopeStore({ send, put, now: Date.now, maximumMessageBytes }),
    settings: ingestSettings(environment),
    log,
    now: Date.now,
  };
  return async (event, context) => {
    const ids = { requestId: context?.awsRequestId, traceId: traceIdOf(trace?.()) };
    return resultOf(await ingest(source, requestOf(event), services, ids));
  };
}

function secretsReader(vendor: Vendor, region: string, environment: Environment): ReadParameter {
  const variable = environment.CALLBACK_SECRETS;
  if (variable) return readVariable(variable, vendor);
  const endpoint =
    environment.AWS_ENDPOINT_URL_SSM ?? endpointBesideQueue(required(environment, 'QUEUE_URL'), 'ssm');
  return readParameter(required(environment, 'SECRETS_PARAMETER'), region, endpoint);
}
