import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSensitive, REDACTED, redactBody, redactJson, redactText } from '../../cli/redaction.ts';
import type { Json } from '../../lib/platform/json.ts';

/** Too odd to come about by chance. */
const PLANTED = 'pLaNtEd0123';

const sensitiveName = fc.constantFrom(
  'signature',
  'RC-Signature',
  'Sign',
  'nonce',
  'RC-Nonce',
  'secret',
  'SecretKey',
  'accessToken',
  'X-Amz-Security-Token',
  'password',
  'user_sig',
  'AccessKey',
);

const anyJson = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>;

/** A JSON value with something planted somewhere inside. */
function around(planted: Json): fc.Arbitrary<Json> {
  return fc
    .array(
      fc.oneof(
        fc.constant('list'),
        fc.constant('text'),
        fc.string().map((name) => `.${name}`),
      ),
      {
        maxLength: 5,
      },
    )
    .map((steps) =>
      steps.reduce<Json>((inner, step) => {
        if (step === 'list') return ['first', inner, 3];
        if (step === 'text' && typeof inner === 'object') return JSON.stringify(inner);
        return { before: 1, [step]: inner };
      }, planted),
    );
}

test('a value of a sensitive name is never shown, however deep, also in JSON inside a string', () => {
  const planted = fc
    .tuple(sensitiveName, anyJson)
    .chain(([name, value]) => around({ [name]: { value, planted: PLANTED } }).map((json) => json));
  fc.assert(
    fc.property(planted, (json) => {
      expect(JSON.stringify(redactJson(json))).not.toContain(PLANTED);
      expect(JSON.stringify(redactBody(Buffer.from(JSON.stringify(json))))).not.toContain(PLANTED);
      const encoded = encodeURIComponent(JSON.stringify({ inside: json }));
      expect(JSON.stringify(redactBody(Buffer.from(encoded)))).not.toContain(PLANTED);
      const form = new URLSearchParams({ body: JSON.stringify(json) }).toString();
      expect(JSON.stringify(redactBody(Buffer.from(form)))).not.toContain(PLANTED);
    }),
  );
});

test('the query of a URL is never shown, wherever it is in a text', () => {
  const url = fc
    .tuple(fc.webUrl(), fc.constantFrom('?X-Amz-Signature=', '?a=1&b=', '#', '?'))
    .map(([base, query]) => `${base.split(/[?#]/)[0]}${query}${PLANTED}`);
  fc.assert(
    fc.property(fc.string(), url, fc.string(), anyJson, (before, link, after, other) => {
      const text = `${before} ${link} ${after}`;
      expect(redactText(text)).not.toContain(PLANTED);
      expect(JSON.stringify(redactJson([{ url: link, text }, other]))).not.toContain(PLANTED);
    }),
  );
});

test('what is no credential stays as it is', () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9 .,_äöü中文-]*$/);
  const value = fc.dictionary(fc.constantFrom('recordId', 'roomId', 'appKey', 'fileName', 'code'), plain);
  fc.assert(
    fc.property(value, (json) => {
      expect(redactJson(json)).toEqual(json);
      expect(redactBody(Buffer.from(JSON.stringify(json)))).toEqual(json);
    }),
  );
  for (const text of ['x'.repeat(100_000), '', 'a', 'recordId: 5, roomId=7', 'https://host/a/b.mp4']) {
    expect(redactText(text)).toBe(text);
  }
});

test('redacting twice is redacting once, and nothing is too odd for it', () => {
  fc.assert(
    fc.property(anyJson, (json) => {
      expect(redactJson(redactJson(json))).toEqual(redactJson(json));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      redactBody(Buffer.from(bytes));
    }),
  );
  redactBody(Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)));
});

test.each([
  [
    '{"a":1,"signature":"abc","url":"https://u:p@host/x.mp4?Expires=1"}',
    {
      a: 1,
      signature: REDACTED,
      url: `https://host/x.mp4?${REDACTED}`,
    },
  ],
  ['{"pics":"[{\\"url\\":\\"https://h/1.jpg?q=2\\"}]"}', { pics: `[{"url":"https://h/1.jpg?${REDACTED}"}]` }],
  [
    'task_id=5&signature=abc&url=https%3A%2F%2Fh%2F1.jpg%3Fq%3D2',
    {
      task_id: '5',
      signature: REDACTED,
      url: `https://h/1.jpg?${REDACTED}`,
    },
  ],
  ['%7B%22signature%22%3A%22abc%22%7D', { signature: REDACTED }],
  ['{"signature": "abc", cut', `{"signature": ${REDACTED}, cut`],
  ['error: token=abc, recordId: 5', `error: token=${REDACTED}, recordId: 5`],
  ['nonce = ', 'nonce = '],
])('%s', (body, shown) => {
  expect(redactBody(Buffer.from(body))).toEqual(shown);
});

test('names are distinguished', () => {
  for (const name of ['appKey', 'RC-App-Key', 'SdkAppId', 'timestamp', 'fileName', 'accessKeyId', 'design']) {
    expect([name, isSensitive(name)]).toEqual([name, false]);
  }
});
