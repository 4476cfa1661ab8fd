import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { CallbackRequest } from './callback.ts';

/** An answer to the vendor or to a user of the read API; the body is sent as JSON. */
export interface Answer {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

/** An API Gateway event (HTTP API, payload format 2.0). */
export type GatewayEvent = APIGatewayProxyEventV2;

/** What API Gateway expects back. */
export type GatewayResult = APIGatewayProxyStructuredResultV2;

/**
 * Turns a gateway event into the request that everything inside works on.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestOf(event: GatewayEvent): CallbackRequest {
  const context = event.requestContext;
  return {
    method: context.http.method,
    path: event.rawPath,
    headers: lowerCaseNames(event.headers ?? {}),
    query: { ...event.queryStringParameters },
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    sourceIp: context.http.sourceIp,
    pathSegment: event.pathParameters?.segment,
    receivedAt: context.timeEpoch,
  };
}

/** Turns an answer into the gateway's result. */
export function resultOf(answer: Answer): GatewayResult {
  return {
    statusCode: answer.status,
    headers: { 'content-type': 'application/json', ...answer.headers },
    body: JSON.stringify(answer.body),
  };
}

function lowerCaseNames(headers: Record<string, string | undefined>): Record<string, string | undefined> {
  const lower: Record<string, string | undefined> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name];
  return lower;
}
