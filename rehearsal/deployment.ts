import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT, runInCopy } from '../build/package-service.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import type { Aws } from './aws.ts';
import type { DeployedFunction } from './runtime.ts';

const run = promisify(execFile);

const STAGE = 'rehearsal';
const STACK = `rtc-callbacks-${STAGE}`;

/** What a gateway's callback URLs look like on AWS. */
const CALLBACK_URLS: Record<string, RegExp> = {
  http: /^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/callbacks\//,
  rest: /^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/rehearsal\/callbacks\//,
  url: /^https:\/\/\w+\.lambda-url\.us-east-1\.on\.aws$/,
};

/** A stage that is deployed to AWS as moto plays it. */
export interface Stage {
  /** Deploys with these parameters, the second time over what is there. Throws the framework's output when it fails. */
  deploy(parameters: Readonly<Record<string, string>>): Promise<void>;
  /** Throws unless `rtc-callbacks urls` prints a URL of the gateway for every source of these vendors, each another one. */
  checkUrls(gateway: string, vendors?: readonly string[]): Promise<void>;
  /** The functions as they were deployed last, unpacked. */
  functions(): Promise<DeployedFunction[]>;
  /** Protects the table from deletion and removes the stage. Throws when functions are left, or the table is not. */
  remove(): Promise<void>;
}

/** The stage of the rehearsal; its packages are made in `directory`. The parameter store has the sample secrets. */
export async function rehearsalStage(aws: Aws, directory: string): Promise<Stage> {
  const parameters = {
    ...sampleSecrets({}),
    ...{ 'page-token': ['a token that nobody knows'], storage: {}, 'zego-server-secrets': {} },
  };
  for (const [name, value] of Object.entries(parameters)) {
    const parameter = { Name: `/rtc-callbacks/${STAGE}/${name}`, Value: JSON.stringify(value) };
    await aws.call('ssm', 'AmazonSSM.PutParameter', { ...parameter, Type: 'SecureString' });
  }
  const service = join(directory, 'service');

  async function tables(): Promise<string[]> {
    return (await aws.call('dynamodb', 'DynamoDB_20120810.ListTables', {})).TableNames;
  }

  return {
    async deploy(parameters) {
      const chosen = Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
      await runInCopy(service, ['deploy', '--stage', STAGE, ...chosen], aws.environment);
    },

    async checkUrls(gateway, vendors = VENDOR_NAMES) {
      const tool = join(PROJECT, 'cli', 'main.ts');
      const args = [tool, 'urls', '--stage', STAGE, '--json'];
      const { stdout } = await run(process.execPath, args, { env: aws.environment });
      const urls = (JSON.parse(stdout) as { urls: { url: string }[] }).urls.map(({ url }) => url);
      const wrong = urls.filter((url) => !CALLBACK_URLS[gateway]?.test(url));
      if (wrong.length > 0)
        throw new Error(`These are no URLs of the gateway ${gateway}: ${wrong.join(' ')}`);
      const different = new Set(urls).size;
      const sources = SAMPLE_SOURCES.filter(({ vendor }) => vendors.includes(vendor)).length;
      if (different !== sources) throw new Error(`${different} URLs for ${sources} sources`);
    },

    async functions() {
      const { Functions } = await aws.get('lambda', '/2015-03-31/functions/');
      return Promise.all(
        (Functions as LambdaFunction[]).map(async ({ FunctionName, Handler, Environment }) => {
          const name = FunctionName.replace(`${STACK}-`, '');
          const unpacked = join(directory, 'functions', name);
          await mkdir(unpacked, { recursive: true });
          const zip = join(service, '.serverless', `${name}.zip`);
          await run('python3', ['-m', 'zipfile', '--extract', zip, unpacked]);
          const environment = {
            ...aws.environment,
            ...ofMoto(Environment.Variables, aws),
            ...endpointsOf(aws),
          };
          return { name, handler: Handler, directory: unpacked, environment };
        }),
      );
    },

    async remove() {
      const [TableName, ...others] = await tables();
      if (TableName === undefined || others.length > 0) throw new Error('There is not one table.');
      await aws.call('dynamodb', 'DynamoDB_20120810.UpdateTable', {
        TableName,
        DeletionProtectionEnabled: true,
      });
      await runInCopy(service, ['remove', '--stage', STAGE], aws.environment);
      const { Functions } = await aws.get('lambda', '/2015-03-31/functions/');
      if (Functions.length > 0) throw new Error(`${Functions.length} functions are left`);
      if (!(await tables()).includes(TableName)) throw new Error('The table went with its stage.');
    },
  };
}

interface LambdaFunction {
  FunctionName: string;
  Handler: string;
  Environment: { Variables: Record<string, string> };
}

/** Variables whose URLs of queues lead to moto. */
function ofMoto(variables: Record<string, string>, { environment }: Aws): NodeJS.ProcessEnv {
  const entries = Object.entries(variables).map(([name, value]) => [
    name,
    value.replace(/^https:\/\/sqs\.[\w-]+\.amazonaws\.com/, environment.AWS_ENDPOINT_URL ?? ''),
  ]);
  return Object.fromEntries(entries);
}

/** Where functions that talk to AWS without the SDK find it, instead of where the template says that it is. */
function endpointsOf({ environment }: Aws): NodeJS.ProcessEnv {
  const variables = [
    'AWS_ENDPOINT_URL_SQS',
    'AWS_ENDPOINT_URL_SSM',
    'AWS_ENDPOINT_URL_DYNAMODB',
    'EVENTS_URL',
    'SNS_URL',
  ];
  return Object.fromEntries(variables.map((name) => [name, environment.AWS_ENDPOINT_URL]));
}
