import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { SampleSource, SignedCallback } from '../../lib/vendors/common/sample.ts';

/** Sends a callback whole and goes away without waiting for the answer. */
export async function sendAndVanish(
  url: string,
  source: SampleSource,
  callback: SignedCallback,
): Promise<void> {
  const socket = await connectTo(url);
  await written(socket, requestBytes(url, source, callback));
  socket.destroy();
}

/** Sends a callback whose connection breaks in the middle of the body; resolves when the receiver knows. */
export async function sendHalf(url: string, source: SampleSource, callback: SignedCallback): Promise<void> {
  const socket = await connectTo(url);
  const bytes = requestBytes(url, source, callback);
  await written(socket, bytes.subarray(0, bytes.length - Math.ceil(callback.body.length / 2)));
  socket.destroy();
}

async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}

function requestBytes(url: string, { path }: SampleSource, { headers, body }: SignedCallback): Buffer {
  const lines = Object.entries({ ...headers, host: new URL(url).host, 'content-length': body.length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}
