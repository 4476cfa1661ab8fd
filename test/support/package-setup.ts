import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageService } from '../../build/package-service.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the service as it is packaged for the stage `prod`, on a machine that has no AWS account. */
    productionPackage: string;
  }
}

/** Packages the service once for all the tests that look at it as it is. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-package-'));
  const environment = {
    AWS_REGION: 'us-east-1',
    PATH: process.env.PATH,
    HOME: tmpdir(),
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  };
  project.provide('productionPackage', await packageService(join(directory, 'service'), 'prod', environment));
  return () => rm(directory, { recursive: true, force: true });
}
