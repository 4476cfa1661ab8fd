import { isObject, type Json, type JsonObject, parseJson } from '../../platform/json.ts';

const PERCENT_ENCODED_BRACE = /^%7b/i;

/** No callback has as many fields; a form of 1 MiB may have half a million, which take seconds. */
const MOST_FORM_FIELDS = 1_000;

/** Reads JSON; `undefined` when the text is not JSON. */
type ParseText = (text: string) => Json | undefined;

/**
 * Reads a ZEGOCLOUD body: JSON, percent-encoded JSON, or a form whose fields are the callback's or whose
 * single key or value holds the JSON. A body that parses as JSON is never percent-decoded: the URLs inside
 * contain escapes that must survive. `undefined` when it is none of these.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback
 */
export function parseZegoBody(body: Buffer, parse: ParseText = parseJson): JsonObject | undefined {
  const text = body.toString('utf8').trim();
  const parsed = parse(text);
  if (parsed !== undefined) return isObject(parsed) ? parsed : undefined;
  return parsePercentEncoded(text, parse) ?? parseForm(text, parse);
}

function parsePercentEncoded(text: string, parse: ParseText): JsonObject | undefined {
  return PERCENT_ENCODED_BRACE.test(text) ? parseObject(percentDecoded(text), parse) : undefined;
}

function parseForm(text: string, parse: ParseText): JsonObject | undefined {
  if (!text.includes('=') || text.split('&', MOST_FORM_FIELDS + 1).length > MOST_FORM_FIELDS)
    return undefined;
  const fields = [...new URLSearchParams(text)];
  const [first] = fields;
  if (first === undefined) return undefined;
  const wrapped =
    fields.length === 1 ? (parseObject(first[1], parse) ?? parseObject(first[0], parse)) : undefined;
  return wrapped ?? Object.fromEntries(fields);
}

function parseObject(text: string, parse: ParseText): JsonObject | undefined {
  const parsed = parse(text);
  return isObject(parsed) ? parsed : undefined;
}

const [PERCENT, PLUS, SPACE] = [0x25, 0x2b, 0x20];

/** The value of a hexadecimal digit by its character code. */
const HEX_DIGITS: Readonly<Record<number, number>> = Object.fromEntries(
  [...'0123456789abcdefABCDEF'].map((digit) => [digit.charCodeAt(0), Number.parseInt(digit, 16)]),
);

/**
 * Decodes what can be decoded: other percent signs stay, bytes that are no UTF-8 become U+FFFD. Byte by byte, because
 * everything built in is slow on some bodies, or does not bear wrong escapes.
 */
function percentDecoded(text: string): string {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const [high, low] = [HEX_DIGITS[bytes[at + 1] ?? 0], HEX_DIGITS[bytes[at + 2] ?? 0]];
    const isEscape = byte === PERCENT && high !== undefined && low !== undefined;
    bytes[length] = isEscape ? high * 16 + low : byte === PLUS ? SPACE : byte;
    length += 1;
    if (isEscape) at += 2;
  }
  return bytes.toString('utf8', 0, length);
}
