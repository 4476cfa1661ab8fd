import { expect, test } from 'vitest';
import { parseStorage } from '../../lib/lookup/storage-settings.ts';

const ROLE = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'role', AWS_SECRET_ACCESS_KEY: 'role-secret' };

const parse = (value: unknown) =>
  parseStorage(JSON.stringify(value), { ...ROLE, AWS_SESSION_TOKEN: 'token' });

test('a bucket of Amazon S3 is asked by the role of the function, in its region', () => {
  const result = parse({ 'tencent/1400000000': { bucket: 'lessons', prefix: '/rtc/' } });
  expect(result.ok && result.apps.get('tencent/1400000000')).toEqual({
    vendor: 'tencent',
    appId: '1400000000',
    prefix: 'rtc',
    address: {
      bucket: 'lessons',
      region: 'eu-west-1',
      endpoint: undefined,
      credentials: { accessKeyId: 'role', secretAccessKey: 'role-secret', sessionToken: 'token' },
    },
  });
});

test('a bucket elsewhere is asked with its key', () => {
  const result = parse({
    'zego/1': {
      bucket: 'lessons-125',
      region: 'ap-guangzhou',
      endpoint: 'https://cos.ap-guangzhou.myqcloud.com',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    },
  });
  expect(result.ok && result.apps.get('zego/1')?.address).toEqual({
    bucket: 'lessons-125',
    region: 'ap-guangzhou',
    endpoint: 'https://cos.ap-guangzhou.myqcloud.com',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
});

test.each<[unknown, string]>([
  [[], 'storage is not a JSON object of apps'],
  [{ zego: { bucket: 'b' } }, 'storage: zego: the name must be <vendor>/<appId>'],
  [{ 'agora/1': { bucket: 'b' } }, 'storage: agora/1: the name must be <vendor>/<appId>'],
  [{ 'zego/1': {} }, 'storage: zego/1: bucket is missing'],
  [{ 'zego/1': 'b' }, 'storage: zego/1: bucket is missing'],
  [{ 'zego/1': { bucket: 'b', secret: 'x' } }, 'storage: zego/1: there is no member secret'],
  [{ 'zego/1': { bucket: 'b', prefix: 1 } }, 'storage: zego/1: prefix must be text'],
  [{ 'zego/1': { bucket: 'evil.example/x' } }, 'storage: zego/1: bucket must be the name of a bucket'],
  [{ 'zego/1': { bucket: 'b', region: 'x.evil.example/' } }, 'region must be the name of a region'],
  [{ 'zego/1': { bucket: 'b', endpoint: 'https://user@cos.example.com' } }, 'endpoint must be'],
  [{ 'zego/1': { bucket: 'b', endpoint: 'file:///etc/passwd' } }, 'endpoint must be'],
  [{ 'zego/1': { bucket: 'b', endpoint: 'cos' } }, 'storage: zego/1: endpoint must be an http or https URL'],
  [
    { 'zego/1': { bucket: 'b', accessKeyId: 'id' } },
    'storage: zego/1: accessKeyId and secretAccessKey need each other',
  ],
  [
    { 'zego/1': { bucket: 'b', endpoint: 'https://cos.example.com' } },
    'storage: zego/1: an endpoint needs accessKeyId and secretAccessKey',
  ],
])('%j: %s', (value, reason) => {
  expect(parse(value)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});
