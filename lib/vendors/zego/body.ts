import { isObject, type JsonObject, parseJson } from '../../platform/json.ts';

const PERCENT_ENCODED_BRACE = /^%7b/i;

/** Escapes in a row, which may be the bytes of one character. */
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/**
 * Reads a ZEGOCLOUD body: JSON, percent-encoded JSON, or a form whose fields are the callback's or whose
 * single key or value holds the JSON. A body that parses as JSON is never percent-decoded: the URLs inside
 * contain escapes that must survive. `undefined` when it is none of these.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback
 */
export function parseZegoBody(body: Buffer): JsonObject | undefined {
  const text = body.toString('utf8').trim();
  const parsed = parseJson(text);
  if (parsed !== undefined) return isObject(parsed) ? parsed : undefined;
  return parsePercentEncoded(text) ?? parseForm(text);
}

function parsePercentEncoded(text: string): JsonObject | undefined {
  return PERCENT_ENCODED_BRACE.test(text)
    ? parseObject(percentDecoded(text.replaceAll('+', ' ')))
    : undefined;
}

function parseForm(text: string): JsonObject | undefined {
  if (!text.includes('=')) return undefined;
  const fields = [...new URLSearchParams(text)];
  const [first] = fields;
  if (first === undefined) return undefined;
  const wrapped = fields.length === 1 ? (parseObject(first[1]) ?? parseObject(first[0])) : undefined;
  return wrapped ?? Object.fromEntries(fields);
}

function parseObject(text: string): JsonObject | undefined {
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : undefined;
}

/** Decodes what can be decoded: other percent signs stay, bytes that are no UTF-8 become U+FFFD. */
function percentDecoded(text: string): string {
  return text.replace(ESCAPES, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));
}
