import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import aws4 from 'aws4';

/** A bucket of any service that speaks the S3 protocol, and what signs requests to it. */
export interface BucketAddress {
  bucket: string;
  region: string;
  /** Absent for Amazon S3. It may have a path. */
  endpoint?: string | undefined;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** An object of a bucket. */
export interface BucketObject {
  key: string;
  sizeBytes: number;
  /** Without its quotes. */
  etag: string;
  /** Unix time in ms. */
  lastModified: number;
}

/** Why a bucket gives no answer. */
export type BucketFailure =
  | 'wrong_credentials'
  | 'denied'
  | 'no_bucket'
  | 'wrong_region'
  | 'unreachable'
  | 'error';

export type BucketAnswer<Value> =
  | { ok: true; value: Value }
  /** `detail` is a status and a code: never a key, a body or a signature. */
  | { ok: false; failure: BucketFailure; detail: string };

/** One page of a list. */
export interface ObjectPage {
  objects: BucketObject[];
  next?: string | undefined;
}

/** Reads what a bucket has, never its contents. Never throws. */
export interface Bucket {
  /** The object, or `undefined` when there is none. `HeadObject`. */
  head(key: string): Promise<BucketAnswer<BucketObject | undefined>>;
  /** Up to `limit` objects whose keys begin with `prefix`, in the order of keys. `ListObjectsV2`. */
  list(
    prefix: string,
    options?: { from?: string | undefined; limit?: number },
  ): Promise<BucketAnswer<ObjectPage>>;
}

/** How long one request may take, in ms. */
const TIMEOUT_MS = 5_000;

const AGENTS = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

/** Services that want the bucket in the host name; MinIO and most others want it in the path. */
const VIRTUAL_HOSTED = /(^|\.)(amazonaws\.com(\.cn)?|myqcloud\.com|tencentcos\.cn|aliyuncs\.com)$/;

/** Codes of errors that say the same as another service's. */
const FAILURES: Readonly<Record<string, BucketFailure>> = {
  InvalidAccessKeyId: 'wrong_credentials',
  SignatureDoesNotMatch: 'wrong_credentials',
  InvalidToken: 'wrong_credentials',
  ExpiredToken: 'wrong_credentials',
  AccessDenied: 'denied',
  NoSuchBucket: 'no_bucket',
  PermanentRedirect: 'wrong_region',
  AuthorizationHeaderMalformed: 'wrong_region',
};

/** A bucket at an address. https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html */
export function openBucket(address: BucketAddress): Bucket {
  return {
    async head(key) {
      const answer = await ask(address, 'HEAD', encodePath(key));
      if (answer.status === 404) return { ok: true, value: undefined };
      if (answer.status !== 200) return failureOf(answer);
      const { 'content-length': size, etag = '', 'last-modified': modified = '' } = answer.headers;
      return {
        ok: true,
        value: {
          key,
          sizeBytes: Number(size ?? 0),
          etag: unquoted(etag),
          lastModified: Date.parse(modified) || 0,
        },
      };
    },

    async list(prefix, { from, limit = 1_000 } = {}) {
      const query: [name: string, value: string | undefined][] = [
        ['continuation-token', from],
        ['encoding-type', 'url'],
        ['list-type', '2'],
        ['max-keys', String(limit)],
        ['prefix', prefix],
      ];
      const text = query
        .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encode(value)}`]))
        .join('&');
      const answer = await ask(address, 'GET', `?${text}`);
      return answer.status === 200 ? { ok: true, value: pageOf(answer.body) } : failureOf(answer);
    },
  };
}

/** Where a request for a path of the bucket goes: the bucket's name is in the host or in the path. */
export function targetOf(
  { bucket, region, endpoint }: BucketAddress,
  path: string,
): { url: URL; path: string } {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(endpoint ?? `https://s3.${region}.${suffix}`);
  const base = url.pathname.replace(/\/+$/, '');
  // The certificate of a service has no names with another dot.
  const isInHost = VIRTUAL_HOSTED.test(url.hostname) && !bucket.includes('.');
  if (!isInHost) return { url, path: `${base}/${encode(bucket)}${path.startsWith('?') ? path : `/${path}`}` };
  url.hostname = `${bucket}.${url.hostname}`;
  return { url, path: `${base}/${path}` };
}

interface Answer {
  /** 0 when there was no answer. */
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

async function ask(address: BucketAddress, method: string, target: string): Promise<Answer> {
  const { url, path } = targetOf(address, target);
  const { headers } = aws4.sign(
    { service: 's3', region: address.region, method, host: url.host, path, headers: {} },
    address.credentials,
  );
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, headers: {}, body: `<Code>${error.code ?? error.name}</Code>` });
    const request = send(
      {
        method,
        hostname: url.hostname,
        port: url.port,
        path,
        headers: headers as Record<string, string>,
        agent: AGENTS[url.protocol === 'http:' ? 'http:' : 'https:'],
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          fail,
        );
      },
    );
    request.on('error', fail).end();
  });
}

function failureOf({ status, body }: Answer): { ok: false; failure: BucketFailure; detail: string } {
  const code = /<Code>(\w{1,60})<\/Code>/.exec(body)?.[1];
  const detail = [status === 0 ? undefined : status, code].filter((part) => part !== undefined).join(' ');
  return { ok: false, failure: FAILURES[code ?? ''] ?? failureOfStatus(status), detail };
}

function failureOfStatus(status: number): BucketFailure {
  if (status === 0 || status === 429 || status >= 500) return 'unreachable';
  if (status === 301 || status === 307) return 'wrong_region';
  return status === 401 || status === 403 ? 'denied' : 'error';
}

function pageOf(xml: string): ObjectPage {
  const isEncoded = xml.includes('<EncodingType>url</EncodingType>');
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = '']): BucketObject => {
    const key = member(entry, 'Key');
    return {
      key: isEncoded ? decodeURIComponent(key.replaceAll('+', ' ')) : key,
      sizeBytes: Number(member(entry, 'Size')),
      etag: unquoted(member(entry, 'ETag')),
      lastModified: Date.parse(member(entry, 'LastModified')) || 0,
    };
  });
  const next = member(xml, 'NextContinuationToken');
  return next === '' ? { objects } : { objects, next };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function member(xml: string, name: string): string {
  const value = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return value.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal, hexadecimal, word) => {
    if (word !== undefined) return ENTITIES[word] ?? all;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal));
  });
}

const unquoted = (etag: string) => etag.replace(/^"|"$/g, '');

function encodePath(key: string): string {
  return key.split('/').map(encode).join('/');
}

/** RFC 3986, which Signature Version 4 wants. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
