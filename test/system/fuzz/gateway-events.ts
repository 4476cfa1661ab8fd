import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { eventOf } from '../../../stack/gateway-event.ts';
import type { Callback } from './callback.ts';
import { anyText } from './odd-values.ts';
import type { Random } from './random.ts';

const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  'APPLICATION/JSON',
  'application/json;charset=utf-16',
  '',
  ';',
];

/** An event of any gateway that the functions take: an HTTP API, a function URL or a REST API. */
export type AnyGatewayEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent;

/** What a request is besides the callback in it. */
export interface RequestLine {
  method: string;
  /** The route's path. */
  path: string;
  /** What the callback URL ends with. */
  segment?: string | undefined;
  /** Unix time in ms. */
  receivedAt: number;
}

/**
 * The callback as an event of one of the gateways, in any form that means the same request: header names in another
 * case, headers beside its own, text or base64, members that are absent or `null` where they would be empty.
 */
export function gatewayEvent(random: Random, callback: Callback, line: RequestLine): AnyGatewayEvent {
  const event = httpEvent(random, callback, line);
  if (random.chance(0.15)) decorate(random, event);
  if (random.chance(0.15)) event.headers = withNamesInAnyCase(random, event.headers);
  if (random.chance(0.3)) setBody(event, callback.body, !isUtf8(callback.body) || random.chance(0.7));
  if (random.chance(0.1)) return restEvent(event, line);
  if (random.chance(0.1)) {
    event.routeKey = '$default';
    event.rawPath = `/${line.segment ?? ''}`;
    delete event.pathParameters;
  }
  if (Object.keys(event.headers).length === 0 && random.chance(0.5)) {
    delete (event as Partial<APIGatewayProxyEventV2>).headers;
  }
  return event;
}

/** The same event with the base64 flag the wrong way round, and the bytes that it stands for then. */
export function misflagged(event: AnyGatewayEvent): Buffer {
  event.isBase64Encoded = !event.isBase64Encoded;
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
}

function httpEvent(
  random: Random,
  { headers, query, body }: Callback,
  { method, path, segment, receivedAt }: RequestLine,
): APIGatewayProxyEventV2 {
  const contentType = random.chance(0.7) ? { 'content-type': 'application/json' } : anyContentType(random);
  return eventOf({
    method,
    protocol: random.pick(['HTTP/1.1', 'HTTP/2.0']),
    routeKey: segment === undefined ? `ANY ${path}` : `ANY ${path}/{segment+}`,
    pathParameters: segment === undefined ? {} : { segment },
    path: segment === undefined ? path : `${path}/${segment}`,
    query: query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
    headers: { ...contentType, ...headers },
    sourceIp: random.pick(['203.0.113.7', '2001:db8::1', '']),
    body,
    requestId: 'request',
    receivedAt,
  });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
function restEvent(event: APIGatewayProxyEventV2, { path, receivedAt }: RequestLine): AnyGatewayEvent {
  const { requestContext, rawPath, headers, queryStringParameters, pathParameters } = event;
  const { method, sourceIp } = requestContext.http;
  const nullIfEmpty = <Values extends object>(values: Values | undefined) =>
    values === undefined || Object.keys(values).length === 0 ? null : values;
  const rest = {
    resource: pathParameters === undefined ? path : `${path}/{segment+}`,
    path: rawPath,
    httpMethod: method,
    headers: nullIfEmpty(headers),
    multiValueHeaders: null,
    queryStringParameters: nullIfEmpty(queryStringParameters),
    multiValueQueryStringParameters: null,
    pathParameters: nullIfEmpty(pathParameters),
    stageVariables: null,
    requestContext: {
      requestTimeEpoch: receivedAt,
      identity: { sourceIp },
      httpMethod: method,
      path: rawPath,
    },
    body: event.body ?? null,
    isBase64Encoded: event.isBase64Encoded,
  };
  // The rest of the context is of no concern to the functions.
  return rest as unknown as APIGatewayProxyEvent;
}

function setBody(event: APIGatewayProxyEventV2, body: Buffer, isBase64Encoded: boolean): void {
  event.isBase64Encoded = isBase64Encoded;
  event.body = body.toString(isBase64Encoded ? 'base64' : 'utf8');
}

function anyContentType(random: Random): Record<string, string> {
  return random.chance(0.3) ? {} : { 'content-type': random.pick(CONTENT_TYPES) };
}

/** Adds what a client or a proxy may add. None of it is a credential of any vendor. */
function decorate(random: Random, event: APIGatewayProxyEventV2): void {
  Object.assign(event.headers, {
    'user-agent': anyText(random).toWellFormed(),
    'x-forwarded-for': '198.51.100.1, 203.0.113.7',
    'content-encoding': random.pick(['gzip', 'identity', '']),
    [`x-${random.below(1_000)}`]: 'a'.repeat(random.below(8_000)),
  });
  if (random.chance(0.3)) event.cookies = [`session=${anyText(random).toWellFormed()}`, '='];
  if (random.chance(0.3)) event.stageVariables = { stage: 'local' };
  if (random.chance(0.3)) {
    event.queryStringParameters = { ...event.queryStringParameters, debug: 'true', '': '' };
  }
}

function withNamesInAnyCase(
  random: Random,
  headers: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const anyCase = (name: string) =>
    random.pick([name.toUpperCase(), name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())]);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [anyCase(name), value]));
}
