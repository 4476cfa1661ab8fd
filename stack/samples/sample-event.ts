import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { SampleSource, SignedCallback } from '../../lib/vendors/common/sample.ts';
import { eventOf } from '../gateway-event.ts';

/** The event that the gateway makes of a sample; `receivedAt` is Unix time in ms. */
export function sampleEvent(
  source: SampleSource,
  { headers, body }: SignedCallback,
  receivedAt: number,
): APIGatewayProxyEventV2 {
  return eventOf({
    method: 'POST',
    protocol: 'HTTP/1.1',
    routeKey: `ANY ${source.path}`,
    pathParameters: {},
    path: source.path,
    query: '',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    // An address of the block that is reserved for documentation.
    sourceIp: '203.0.113.7',
    body,
    requestId: 'fixture',
    receivedAt,
  });
}
