import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { packageTemplate } from '../../build/package-service.ts';

/** A resource of a CloudFormation template. */
export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of CloudFormation resources have no common shape.
  Properties: Record<string, any>;
}

/** What `serverless package` makes of a stage on a machine that has no AWS account, until `remove`. */
export interface PackagedService {
  resources: Record<string, Resource>;
  conditions: object;
  outputs: Record<string, object>;
  /** The folder with the functions' zips. */
  folder: string;
  remove(): Promise<void>;
}

/** What a machine that has no AWS account gives the framework. */
export const NO_ACCOUNT = {
  AWS_REGION: 'us-east-1',
  PATH: process.env.PATH,
  HOME: tmpdir(),
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
};

/** The service packaged for a stage, with other values for its parameters and then without the functions' code. */
export async function packaged(
  stage: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<PackagedService> {
  if (stage === 'prod' && Object.keys(parameters).length === 0) {
    return { ...(await readTemplate(inject('productionPackage'))), remove: async () => {} };
  }
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-package-'));
  const folder = await packageTemplate(join(directory, 'service'), stage, NO_ACCOUNT, parameters);
  return {
    ...(await readTemplate(folder)),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function readTemplate(folder: string): Promise<Omit<PackagedService, 'remove'>> {
  const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  const { Resources: resources, Conditions: conditions = {}, Outputs: outputs = {} } = JSON.parse(text);
  return { resources, conditions, outputs, folder };
}
