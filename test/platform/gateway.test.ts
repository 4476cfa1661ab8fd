import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { type GatewayEvent, type RestEvent, requestOf } from '../../lib/platform/aws/gateway.ts';

/** Events as AWS documents them, cut down to what differs. */
const http = {
  version: '2.0',
  routeKey: 'ANY /callbacks/tencent/{segment+}',
  rawPath: '/callbacks/tencent/abc',
  headers: { Sign: 'c2lnbg==', 'content-type': 'application/json' },
  queryStringParameters: { nonce: '1' },
  pathParameters: { segment: 'abc' },
  requestContext: { http: { method: 'POST', sourceIp: '203.0.113.7' }, timeEpoch: 1_700_000_000_000 },
  body: '/w==',
  isBase64Encoded: true,
} as unknown as APIGatewayProxyEventV2;

const rest = {
  resource: '/callbacks/tencent/{segment+}',
  path: '/callbacks/tencent/abc',
  httpMethod: 'POST',
  headers: { Sign: 'c2lnbg==', 'Content-Type': 'application/json' },
  multiValueHeaders: { Sign: ['c2lnbg=='] },
  queryStringParameters: { nonce: '1' },
  pathParameters: { segment: 'abc' },
  requestContext: { identity: { sourceIp: '203.0.113.7' }, requestTimeEpoch: 1_700_000_000_000 },
  body: '/w==',
  isBase64Encoded: true,
} as unknown as APIGatewayProxyEvent;

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
const functionUrl = {
  ...http,
  routeKey: '$default',
  rawPath: '/abc',
  pathParameters: undefined,
} as unknown as APIGatewayProxyEventV2;

const REQUEST = {
  method: 'POST',
  headers: { sign: 'c2lnbg==', 'content-type': 'application/json' },
  query: { nonce: '1' },
  body: Buffer.from([0xff]),
  sourceIp: '203.0.113.7',
  pathSegment: 'abc',
  receivedAt: 1_700_000_000_000,
};

const EVENTS: [name: string, event: GatewayEvent | RestEvent][] = [
  ['an HTTP API', http],
  ['a REST API', rest],
  ['a function URL', functionUrl],
];

describe('the same request', () => {
  test.each(EVENTS)('from %s', (_name, event) => {
    const { path, ...request } = requestOf(event);
    expect(request).toEqual(REQUEST);
    expect(path).toMatch(/^\/.*abc$/);
  });

  test.each(EVENTS)('from %s, without anything that may be missing', (_name, event) => {
    const bare = { ...event, headers: null, queryStringParameters: null, pathParameters: null, body: null };
    const { headers, query, body } = requestOf(bare as unknown as GatewayEvent);
    expect([headers, query, body.length]).toEqual([{}, {}, 0]);
  });

  test('from a function URL, at its root, without a segment', () => {
    expect(requestOf({ ...functionUrl, rawPath: '/' } as GatewayEvent).pathSegment).toBeUndefined();
  });

  test.each([
    ['', undefined],
    ['/', undefined],
    ['abc/', 'abc'],
    ['a//b', 'a/b'],
  ])('with the segment %j, whose empty parts are none', (segment, pathSegment) => {
    for (const event of [http, rest]) {
      const request = { ...event, pathParameters: { segment } } as unknown as GatewayEvent | RestEvent;
      expect(requestOf(request).pathSegment).toBe(pathSegment);
    }
    expect(requestOf({ ...functionUrl, rawPath: `/${segment}` } as GatewayEvent).pathSegment).toBe(
      pathSegment,
    );
  });

  test('from a text body', () => {
    expect(requestOf({ ...rest, body: '{"é":1}', isBase64Encoded: false }).body).toEqual(
      Buffer.from('{"é":1}'),
    );
  });
});
