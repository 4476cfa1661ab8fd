import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageService, packageTemplate } from '../../build/package-service.ts';
import { forEachConcurrently } from '../../lib/platform/concurrency.ts';
import { NO_ACCOUNT, VARIANTS, type VariantName } from './package-variants.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folders of the packaged variants, on a machine that has no AWS account. */
    packages: Record<VariantName, string>;
  }
}

const CONCURRENT_PACKAGES = 2;

/** Packages every variant once for all the tests that look at it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-package-'));
  const packages = {} as Record<VariantName, string>;
  await forEachConcurrently(Object.keys(VARIANTS) as VariantName[], CONCURRENT_PACKAGES, async (name) => {
    const { stage, parameters, ...options } = VARIANTS[name];
    const packaging = 'hasCode' in options ? packageService : packageTemplate;
    packages[name] = await packaging(join(directory, name), stage, NO_ACCOUNT, parameters);
  });
  project.provide('packages', packages);
  return () => rm(directory, { recursive: true, force: true });
}
