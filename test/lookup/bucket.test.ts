import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BucketAddress, openBucket, targetOf } from '../../lib/lookup/bucket.ts';
import { startBucket, type TestBucket } from '../support/bucket.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

const address = (changes: Partial<BucketAddress> = {}): BucketAddress => ({
  bucket: 'lessons',
  region: 'eu-west-1',
  credentials,
  ...changes,
});

describe('where a request goes', () => {
  test.each<[string, Partial<BucketAddress>, string]>([
    ['Amazon S3', {}, 'https://lessons.s3.eu-west-1.amazonaws.com/a/b'],
    ['Amazon S3 in China', { region: 'cn-north-1' }, 'https://lessons.s3.cn-north-1.amazonaws.com.cn/a/b'],
    ['a name with dots', { bucket: 'a.b' }, 'https://s3.eu-west-1.amazonaws.com/a.b/a/b'],
    [
      'Tencent COS',
      { bucket: 'lessons-125', endpoint: 'https://cos.ap-guangzhou.myqcloud.com' },
      'https://lessons-125.cos.ap-guangzhou.myqcloud.com/a/b',
    ],
    [
      'Alibaba OSS',
      { endpoint: 'https://s3.oss-cn-hangzhou.aliyuncs.com' },
      'https://lessons.s3.oss-cn-hangzhou.aliyuncs.com/a/b',
    ],
    ['MinIO', { endpoint: 'http://minio.local:9000/' }, 'http://minio.local:9000/lessons/a/b'],
    ['a path of its own', { endpoint: 'http://127.0.0.1:1/aws/s3' }, 'http://127.0.0.1:1/aws/s3/lessons/a/b'],
  ])('%s', (_name, changes, expected) => {
    const { url, path } = targetOf(address(changes), 'a/b');
    expect(url.origin + path).toBe(expected);
  });
});

describe('the embedded S3', () => {
  let s3: TestBucket;
  beforeAll(async () => {
    s3 = await startBucket();
  });
  afterAll(() => s3.stop());

  const bucket = () => openBucket(address({ endpoint: s3.endpoint }));

  test.each(['a.mp4', 'a b+c.mp4', 'päth/ü/"x"&<y>.mp4', "it's(1)*!.mp4", 'a%2Fb.mp4'])(
    'finds the key %s by itself and in a list',
    async (key) => {
      await s3.put(key, 'twelve bytes');
      const object = {
        key,
        sizeBytes: 12,
        etag: expect.stringMatching(/^[0-9a-f]{32}$/),
        lastModified: expect.any(Number),
      };
      expect(await bucket().head(key)).toEqual({ ok: true, value: object });
      const listed = await bucket().list(key);
      expect(listed).toEqual({ ok: true, value: { objects: [object] } });
    },
  );

  test('has no object that is not there', async () => {
    expect(await bucket().head('nothing.mp4')).toEqual({ ok: true, value: undefined });
    expect(await bucket().list('nothing/')).toEqual({ ok: true, value: { objects: [] } });
  });

  test('gives a list page by page', async () => {
    for (const name of ['1', '2', '3', '4', '5']) await s3.put(`pages/${name}.mp4`);
    const keys: string[] = [];
    let from: string | undefined;
    do {
      const page = await bucket().list('pages/', { from, limit: 2 });
      if (!page.ok) throw new Error(page.detail);
      expect(page.value.objects.length).toBeLessThanOrEqual(2);
      keys.push(...page.value.objects.map(({ key }) => key));
      from = page.value.next;
    } while (from !== undefined);
    expect(keys).toEqual(['1', '2', '3', '4', '5'].map((name) => `pages/${name}.mp4`));
  });

  test('says that there is no such bucket', async () => {
    const answer = await openBucket(address({ endpoint: s3.endpoint, bucket: 'other' })).list('');
    expect(answer).toMatchObject({ ok: false, failure: 'no_bucket' });
  });
});

describe('what a service answers instead', () => {
  let server: Server;
  let answer: { status: number; body: string };
  let authorization: string | undefined;
  let location: string | undefined;
  beforeAll(async () => {
    server = createServer((request, response) => {
      authorization = request.headers.authorization;
      const headers = location === undefined ? {} : { location };
      response.writeHead(answer.status, headers).end(request.method === 'HEAD' ? undefined : answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const bucket = () =>
    openBucket(address({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));

  test.each([
    [403, 'InvalidAccessKeyId', 'wrong_credentials'],
    [403, 'SignatureDoesNotMatch', 'wrong_credentials'],
    [403, 'AccessDenied', 'denied'],
    [404, 'NoSuchBucket', 'no_bucket'],
    [301, 'PermanentRedirect', 'wrong_region'],
    [400, 'AuthorizationHeaderMalformed', 'wrong_region'],
    [503, 'SlowDown', 'unreachable'],
    [418, 'Teapot', 'error'],
  ])('%i %s is %s', async (status, code, failure) => {
    answer = { status, body: `<Error><Code>${code}</Code><Message>secret details</Message></Error>` };
    expect(await bucket().list('')).toEqual({ ok: false, failure, detail: `${status} ${code}` });
  });

  test('a missing permission is no missing object', async () => {
    answer = { status: 403, body: '' };
    expect(await bucket().head('a')).toEqual({ ok: false, failure: 'denied', detail: '403' });
  });

  test('signs for the region with the key', async () => {
    answer = { status: 200, body: '<ListBucketResult></ListBucketResult>' };
    await bucket().list('');
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=[\w;-]*host/,
    );
  });

  test.each([301, 302, 307, 308])('a redirect %i is not followed', async (status) => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/lessons/a`;
    answer = { status, body: '' };
    expect(await bucket().head('a')).toMatchObject({ ok: false });
    expect(await bucket().list('')).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
    location = undefined;
    other.close();
  });

  test('a service that is out is unreachable', async () => {
    const answered = await openBucket(address({ endpoint: 'http://127.0.0.1:1' })).head('a');
    expect(answered).toEqual({ ok: false, failure: 'unreachable', detail: 'ECONNREFUSED' });
  });
});
