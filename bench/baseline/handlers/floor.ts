import { createHash, createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** A request to the queue as the product made it: the same bytes are sent again and again. */
interface RecordedRequest {
  headers: Record<string, string>;
  body: string;
}

/** The vendor's bare hash, compared with what the callback carries. */
const CHECKS: Record<string, (event: APIGatewayProxyEventV2, secret: string) => boolean> = {
  tencent: ({ headers, body = '' }, secret) =>
    createHmac('sha256', secret).update(body).digest('base64') === headers.sign,
  rongcloud: ({ headers }, secret) =>
    sha1(secret + headers['rc-nonce'] + headers['rc-timestamp']) === headers['rc-signature'],
  zego: ({ body = '' }, secret) => {
    const { timestamp, nonce, signature } = JSON.parse(body);
    return sha1([secret, timestamp, nonce].sort().join('')) === signature;
  },
};

const agent = new Agent({ keepAlive: true });
const { FLOOR_REQUEST = '', FLOOR_SECRET = '', FLOOR_VENDOR = '', AWS_ENDPOINT_URL_SQS = '' } = process.env;
const { FLOOR_LOG_LINE } = process.env;
const { headers, body }: RecordedRequest = JSON.parse(FLOOR_REQUEST);
const endpoint = new URL(AWS_ENDPOINT_URL_SQS);
const options = {
  method: 'POST',
  hostname: endpoint.hostname,
  port: endpoint.port,
  path: '/',
  headers,
  agent,
};
const isSigned = CHECKS[FLOOR_VENDOR];

/** The least that can be done: check the vendor's hash, and post bytes that are ready over a kept connection. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  if (!isSigned?.(event, FLOOR_SECRET)) return { statusCode: 401 };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(options, (response) => {
      response.on('data', () => {}).on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject).end(body);
  });
  if (FLOOR_LOG_LINE) process.stdout.write(FLOOR_LOG_LINE);
  return { statusCode: status === 200 ? 200 : 503, body: '{"code":0}' };
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
