import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Bundle, bundle } from '../../build/bundle.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type PackagedService, packaged } from '../support/packaged.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The largest zips, in bytes. What is loaded is what a start takes: see docs/performance.md. */
const INGEST_ZIP_BYTES = 12_000;
const CONSUMER_ZIP_BYTES = 90_000;
const QUERY_ZIP_BYTES = 75_000;

const INGEST = SAMPLE_SOURCES.map(({ name }) => name);

/** Of these scopes the consumer and the read API use the SDK; `mnemonist` and `obliterator` come with it. */
const SDK_PACKAGES = /^(@aws-sdk\/|@aws\/|@smithy\/|mnemonist$|obliterator$)/;

describe('the packaged functions', () => {
  let service: PackagedService;
  let names: string[] = [];
  let bundles: ReadonlyMap<string, Bundle> = new Map();

  beforeAll(async () => {
    service = await packaged('prod');
    const definition = parse(await readFile(join(PROJECT, 'serverless.yml'), 'utf8'), { logLevel: 'error' });
    names = Object.keys(definition.functions);
    bundles = new Map((await bundle(names, PROJECT)).map((one) => [one.name, one]));
  });

  afterAll(() => service.remove());

  const zipBytes = async (name: string): Promise<number> =>
    (await stat(join(service.folder, `${name}.zip`))).size;

  test.each(INGEST)('the zip of %s is small', async (name) => {
    expect(await zipBytes(name)).toBeLessThanOrEqual(INGEST_ZIP_BYTES);
  });

  test('so are those of the consumer and the read API', async () => {
    expect(await zipBytes('consumer')).toBeLessThanOrEqual(CONSUMER_ZIP_BYTES);
    expect(await zipBytes('query')).toBeLessThanOrEqual(QUERY_ZIP_BYTES);
  });

  test('a function that a vendor waits for has one package in it: the signer', () => {
    expect(INGEST.map((name) => bundles.get(name)?.packages)).toEqual(INGEST.map(() => ['aws4']));
  });

  test('the other functions have the SDK or the signer, and none of the SDK’s ways to find credentials', () => {
    for (const name of names) {
      const packages = bundles.get(name)?.packages ?? [];
      const others = packages.filter((one) => !SDK_PACKAGES.test(one) && one !== 'aws4');
      expect([name, others]).toEqual([name, name === 'page' ? ['hono'] : []]);
      expect(packages.filter((one) => one.includes('credential-provider'))).toEqual([]);
    }
  });
});
