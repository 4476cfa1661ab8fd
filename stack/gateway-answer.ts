import { validateHeaderName, validateHeaderValue } from 'node:http';

/** An HTTP answer. */
export interface GatewayAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** The gateway's own answers, such as `{"message":"Not Found"}`. */
export function messageAnswer(status: number, message: string): GatewayAnswer {
  return jsonAnswer(status, JSON.stringify({ message }));
}

/**
 * Turns what a function returned into an answer. Without a `statusCode`, payload format 2.0 takes the value for
 * the JSON body of a 200. Throws a TypeError when the value is no answer.
 */
export function answerOf(result: unknown): GatewayAnswer {
  if (!isRecord(result) || result.statusCode === undefined) {
    return jsonAnswer(200, typeof result === 'string' ? result : JSON.stringify(result ?? null));
  }
  const { statusCode, headers = {}, body = '', isBase64Encoded = false, cookies = [] } = result;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new TypeError('statusCode is no status.');
  if (!isRecord(headers)) throw new TypeError('headers is no object.');
  if (typeof body !== 'string') throw new TypeError('body is no string.');
  if (!Array.isArray(cookies)) throw new TypeError('cookies is no list.');
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...validHeaders(headers),
      ...(cookies.length > 0 ? { 'set-cookie': cookies.map(String) } : {}),
    },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function validHeaders(headers: Record<string, unknown>): Record<string, string> {
  const valid: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    valid[name.toLowerCase()] = String(value);
  }
  return valid;
}

function jsonAnswer(status: number, json: string): GatewayAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(json) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
