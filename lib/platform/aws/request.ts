import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import aws4 from 'aws4';

/** Connections stay open between invocations: a new TLS handshake costs more than the call itself. */
const AGENTS = {
  'http:': new HttpAgent({ keepAlive: true }),
  'https:': new HttpsAgent({ keepAlive: true }),
};

/** The longest that a single attempt may take, in ms; a second attempt usually meets a healthy host. */
const ATTEMPT_TIMEOUT_MS = 1200;

/** The pause before another attempt, in ms; doubled each time, half of it random. */
const FIRST_PAUSE_MS = 40;

/** A call of an AWS service's JSON or query protocol. */
export interface AwsCall {
  service: 'sqs' | 'ssm' | 'dynamodb' | 'events' | 'sns';
  /** The value of `X-Amz-Target`, such as `AmazonSQS.SendMessage`; the query protocol has none. */
  target?: string;
  protocol: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1' | 'application/x-www-form-urlencoded';
  endpoint: string;
  region: string;
  /** The JSON document or the form to send. */
  body: string;
  /** Unix time in ms after which the call has failed. */
  deadline: number;
}

/**
 * The answer of an AWS service, or why there is no answer. `reason` never contains a body or a header; `mayPass` is
 * whether the fault may pass: network, time-out, throttling, 5xx.
 */
export type AwsAnswer = { ok: true; body: string } | { ok: false; reason: string; mayPass: boolean };

/**
 * Sends one signed request (Signature Version 4) over a kept connection, again on faults that may pass
 * (network, time-out, throttling, 5xx) until `deadline`. The SDK would do the same at four times the load time
 * and twice the time per call, which is why the ack path does not use it. Never throws.
 */
export async function callAws(call: AwsCall): Promise<AwsAnswer> {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const attempt = await attemptCall(call);
    if (attempt.ok || !attempt.mayPass) return attempt;
    if (Date.now() + pause >= call.deadline) return attempt;
    await new Promise((resolve) => setTimeout(resolve, pause / 2 + Math.random() * (pause / 2)));
    pause *= 2;
  }
}

function attemptCall(call: AwsCall): Promise<AwsAnswer> {
  const remaining = Math.min(ATTEMPT_TIMEOUT_MS, call.deadline - Date.now());
  if (remaining <= 0) return Promise.resolve({ ok: false, reason: 'timeout', mayPass: true });
  const url = URL.parse(call.endpoint);
  if (url === null) return Promise.resolve({ ok: false, reason: 'endpoint is no URL', mayPass: false });
  return new Promise((resolve) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request = send(signedOptions(call, url), (response) => {
      readText(response).then((body) => resolve(attemptOf(response.statusCode ?? 0, body)), fail);
    });
    // One timer bounds the whole attempt; a socket's own time-out would restart with every byte.
    const timer = setTimeout(() => request.destroy(new Error('timeout')), remaining);
    request.on('error', fail);
    request.on('close', () => clearTimeout(timer));
    request.end(call.body);

    function fail(error: NodeJS.ErrnoException): void {
      resolve({ ok: false, reason: error.code ?? error.message, mayPass: true });
    }
  });
}

function signedOptions(call: AwsCall, url: URL): RequestOptions {
  const signed = aws4.sign({
    service: call.service,
    region: call.region,
    method: 'POST',
    host: url.host,
    path: url.pathname,
    headers: { 'Content-Type': call.protocol, ...(call.target ? { 'X-Amz-Target': call.target } : {}) },
    body: call.body,
  });
  return {
    method: 'POST',
    hostname: url.hostname,
    port: url.port,
    path: url.pathname,
    headers: signed.headers as Record<string, string>,
    agent: AGENTS[url.protocol === 'http:' ? 'http:' : 'https:'],
  };
}

function attemptOf(status: number, body: string): AwsAnswer {
  if (status === 200) return { ok: true, body };
  const type = /(?:"__type"\s*:\s*"(?:[^"]*#)?|<Code>)(\w+)/.exec(body)?.[1] ?? 'error';
  const mayPass =
    status >= 500 ||
    status === 429 ||
    /Throttl|Throughput|TooManyRequests|LimitExceeded|Unavailable|Timeout/i.test(type);
  return { ok: false, reason: `${status} ${type}`, mayPass };
}

/** With plain events: an asynchronous iterator costs more than everything else that is done with the answer. */
function readText(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    response
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        text += chunk;
      })
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}
