import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COMPILED, type CompiledService, localService } from '../../build/local-service.ts';
import { NO_ACCOUNT } from '../support/package-variants.ts';

/** The variables of the functions, as text. */
function variables({ resources }: CompiledService): string {
  return JSON.stringify(Object.values(resources).map(({ Properties }) => Properties?.Environment));
}

it('is compiled once for the same configuration, for any port, and bundled each time', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-package-'));
  const [service, bundle] = [join(directory, 'service'), join(directory, 'service/.build/zego.cjs')];
  const secrets = {
    FORWARD_URL: 'http://one.example',
    CALLBACK_SECRETS: '{"zego":{"1":["a \\"planted-secret\\" one"]}}',
  };
  const environment = { ...NO_ACCOUNT, ...secrets };
  try {
    const first = await localService(service, 4001, environment);
    expect(variables(first)).toContain('"http://127.0.0.1:4001/aws/sqs"');
    expect(variables(first)).toContain(JSON.stringify(secrets.CALLBACK_SECRETS));
    // Here somebody waits for a message that failed; a stage has six times as long.
    const { Timeout } = first.resources.ConsumerLambdaFunction?.Properties ?? {};
    expect(first.resources.CallbackQueue?.Properties).toMatchObject({ VisibilityTimeout: Timeout });
    const code = await readFile(bundle);
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect(content.includes('one.example') || content.includes('planted-secret'), entry.name).toBe(false);
    }
    expect((await stat(join(service, COMPILED))).mode & 0o777).toBe(0o600);

    const marker = join(service, '.serverless/marker');
    await writeFile(marker, 'the framework empties its folder');
    await writeFile(bundle, 'stale');
    const second = await localService(service, 4002, { ...environment, FORWARD_URL: 'http://two.example' });
    expect(variables(second)).toBe(
      variables(first).replaceAll('4001', '4002').replaceAll('one.example', 'two.example'),
    );
    expect(await readFile(bundle)).toEqual(code);
    expect(await readFile(marker, 'utf8')).not.toBe('');

    // For another environment it begins from nothing, and says what the framework says.
    const failing = { ...environment, NODE_OPTIONS: '--no-such-option' };
    await expect(localService(service, 4002, failing)).rejects.toThrow('--no-such-option');
    await expect(readFile(marker)).rejects.toThrow('ENOENT');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
