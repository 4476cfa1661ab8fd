import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { fixtures, fixtureText } from '../../local/fixtures.ts';
import { request } from '../support/stack-client.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const EVENTS = join(PROJECT, 'events');

/** The answer that a fixture's name announces. */
function expectedStatus(name: string): number {
  if (name.endsWith('-no-body.json')) return 400;
  return name.endsWith('-bad-signature.json') ? 401 : 200;
}

test('events/ holds what `npm run fixtures` writes, and nothing else', async () => {
  const expected = fixtures();
  expect((await readdir(EVENTS)).sort()).toEqual([...expected.keys()].sort());
  for (const [name, event] of expected) {
    expect(await readFile(join(EVENTS, name), 'utf8'), name).toBe(fixtureText(event));
  }
});

test('every fixture is answered as its name says', async () => {
  for (const [name, event] of fixtures()) {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    const headers = event.headers as Record<string, string>;
    const answer = await request(event.rawPath, { method: 'POST', headers, body });
    expect([name, answer.status]).toEqual([name, expectedStatus(name)]);
  }
});

describe('sls invoke local', () => {
  // Each run starts a framework: one fixture for every function here, all of them over HTTP above.
  const names = SAMPLE_SOURCES.map((source, index) => {
    const [first] = Object.keys(source.events);
    return { source, name: `${source.name}-${index % 2 === 0 ? first : 'bad-signature'}.json` };
  });

  test.each(names)('$name', async ({ source, name }) => {
    const serverless = join(
      dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
      'bin/serverless.js',
    );
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [serverless, 'invoke', 'local', '--stage', 'local', '-f', source.name, '-p', join(EVENTS, name)],
      { cwd: PROJECT, env: { ...process.env, PORT: new URL(inject('stackUrl')).port } },
    );
    const answer = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{\n') + 1));
    expect(answer.statusCode).toBe(expectedStatus(name));
  });
});
