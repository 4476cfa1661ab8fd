import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT_ID } from './template.ts';

const STAGE = '$default';

/** Concern the connection to the gateway, not the request. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A request that has a route. */
export interface RoutedRequest {
  method: string;
  /** Such as `HTTP/1.1`. */
  protocol: string;
  routeKey: string;
  pathParameters: Record<string, string>;
  /** Percent-decoded. */
  path: string;
  /** Without the question mark, as sent. */
  query: string;
  /** Names in lower case; without cookies. */
  headers: Record<string, string>;
  cookies?: string[] | undefined;
  sourceIp: string;
  body: Buffer;
  requestId: string;
  /** Unix time in ms. */
  receivedAt: number;
}

/**
 * The event that an HTTP API hands to a function for a request, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventOf(request: RoutedRequest): APIGatewayProxyEventV2 {
  const { method, protocol, routeKey, path, query, headers, cookies, sourceIp, requestId, receivedAt } =
    request;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...ifAny('queryStringParameters', queryParameters(query)),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: { method, path, protocol, sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey,
      stage: STAGE,
      time: commonLogTime(receivedAt),
      timeEpoch: receivedAt,
    },
    ...ifAny('pathParameters', request.pathParameters),
    ...bodyOf(request.body, headers['content-type']),
  };
}

/** What an HTTP API passes on of a connection and its headers. */
export function connectionOf(
  request: IncomingMessage,
  bodyBytes: number,
): Pick<RoutedRequest, 'method' | 'protocol' | 'headers' | 'cookies' | 'sourceIp'> {
  const sourceIp = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return {
    method: request.method ?? '',
    protocol: `HTTP/${request.httpVersion}`,
    headers: headersOf(request, sourceIp, bodyBytes),
    cookies: request.headers.cookie?.split('; '),
    sourceIp,
  };
}

function headersOf(request: IncomingMessage, sourceIp: string, bodyBytes: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (!HOP_BY_HOP.has(name) && name !== 'cookie') headers[name] = values.join(',');
  }
  if (bodyBytes > 0) headers['content-length'] = String(bodyBytes);
  headers['x-forwarded-for'] = [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(', ');
  headers['x-forwarded-port'] = String(request.socket.localPort);
  headers['x-forwarded-proto'] = 'http';
  return headers;
}

function queryParameters(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  );
}

function ifAny<Key extends string>(
  key: Key,
  values: Record<string, string>,
): { [K in Key]?: Record<string, string> } {
  return (Object.keys(values).length > 0 ? { [key]: values } : {}) as { [K in Key]?: Record<string, string> };
}

/** As text when its type and its bytes say so, in base64 otherwise; an empty body is absent. */
function bodyOf(body: Buffer, contentType: string | undefined): { body?: string; isBase64Encoded: boolean } {
  if (body.byteLength === 0) return { isBase64Encoded: false };
  const isBase64Encoded = !(isText(contentType) && isUtf8(body));
  return { body: body.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

function isText(contentType = ''): boolean {
  const mediaType = (contentType.split(';', 1)[0] as string).trim().toLowerCase();
  return /^(text\/.+|application\/(json|javascript|xml)|.+\+(json|xml))$/.test(mediaType);
}

/** As in `22/Nov/2026:02:07:54 +0000`. */
function commonLogTime(time: number): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T(.{8})/.exec(new Date(time).toISOString()) ?? [];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0000`;
}
