import { startSqs } from '../../stack/embedded.ts';

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

async function send(origin: string, path: string, body?: string): Promise<void> {
  const response = await fetch(`${origin}/${path}`, {
    method: 'PUT',
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
}
