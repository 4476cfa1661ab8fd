import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import aws4 from 'aws4';
import type { Environment } from '../lib/platform/environment.ts';
import { field, isObject, type Json, parseJson } from '../lib/platform/json.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { deployedLines } from './deployed-lines.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';
import { createQueueUrls } from './queue-urls.ts';

/** The output of the CloudFormation stack that names the HTTP API. */
const URL_OUTPUT = 'HttpApiUrl';

/** The consumer in its template. */
const CONSUMER = 'ConsumerLambdaFunction';

/** Connects to a deployed stage with the SDK's usual chain of credentials. */
export function connectDeployed({
  stage,
  region,
  profile,
  url,
}: ConnectionOptions & { stage: string }): Connection {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(stage))
    throw wrongUsage(`--stage takes a stage's name, not "${stage}"`);
  // The environment is where every part of the SDK looks, that for the region included.
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const prefix = `rtc-callbacks-${stage}`;
  const settings = { ...CLIENT_SETTINGS, ...(region === undefined ? {} : { region }) };
  // An endpoint that the environment names holds for queues too.
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  let base: Promise<string> | undefined;

  async function lookUpBase(): Promise<string> {
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const client = new CloudFormationClient(settings);
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: prefix }));
    const output = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === URL_OUTPUT)?.OutputValue;
    if (output === undefined) {
      throw new CommandFailure(
        EXIT.unreachable,
        `The CloudFormation stack ${prefix} has no output ${URL_OUTPUT}. Is its deployment complete? Else pass --url.`,
      );
    }
    return output.replace(/\/+$/, '');
  }

  async function consumerEnvironment(): Promise<Environment> {
    const { CloudFormationClient, GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
    const client = new CloudFormationClient(settings);
    const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: prefix }));
    const path = ['Resources', CONSUMER, 'Properties', 'Environment', 'Variables'];
    const variables = path.reduce<Json | undefined>(field, parseJson(TemplateBody));
    const entries = isObject(variables) ? Object.entries(variables) : [];
    return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string')) as Environment;
  }

  return {
    name: `stage ${stage}`,
    isLocal: false,
    sqs,
    dynamodb: new DynamoDBClient(settings),
    tableName: `${prefix}-ledger`,
    baseUrl() {
      base ??= url === undefined ? lookUpBase() : Promise.resolve(url.replace(/\/+$/, ''));
      return base;
    },
    async signed(target) {
      const [credentials, signingRegion] = await Promise.all([sqs.config.credentials(), sqs.config.region()]);
      const { headers = {} } = aws4.sign(
        {
          service: 'execute-api',
          region: signingRegion,
          method: 'GET',
          host: target.host,
          path: target.pathname + target.search,
        },
        credentials,
      );
      return headers as Record<string, string>;
    },
    queueUrl: createQueueUrls(sqs, prefix),
    logLines: (selection) => deployedLines(settings, `/aws/lambda/${prefix}-`, selection),
    tellRemoved: async () => {},
    consumerEnvironment,
    secretsPlace: (vendor) => `parameter /rtc-callbacks/${stage}/${vendor}`,
    async secretsText(vendor) {
      const { SSMClient, GetParameterCommand, ParameterNotFound } = await import('@aws-sdk/client-ssm');
      const Name = `/rtc-callbacks/${stage}/${vendor}`;
      try {
        const command = new GetParameterCommand({ Name, WithDecryption: true });
        return (await new SSMClient(settings).send(command)).Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
  };
}
