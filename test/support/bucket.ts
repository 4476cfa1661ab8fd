import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startSqs } from '../../stack/embedded.ts';
import { answerHeaders, connectUpstream } from '../../stack/proxy.ts';

/** A bucket of the embedded S3, with an endpoint that any S3 client can use. */
export interface TestBucket {
  endpoint: string;
  bucket: string;
  put(key: string, body?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an S3 with one empty bucket. */
export async function startBucket(bucket = 'lessons'): Promise<TestBucket> {
  const { origin, stop } = await startSqs();
  await send(origin, bucket);
  return {
    endpoint: origin,
    bucket,
    put: (key, body = 'content') =>
      send(origin, `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, body),
    stop,
  };
}

/**
 * What an access key gets instead of the bucket: S3's own error, for objects alone with `only lists`, or a connection
 * that breaks.
 */
export type KeyFault = 'InvalidAccessKeyId' | 'AccessDenied' | 'only lists' | 'out';

/** A bucket behind a door that looks at the access key of each request. */
export interface GuardedBucket extends TestBucket {
  /** By access key id; every other key may read. */
  faults: Map<string, KeyFault>;
  /** How many requests of each method came to the door. */
  asked: { HEAD: number; GET: number };
}

/** Starts an S3 with one empty bucket, which `put` reaches whatever the door says. */
export async function startGuardedBucket(bucket = 'lessons'): Promise<GuardedBucket> {
  const inner = await startBucket(bucket);
  const upstream = connectUpstream(inner.endpoint);
  const faults = new Map<string, KeyFault>();
  const asked = { HEAD: 0, GET: 0 };
  const server = createServer(async (request, response) => {
    asked[request.method as 'HEAD' | 'GET'] += 1;
    const [, accessKeyId = ''] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const fault = faults.get(accessKeyId);
    if (fault === 'out') return request.socket.resetAndDestroy();
    const { method, headers, url: path = '/' } = request;
    if (fault === 'only lists' ? method === 'HEAD' : fault !== undefined)
      return refuse(response, fault === 'InvalidAccessKeyId' ? fault : 'AccessDenied');
    const answer = await upstream.ask({ method, headers, path }, await buffer(request));
    response.writeHead(answer.statusCode ?? 502, answerHeaders(answer));
    answer.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...inner,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    asked,
    async stop() {
      server.close().closeAllConnections();
      upstream.close();
      await inner.stop();
    },
  };
}

function refuse(response: ServerResponse, code: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>a planned fault</Message></Error>`;
  response.writeHead(403, { 'content-type': 'application/xml' }).end(body);
}

async function send(origin: string, path: string, body?: string): Promise<void> {
  const response = await fetch(`${origin}/${path}`, {
    method: 'PUT',
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
}
