import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import aws4 from 'aws4';
import type { Environment } from '../lib/platform/environment.ts';
import { field, isObject, type Json, parseJson } from '../lib/platform/json.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { deployedLines } from './deployed-lines.ts';
import { wrongUsage } from './failure.ts';
import { createQueueUrls } from './queue-urls.ts';
import { createStackOutputs, requiredOutput } from './stack-outputs.ts';

/** The outputs of the CloudFormation stack: the URL of the read API, and what callback URLs begin with. */
const READ_API_OUTPUT = 'HttpApiUrl';
const CALLBACK_OUTPUT = 'CallbackUrl';

/** The output with the function URL of a source, where callbacks come in by function URLs: by the framework's rule. */
function functionUrlOutput(source: string): string {
  const name = source.replaceAll('-', 'Dash');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunctionUrl`;
}

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
  const outputs = createStackOutputs(settings, prefix);
  const withoutSlash = (text: string) => text.replace(/\/+$/, '');
  const urlOf = async (output: string) => withoutSlash(requiredOutput(await outputs(), output, prefix));

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
    baseUrl: async () => (url === undefined ? urlOf(READ_API_OUTPUT) : withoutSlash(url)),
    async callbackUrl({ name, path }) {
      if (url !== undefined) return withoutSlash(url) + path;
      const functionUrl = (await outputs()).get(functionUrlOutput(name));
      return functionUrl === undefined ? (await urlOf(CALLBACK_OUTPUT)) + path : withoutSlash(functionUrl);
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
