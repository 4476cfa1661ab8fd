import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { forEachConcurrently } from '../../lib/platform/concurrency.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { invokeLocal } from '../../stack/invoke-local.ts';
import { fixtures } from '../../stack/samples/fixtures.ts';
import { changesPrinted } from '../support/changes-printed.ts';
import { request } from '../support/stack-client.ts';

const EVENTS = fileURLToPath(new URL('../../events', import.meta.url));

/** Each is a process of its own that takes seconds. */
const CONCURRENT_INVOCATIONS = 2;

/** The answer that a fixture's name announces. */
function expectedStatus(name: string): number {
  if (name.endsWith('-no-body.json')) return 400;
  return name.endsWith('-bad-signature.json') ? 401 : 200;
}

test('over HTTP every fixture is answered as its name says', async () => {
  for (const [name, event] of fixtures()) {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    const headers = event.headers as Record<string, string>;
    const answer = await request(event.rawPath, { method: 'POST', headers, body });
    expect([name, answer.status]).toEqual([name, expectedStatus(name)]);
  }
});

describe('sls invoke local', () => {
  test('every fixture is answered as its name says', () =>
    forEachConcurrently([...fixtures()], CONCURRENT_INVOCATIONS, async ([name, { rawPath }]) => {
      const source = SAMPLE_SOURCES.find(({ path }) => path === rawPath);
      const { answer } = await invokeLocal(source?.name ?? '', inject('stackUrl'), join(EVENTS, name));
      expect([name, answer]).toMatchObject([name, { statusCode: expectedStatus(name) }]);
    }));

  test('watch and drain', async () => {
    const watched = await invokeLocal('watch', inject('stackUrl'));
    expect(watched.answer).toMatchObject({ checked: expect.any(Number), left: 0 });
    expect(watched.lines.at(-1)).toMatchObject({ message: 'watch', ...(watched.answer as object) });
    const drained = await invokeLocal('drain', inject('stackUrl'));
    // Other tests may just have spilled some.
    expect(drained.answer).toEqual({ drained: expect.any(Number), left: 0 });
  });

  test('changes, whose events the stack logs', async () => {
    const { answer } = await invokeLocal('changes', inject('stackUrl'), join(EVENTS, 'changes.json'));
    expect(answer).toEqual({ batchItemFailures: [] });
    const printed = () => changesPrinted(inject('stackLog'), 'maths-lesson');
    await expect
      .poll(async () => (await printed()).map(({ type }) => type))
      .toEqual(['rtc.file.upload_failed', 'rtc.attention.raised']);
  });
});
