import { expect, test } from 'vitest';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type CallbackToParse, parseCallback, SOURCES } from '../../library/parse.ts';

const AT = Date.UTC(2026, 0, 2);

/** https://docs.rongcloud.io/server-rtc-api/record/callback */
const UPLOAD: CallbackToParse = {
  source: 'rongcloud-recording',
  appId: 'e0x9wycfx7flq',
  receivedAt: AT,
  body: JSON.stringify({
    appKey: 'e0x9wycfx7flq',
    roomId: 'room',
    sessionId: 'session',
    recordId: 'record',
    timestamp: AT - 1000,
    type: 4,
    output: { fileName: 'a.mp4', fileUrl: 'https://example.com/a.mp4' },
    code: 200,
    errorMessage: 'Success',
  }),
};

test('a callback becomes its event and its observations', () => {
  expect(parseCallback(UPLOAD)).toMatchObject({
    ok: true,
    event: { type: expect.any(String), at: AT - 1000, taskId: 'record', roomId: 'room', kind: 'recording' },
    observations: [
      {
        entity: 'file',
        taskId: 'record',
        name: 'a.mp4',
        facet: 'upload',
        at: AT - 1000,
        value: { status: 'uploaded', url: 'https://example.com/a.mp4' },
      },
    ],
  });
});

test('bytes and text are the same', () => {
  expect(parseCallback({ ...UPLOAD, body: Buffer.from(UPLOAD.body) })).toEqual(parseCallback(UPLOAD));
});

test('a time that nobody can mean gives way to the signed one', () => {
  const body = (UPLOAD.body as string).replace(String(AT - 1000), '1');
  const parsed = parseCallback({ ...UPLOAD, body, signedAt: String(AT - 500) });
  expect(parsed).toMatchObject({ observations: [{ at: AT - 500, isReplacedTime: true }] });
});

test.each<[reason: string, Partial<CallbackToParse>]>([
  ['unknown_source', { source: 'agora' }],
  ['unreadable_body', { body: 'no JSON' }],
  ['app_mismatch', { appId: 'another' }],
  ['missing_task_id', { body: (UPLOAD.body as string).replace('recordId', 'record') }],
])('what cannot be parsed has its reason: %s', (reason, parts) => {
  expect(parseCallback({ ...UPLOAD, ...parts })).toEqual({ ok: false, reason });
});

test('a parsed body is no bytes', () => {
  const body = JSON.parse(UPLOAD.body as string);
  expect(() => parseCallback({ ...UPLOAD, body })).toThrow(/^body must be the bytes as received/);
});

test('the sources are those of the service', () => {
  const known = SAMPLE_SOURCES.map(({ name, vendor, path }) => ({ name, vendor, path }));
  expect(SOURCES).toEqual(known);
  expect(SOURCES).toContainEqual({ name: 'tencent', vendor: 'tencent', path: '/callbacks/tencent' });
});
