import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { invokeLocal } from '../../stack/invoke-local.ts';
import { fixtureFiles, fixtures, fixtureText } from '../../stack/samples/fixtures.ts';
import { changesPrinted } from '../support/changes-printed.ts';
import { request } from '../support/stack-client.ts';

const EVENTS = fileURLToPath(new URL('../../events', import.meta.url));

/** The answer that a fixture's name announces. */
function expectedStatus(name: string): number {
  if (name.endsWith('-no-body.json')) return 400;
  return name.endsWith('-bad-signature.json') ? 401 : 200;
}

test('events/ holds what `npm run fixtures` writes, and nothing else', async () => {
  const expected = fixtureFiles();
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
    const { answer } = await invokeLocal(source.name, inject('stackUrl'), join(EVENTS, name));
    expect(answer).toMatchObject({ statusCode: expectedStatus(name) });
  });

  test('watch and drain', async () => {
    const watched = await invokeLocal('watch', inject('stackUrl'));
    expect(watched.answer).toMatchObject({ checked: expect.any(Number), left: 0 });
    expect(watched.lines.at(-1)).toMatchObject({ message: 'watch', ...(watched.answer as object) });
    const drained = await invokeLocal('drain', inject('stackUrl'));
    // Other tests may just have spilled some.
    expect(drained.answer).toEqual({ drained: expect.any(Number), left: 0 });
  });

  test('changes, whose events are told by the stack', async () => {
    const { answer } = await invokeLocal('changes', inject('stackUrl'), join(EVENTS, 'changes.json'));
    expect(answer).toEqual({ batchItemFailures: [] });
    const printed = () => changesPrinted(inject('stackLog'), 'maths-lesson');
    await expect
      .poll(async () => (await printed()).map(({ type }) => type))
      .toEqual(['rtc.file.upload_failed', 'rtc.attention.raised']);
  });
});
