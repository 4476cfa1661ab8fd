import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { invokeLocal } from '../../stack/invoke-local.ts';

test('sls invoke local runs a function on the stack', async () => {
  const event = fileURLToPath(new URL('../../events/zego-recording-upload.json', import.meta.url));
  const { answer } = await invokeLocal('zego-recording', inject('stackUrl'), event);
  expect(answer).toMatchObject({ statusCode: 200, body: '{"code":0}' });
});
