import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { Answer, GatewayRequest } from '../http.ts';

/** An event of an HTTP API or of a function URL: payload format 2.0. */
export type GatewayEvent = APIGatewayProxyEventV2;

/** An event of a REST API: payload format 1.0. */
export type RestEvent = APIGatewayProxyEvent;

/** What every gateway takes as the answer. */
export type GatewayResult = APIGatewayProxyStructuredResultV2;

/**
 * Turns a gateway event into the request that everything inside works on.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestOf(event: GatewayEvent | RestEvent): GatewayRequest {
  const { method, path, sourceIp, receivedAt, pathSegment } =
    'httpMethod' in event ? restContext(event) : httpContext(event);
  return {
    method,
    path,
    headers: lowerCaseNames(event.headers ?? {}),
    query: { ...event.queryStringParameters },
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    sourceIp,
    pathSegment,
    receivedAt,
  };
}

type RequestContext = Pick<GatewayRequest, 'method' | 'path' | 'sourceIp' | 'receivedAt' | 'pathSegment'>;

function httpContext({ requestContext, rawPath, routeKey, pathParameters }: GatewayEvent): RequestContext {
  // A function URL has no routes: all of its path is the segment.
  const pathSegment = segmentOf(routeKey === '$default' ? rawPath : pathParameters?.segment);
  return {
    method: requestContext.http.method,
    path: rawPath,
    sourceIp: requestContext.http.sourceIp,
    receivedAt: requestContext.timeEpoch,
    pathSegment,
  };
}

function restContext({ httpMethod, path, requestContext, pathParameters }: RestEvent): RequestContext {
  return {
    method: httpMethod,
    path,
    sourceIp: requestContext.identity.sourceIp,
    receivedAt: requestContext.requestTimeEpoch,
    pathSegment: segmentOf(pathParameters?.segment),
  };
}

/** What follows a route, without the slashes around it; `undefined` for an empty segment. */
function segmentOf(rest: string | undefined): string | undefined {
  return rest?.split('/').filter(Boolean).join('/') || undefined;
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
