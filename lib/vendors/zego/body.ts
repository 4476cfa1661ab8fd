import { isObject, type Json, type JsonObject, parseJson } from '../../platform/json.ts';

/** `{` in percent-encoding, once or twice. */
const PERCENT_ENCODED_BRACE = /^%(25)?7b/i;

/** No callback has as many fields; a form of 1 MiB may have half a million, which take seconds. */
const MOST_FORM_FIELDS = 1_000;

/** Reads JSON; `undefined` when the text is not JSON. */
type ParseText = (text: string) => Json | undefined;

/**
 * Reads a ZEGOCLOUD body: JSON, percent-encoded JSON, or a form, URL-encoded or multipart, whose fields are the
 * callback's or whose single key or value holds the JSON. A body that parses as JSON is never percent-decoded: the
 * URLs inside contain escapes that must survive. `undefined` when it has another form.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback
 */
export function parseZegoBody(body: Buffer, parse: ParseText = parseJson): JsonObject | undefined {
  const text = body.toString('utf8').trim();
  const parsed = parse(text);
  if (parsed !== undefined) return isObject(parsed) ? parsed : undefined;
  if (text.startsWith('{')) return parseObject(withoutTrailingCommas(text), parse);
  return (
    parsePercentEncoded(text, parse) ??
    parseFields(text.startsWith('--') ? multipartFields(text) : formFields(text), parse)
  );
}

function parsePercentEncoded(text: string, parse: ParseText): JsonObject | undefined {
  if (!PERCENT_ENCODED_BRACE.test(text)) return undefined;
  const decoded = percentDecoded(text);
  return parseObject(decoded, parse) ?? parseObject(percentDecoded(decoded), parse);
}

/** `undefined` where the text is no form, or has too many fields. */
function formFields(text: string): [name: string, value: string][] | undefined {
  if (!text.includes('=') || text.split('&', MOST_FORM_FIELDS + 1).length > MOST_FORM_FIELDS)
    return undefined;
  return [...new URLSearchParams(text)];
}

/** RFC 7578. The boundary is the first line, because the header that names it is not part of the body. */
function multipartFields(text: string): [name: string, value: string][] | undefined {
  const boundary = text.slice(0, text.indexOf('\r\n'));
  const parts = text.split(`\r\n${boundary}`, MOST_FORM_FIELDS + 1);
  if (boundary.length < 3 || parts.length > MOST_FORM_FIELDS) return undefined;
  return parts.flatMap((part) => {
    const headersEnd = part.indexOf('\r\n\r\n');
    const name = /;[ \t]*name="([^"]*)"/i.exec(part.slice(0, headersEnd))?.[1];
    return headersEnd < 0 || name === undefined ? [] : [[name, part.slice(headersEnd + 4)]];
  });
}

function parseFields(
  fields: [name: string, value: string][] | undefined,
  parse: ParseText,
): JsonObject | undefined {
  const [first, ...rest] = fields ?? [];
  if (fields === undefined || first === undefined) return undefined;
  const wrapped =
    rest.length === 0 ? (parseObject(first[1], parse) ?? parseObject(first[0], parse)) : undefined;
  return wrapped ?? Object.fromEntries(fields);
}

function parseObject(text: string, parse: ParseText): JsonObject | undefined {
  const parsed = parse(text);
  return isObject(parsed) ? parsed : undefined;
}

/**
 * A document without the commas before a closing bracket, as the vendor's own sample of `snapshot` has one. One pass,
 * because the document is not verified yet.
 */
function withoutTrailingCommas(text: string): string {
  let kept = '';
  let from = 0;
  let comma = -1;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === ',') comma = at;
    else if ((character === '}' || character === ']') && comma >= 0) {
      kept += text.slice(from, comma);
      [from, comma] = [comma + 1, -1];
    } else if (character?.trim() !== '') {
      comma = -1;
      isInString = character === '"';
    }
  }
  return kept + text.slice(from);
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
    const escaped = byte === PERCENT ? escapedByte(bytes, at) : undefined;
    bytes[length] = escaped ?? (byte === PLUS ? SPACE : byte);
    length += 1;
    if (escaped !== undefined) at += 2;
  }
  return bytes.toString('utf8', 0, length);
}

/** The byte that the escape at a percent sign stands for; `undefined` when it is no escape. */
function escapedByte(bytes: Buffer, percent: number): number | undefined {
  const [high, low] = [HEX_DIGITS[bytes[percent + 1] ?? 0], HEX_DIGITS[bytes[percent + 2] ?? 0]];
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}
