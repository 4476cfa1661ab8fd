import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle } from '../../build/bundle.ts';
import { VENDOR_NAMES } from '../../lib/vendors/facts.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { type PackagedService, packaged } from '../support/packaged.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The largest zips, in bytes. What is loaded is what a start takes: see docs/performance.md. */
const INGEST_ZIP_BYTES = 12_000;
const CHANGES_ZIP_BYTES = 20_000;
const CONSUMER_ZIP_BYTES = 98_000;
const QUERY_ZIP_BYTES = 82_000;
const PAGE_ZIP_BYTES = 120_000;

/** Of these scopes the consumer and the read API use the SDK; `mnemonist` and `obliterator` come with it. */
const SDK_PACKAGES = /^(@aws-sdk\/|@aws\/|@smithy\/|mnemonist$|obliterator$)/;

describe('the packaged functions', () => {
  let service: PackagedService;
  let names: string[] = [];
  let bundles: ReadonlyMap<string, Bundle> = new Map();

  beforeAll(async () => {
    service = await packaged('full');
    names = (await readdir(join(PROJECT, 'handlers'))).map((file) => basename(file, '.ts'));
    bundles = new Map((await bundle(names, PROJECT)).map((one) => [one.name, one]));
  });

  const zipBytes = async (name: string): Promise<number> =>
    (await stat(join(service.folder, `${name}.zip`))).size;

  test.each([...SOURCES.keys()])('the zip of %s is small', async (name) => {
    expect(await zipBytes(name)).toBeLessThanOrEqual(INGEST_ZIP_BYTES);
  });

  test('so are those of the change events, the consumer, the read API and the page', async () => {
    expect(await zipBytes('changes')).toBeLessThanOrEqual(CHANGES_ZIP_BYTES);
    expect(await zipBytes('webhook')).toBeLessThanOrEqual(CHANGES_ZIP_BYTES);
    expect(await zipBytes('consumer')).toBeLessThanOrEqual(CONSUMER_ZIP_BYTES);
    expect(await zipBytes('query')).toBeLessThanOrEqual(QUERY_ZIP_BYTES);
    expect(await zipBytes('page')).toBeLessThanOrEqual(PAGE_ZIP_BYTES);
  });

  test('a function that a vendor waits for has one package in it: the signer', () => {
    expect(VENDOR_NAMES.map((name) => bundles.get(name)?.packages)).toEqual(VENDOR_NAMES.map(() => ['aws4']));
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
