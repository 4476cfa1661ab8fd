/**
 * Rehearses a deployment without an AWS account: packages and lints every variant, deploys, deploys again and removes on
 * moto's AWS, and runs every function under AWS's runtime interface client. Parts whose programs are missing are skipped.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageTemplate } from '../build/package-service.ts';
import { forEachConcurrently } from '../lib/platform/concurrency.ts';
import { REGION, startAws } from './aws.ts';
import { rehearsalStage } from './deployment.ts';
import { rehearseFunctions } from './functions.ts';
import { lint, type Template } from './lint.ts';
import { runtimeClient } from './runtime.ts';
import { REGIONS, VARIANTS } from './variants.ts';

const CONCURRENT_PACKAGES = 2;

const NOT_SHOWN = `Not shown: whether the roles of IAM suffice, quotas, deletion policies, and how API Gateway, AWS WAF and function URLs behave.`;

/** Whether a program or a module of Python is there. */
const isThere = (program: string, ...args: string[]): Promise<boolean> =>
  promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );

async function rehearseVariants(directory: string): Promise<string[]> {
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    AWS_REGION: REGION,
  };
  const templates: Template[] = [];
  await forEachConcurrently(VARIANTS, CONCURRENT_PACKAGES, async (variant) => {
    const folder = await packageTemplate(
      join(directory, variant.name),
      'prod',
      environment,
      variant.parameters,
    );
    templates.push({ variant, file: join(folder, 'cloudformation-template-update-stack.json') });
  });
  console.log(`packaged  ${templates.length} variants`);
  if (!(await isThere('cfn-lint', '--version'))) {
    console.log('skipped   cfn-lint: "pip install cfn-lint" installs it');
    return [];
  }
  const findings = await lint(templates);
  if (findings.length === 0) console.log(`linted    for ${REGIONS.join(', ')}`);
  return findings;
}

async function rehearseStage(directory: string): Promise<string[]> {
  if (!(await isThere('python3', '-c', 'import moto.server'))) {
    console.log('skipped   deployment: "pip install \'moto[server]\'" installs what plays AWS');
    return [];
  }
  const aws = await startAws();
  try {
    const stage = await rehearsalStage(aws, directory);
    await stage.deploy({
      ...{ page: 'token', webhookUrl: 'https://example.com/hook' },
      ...{ storageCheck: 'on', confirmUploads: 'on', zegoQuery: 'on' },
    });
    await stage.checkUrls('http');
    console.log('deployed  the HTTP API');
    const failures = await rehearseRuntime();
    await stage.deploy({ gateway: 'rest', eventHistoryDays: '7' });
    await stage.checkUrls('rest');
    console.log('deployed  the REST API over it');
    await stage.deploy({ gateway: 'url', tracing: 'on', vendors: 'tencent,zego' });
    await stage.checkUrls('url', ['tencent', 'zego']);
    console.log('deployed  function URLs of two vendors over it');
    await stage.remove();
    console.log('removed   the stage but for its table');
    return failures;

    async function rehearseRuntime(): Promise<string[]> {
      const client = runtimeClient();
      if (client === undefined) {
        console.log(
          'skipped   functions: "npm install --no-save aws-lambda-ric" installs what runs them (needs cmake and g++)',
        );
        return [];
      }
      const functions = await stage.functions();
      const wrong = await rehearseFunctions(client, functions, aws);
      console.log(`ran       ${functions.length} functions`);
      return wrong;
    }
  } finally {
    aws.stop();
  }
}

const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-rehearsal-'));
try {
  const failures = [
    ...(await rehearseVariants(join(directory, 'variants'))),
    ...(await rehearseStage(join(directory, 'stage')).catch((error: Error) => [error.message])),
  ];
  for (const failure of failures) console.error(`failed    ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
  console.log(NOT_SHOWN);
} finally {
  await rm(directory, { recursive: true, force: true });
}
