import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import aws4 from 'aws4';
import type { Environment } from '../lib/platform/environment.ts';
import { field, isObject, type Json, parseJson } from '../lib/platform/json.ts';
import { type LogGroups, newLines, pastLines, searchLines } from './cloudwatch-lines.ts';
import { CLIENT_SETTINGS, type Connection, type ConnectionOptions, createQueueUrls } from './connection.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';

/** The outputs of the CloudFormation stack: the URL of the read API, the base of callback URLs and their sources, the table. */
const READ_API_OUTPUT = 'HttpApiUrl';
const CALLBACK_OUTPUT = 'CallbackUrl';
const SOURCES_OUTPUT = 'CallbackSources';
const TABLE_OUTPUT = 'LedgerTableName';

/** The output with the function URL of a source, where callbacks come in by function URLs: by the framework's rule. */
function functionUrlOutput(source: string): string {
  const name = source.replaceAll('-', 'Dash');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunctionUrl`;
}

/** Functions in the template, by the framework's rule. */
const LOGICAL_IDS = { consumer: 'ConsumerLambdaFunction', watch: 'WatchLambdaFunction' } as const;

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
  const logGroups: LogGroups = { settings, prefix: `/aws/lambda/${prefix}-` };
  const withoutSlash = (text: string) => text.replace(/\/+$/, '');
  const urlOf = async (output: string) => withoutSlash(requiredOutput(await outputs(), output, prefix));

  async function receives({ name }: { name: string }): Promise<boolean> {
    const sources = url === undefined ? (await outputs()).get(SOURCES_OUTPUT) : undefined;
    return sources === undefined || sources.split(',').includes(name);
  }

  async function functionEnvironment(name: keyof typeof LOGICAL_IDS): Promise<Environment> {
    const { CloudFormationClient, GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
    const client = new CloudFormationClient(settings);
    const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: prefix }));
    const path = ['Resources', LOGICAL_IDS[name], 'Properties', 'Environment', 'Variables'];
    const variables = path.reduce<Json | undefined>(field, parseJson(TemplateBody));
    const entries = isObject(variables) ? Object.entries(variables) : [];
    return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string')) as Environment;
  }

  return {
    name: `stage ${stage}`,
    isLocal: false,
    sqs,
    dynamodb: new DynamoDBClient(settings),
    tableName: async () => requiredOutput(await outputs(), TABLE_OUTPUT, prefix),
    baseUrl: async () => (url === undefined ? urlOf(READ_API_OUTPUT) : withoutSlash(url)),
    receives,
    async callbackUrl({ name, path }) {
      if (url !== undefined) return withoutSlash(url) + path;
      if (!(await receives({ name }))) {
        const message = `The stage ${stage} does not receive callbacks of ${name}: see its parameter vendors.`;
        throw new CommandFailure(EXIT.notFound, message);
      }
      const functionUrl = (await outputs()).get(functionUrlOutput(name));
      return functionUrl === undefined ? (await urlOf(CALLBACK_OUTPUT)) + path : withoutSlash(functionUrl);
    },
    async signed(target, method, body) {
      const [credentials, signingRegion] = await Promise.all([sqs.config.credentials(), sqs.config.region()]);
      const { headers = {} } = aws4.sign(
        {
          service: 'execute-api',
          region: signingRegion,
          method,
          ...(body === undefined ? {} : { body }),
          host: target.host,
          path: target.pathname + target.search,
        },
        credentials,
      );
      return headers as Record<string, string>;
    },
    queueUrl: createQueueUrls(sqs, prefix),
    logLines: (selection) => newLines(logGroups, selection),
    pastLines: (selection) => pastLines(logGroups, selection),
    searchLines: (options) => searchLines(logGroups, options),
    tellRemoved: async () => {},
    functionEnvironment,
    async identity() {
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const { Arn = '' } = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
      return Arn;
    },
    secretsPlace: (vendor) => `parameter /rtc-callbacks/${stage}/${vendor}`,
    async storedSecrets(vendor) {
      const { SSMClient, GetParameterCommand, ParameterNotFound } = await import('@aws-sdk/client-ssm');
      const Name = `/rtc-callbacks/${stage}/${vendor}`;
      try {
        const command = new GetParameterCommand({ Name, WithDecryption: true });
        const { Parameter } = await new SSMClient(settings).send(command);
        return { text: Parameter?.Value ?? '', changedAt: Parameter?.LastModifiedDate?.getTime() };
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
  };
}

/** The outputs of a CloudFormation stack by name; looked up once, when one is first needed. */
function createStackOutputs(
  settings: CloudFormationClientConfig,
  stackName: string,
): () => Promise<ReadonlyMap<string, string>> {
  let outputs: Promise<ReadonlyMap<string, string>> | undefined;

  async function lookUp(): Promise<ReadonlyMap<string, string>> {
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const command = new DescribeStacksCommand({ StackName: stackName });
    const client = new CloudFormationClient(settings);
    const { Stacks: [stack] = [] } = await client.send(command).catch(async (error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      const region = await client.config.region();
      throw new CommandFailure(
        EXIT.unreachable,
        `The stack ${stackName} does not exist in the region ${region}. See --stage, --region, AWS_REGION and --profile.`,
      );
    });
    return new Map(stack?.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  return () => {
    outputs ??= lookUp();
    return outputs;
  };
}

/** Takes one output out of those of a stack. Throws a message for people when it is missing. */
function requiredOutput(outputs: ReadonlyMap<string, string>, name: string, stackName: string): string {
  const value = outputs.get(name);
  if (value !== undefined) return value;
  throw new CommandFailure(
    EXIT.unreachable,
    `The CloudFormation stack ${stackName} has no output ${name}. Is this version deployed to it? Else pass --url.`,
  );
}
