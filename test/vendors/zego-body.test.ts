import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseZegoBody } from '../../lib/vendors/zego/body.ts';
import { anyText } from '../support/any-text.ts';

function parse(body: string) {
  return parseZegoBody(Buffer.from(body));
}

/** A signed URL whose escapes belong to it. */
const URL_WITH_ESCAPES = 'http://example.com/a%2Fb.mp3?Expires=1720269317&Signature=8JZ%2F6P%3D+x';
const CALLBACK = { Event: 'censor_audio_v2_result', Detail: { AudioUrl: URL_WITH_ESCAPES } };

describe('escapes', () => {
  test.each([
    ['JSON', JSON.stringify(CALLBACK)],
    ['percent-encoded JSON', encodeURIComponent(JSON.stringify(CALLBACK))],
    [
      'percent-encoded JSON in lower case',
      encodeURIComponent(JSON.stringify(CALLBACK)).replaceAll('%7B', '%7b'),
    ],
    ['a form with one value', `data=${encodeURIComponent(JSON.stringify(CALLBACK))}`],
    ['a form with one key', encodeURIComponent(JSON.stringify(CALLBACK)).concat('=')],
  ])('of a URL survive in %s', (_name, body) => {
    expect(parse(body)).toEqual(CALLBACK);
  });

  test('of a URL survive in the fields of a form', () => {
    const fields = { event: 'compose', replay_url: URL_WITH_ESCAPES };
    expect(parse(new URLSearchParams(fields).toString())).toEqual(fields);
  });

  test('that are invalid stay as they are', () => {
    const callback = { ImgUrl: 'https://example.com/%xxxxxx?a=%' };
    expect(parse(JSON.stringify(callback))).toEqual(callback);
    expect(parse(encodeURIComponent(JSON.stringify(callback)))).toEqual(callback);
    expect(parse('event=compose&url=%xxxxxx')).toEqual({ event: 'compose', url: '%xxxxxx' });
  });

  test.each([
    ['%7B%22url%22%3A%22http://example.com/%xxxxxx%22%7D', { url: 'http://example.com/%xxxxxx' }],
    [
      '%7B%22title%22%3A%22%C4%E3%22%2C%22event%22%3A%22compose%22%7D',
      { title: '\ufffd\ufffd', event: 'compose' },
    ],
  ])('that cannot be decoded do not hide the rest: %s', (body, expected) => {
    expect(parse(body)).toEqual(expected);
  });

  test('a plus sign is a space only where the body is encoded', () => {
    expect(parse('{"a":"1+1"}')).toEqual({ a: '1+1' });
    expect(parse('%7B%22a%22:%221+1%2B1%22%7D')).toEqual({ a: '1 1+1' });
    expect(parse('a=1+1%2B1&b=')).toEqual({ a: '1 1+1', b: '' });
  });
});

describe('what the vendor writes against its own rules', () => {
  test('percent-encoded twice', () => {
    expect(parse(encodeURIComponent(encodeURIComponent(JSON.stringify(CALLBACK))))).toEqual(CALLBACK);
  });

  test.each([
    ['{"a":[1,2,],"b":"x,]y,}",}', { a: [1, 2], b: 'x,]y,}' }],
    ['{"a":"\\",}" , }', { a: '",}' }],
  ])('a comma before a closing bracket: %s', (body, expected) => {
    expect(parse(body)).toEqual(expected);
  });

  test.each(['{"a":1 "url":"http://a?b=c"}', '{"a":1,,}', '{,}{', '{"url":"http://a?b=c"'])(
    'other broken JSON is no form, though it has an equals sign: %s',
    (body) => {
      expect(parse(body)).toBeUndefined();
    },
  );

  test('a multipart form, of fields or of one field with the JSON', () => {
    const part = (name: string, value: string) =>
      `--b0\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    expect(parse(`${part('event', 'compose')}${part('replay_url', URL_WITH_ESCAPES)}--b0--\r\n`)).toEqual({
      event: 'compose',
      replay_url: URL_WITH_ESCAPES,
    });
    expect(parse(`${part('data', JSON.stringify(CALLBACK))}--b0--\r\n`)).toEqual(CALLBACK);
    expect(parse('--')).toBeUndefined();
    expect(parse('--b0\r\nno headers')).toBeUndefined();
  });
});

describe('a multipart form', () => {
  const part = (name: string, value: string) =>
    `--b0\r\nContent-Disposition: form-data;${name}\r\n\r\n${value}\r\n`;
  const form = (...parts: string[]) => `${parts.join('')}--b0--\r\n`;

  test('has the fields that have a name among their headers', () => {
    const named = part(' NAME="event"', 'compose');
    expect(parse(form(named, part('name="a"', '1'), part(' \tname="b"', '2')))).toEqual({
      ...{ event: 'compose', a: '1', b: '2' },
    });
    expect(parse(form(named, part('', '; name="c"')))).toEqual({ event: 'compose' });
    expect(parse(form(named, '--b0\r\nContent-Disposition: form-data; name="d"\r\n'))).toEqual({
      event: 'compose',
    });
  });

  test('of more than a thousand fields is no callback', () => {
    const fields = (count: number) =>
      Array.from({ length: count }, (_, index) => part(` name="f${index}"`, '1'));
    // The end of the form counts as one.
    expect(Object.keys(parse(form(...fields(999))) ?? {})).toHaveLength(999);
    expect(parse(form(...fields(1_000)))).toBeUndefined();
  });
});

describe('forms', () => {
  test('a single field that holds no JSON object is a field', () => {
    expect(parse('task_id=17')).toEqual({ task_id: '17' });
    expect(parse('task_id=%5B1%5D')).toEqual({ task_id: '[1]' });
  });

  test('JSON inside one of several fields stays text', () => {
    expect(parse('extra_params=%7B%22Duration%22%3A1%7D&event=record')).toEqual({
      event: 'record',
      extra_params: '{"Duration":1}',
    });
  });

  test('of more than a thousand fields are no callback', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=1`).join('&');
    expect(Object.keys(parse(fields(1_000)) ?? {})).toHaveLength(1_000);
    expect(parse(fields(1_001))).toBeUndefined();
  });

  test('a field named __proto__ is a field', () => {
    const parsed = parse('__proto__=x&event=record');
    expect(Object.keys(parsed ?? {})).toEqual(['__proto__', 'event']);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });
});

test('digits beyond 2^53 are kept however the JSON is wrapped', () => {
  const text = '{"room_session_id":7291847562039485713}';
  const expected = { room_session_id: '7291847562039485713' };
  for (const body of [text, encodeURIComponent(text), `json=${encodeURIComponent(text)}`]) {
    expect(parse(body)).toEqual(expected);
  }
});

test('any bytes give an object or undefined', () => {
  const text = fc.oneof(anyText(), fc.json(), fc.json().map(encodeURIComponent));
  const bytes = fc.oneof(
    fc.uint8Array().map((array) => Buffer.from(array)),
    fc.tuple(fc.constantFrom('', '%7B', '{', 'a=', '%'), text).map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(bytes, (body) => {
      const parsed = parseZegoBody(body);
      expect(parsed === undefined || (typeof parsed === 'object' && !Array.isArray(parsed))).toBe(true);
    }),
  );
});
