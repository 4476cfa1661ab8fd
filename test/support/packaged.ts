import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { VariantName } from './package-variants.ts';

/** A resource of a CloudFormation template. */
export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of CloudFormation resources have no common shape.
  Properties: Record<string, any>;
}

/** What `serverless package` has made of a variant. */
export interface PackagedService {
  resources: Record<string, Resource>;
  conditions: object;
  outputs: Record<string, object>;
  /** The folder with the functions' zips, which have code in the variant `full` only. */
  folder: string;
}

export async function packaged(variant: VariantName): Promise<PackagedService> {
  const folder = inject('packages')[variant];
  const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  const { Resources: resources, Conditions: conditions = {}, Outputs: outputs = {} } = JSON.parse(text);
  return { resources, conditions, outputs, folder };
}
