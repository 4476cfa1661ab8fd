import { type Json, parseJson } from '../lib/platform/json.ts';

/** What stands for a value that is not shown. */
export const REDACTED = '[redacted]';

/** Names of fields, headers and query parameters whose values let somebody in, in lower case and without separators. */
const SENSITIVE_PART =
  /secret|token|passw(?:or)?d|credential|authorization|cookie|signature|usersig|(?:access|api|private|session|sign|callback)key(?!id$)/;
const SENSITIVE_NAME = /^(?:sign|sig|nonce|auth|pwd)$/;

/** What follows the question mark or the number sign of a URL, and who it is for: both may hold credentials. */
const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"<>]+)/gi;

/** The beginning of `name: value`, `"name": "value"` and `name=value`; bounded, so that long words cost no time. */
const NAME_IN_TEXT = /(?<![\w.-])([\w.-]{1,64})\\*["']?\s*[:=]\s*/g;

const VALUE_IN_TEXT = /\\+"[^"]*"?|"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s&,;}\]]+/y;

/** Fields nested deeper than this are not shown: nobody reads them, and following them needs a stack. */
const DEEPEST = 64;

/** Whether the value of a field of this name is never shown. */
export function isSensitive(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return SENSITIVE_NAME.test(plain.replace(/^(?:rc|x)/, '')) || SENSITIVE_PART.test(plain);
}

/** A JSON value without credentials: sensitive fields, and the queries of URLs. All else stays as it is. */
export function redactJson(value: Json, depth = 0): Json {
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value;
  if (depth >= DEEPEST) return REDACTED;
  if (typeof value === 'string') return redactString(value, depth);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSensitive(name) ? REDACTED : redactJson(inner, depth + 1),
    ]),
  );
}

/** Text of any kind without the queries of URLs and without the values of sensitive names. */
export function redactText(text: string): string {
  const withoutQueries = redactUrls(text);
  let shown = '';
  let position = 0;
  for (const name of withoutQueries.matchAll(NAME_IN_TEXT)) {
    if (name.index < position || !isSensitive(name[1] ?? '')) continue;
    const valueAt = name.index + name[0].length;
    VALUE_IN_TEXT.lastIndex = valueAt;
    const value = VALUE_IN_TEXT.exec(withoutQueries)?.[0] ?? '';
    shown += withoutQueries.slice(position, valueAt) + (value === '' ? '' : REDACTED);
    position = valueAt + value.length;
  }
  return shown + withoutQueries.slice(position);
}

/**
 * The body of a callback for people: the redacted JSON of a JSON body, also of a percent-encoded one; the redacted
 * fields of a form; else redacted text.
 */
export function redactBody(body: Buffer): Json {
  const text = body.toString('utf8');
  const decoded = /^\s*%7b/i.test(text) ? percentDecoded(text) : text;
  const parsed = parseJson(decoded);
  if (parsed !== undefined) return redactJson(parsed);
  if (/^[\w.%+-]+=\S*$/.test(text.trim())) {
    return redactJson(Object.fromEntries(new URLSearchParams(text.trim())));
  }
  return redactText(decoded);
}

/** Vendors put JSON into strings; it is redacted as JSON. */
function redactString(value: string, depth: number): Json {
  const inner = /^\s*[[{"]/.test(value) ? parseJson(value) : undefined;
  if (inner !== undefined) return JSON.stringify(redactJson(inner, depth + 1));
  return redactText(value);
}

function redactUrls(text: string): string {
  return text.replaceAll(URL_IN_TEXT, (_url, scheme: string, rest: string) => {
    const [address = ''] = rest.split(/[?#]/);
    const path = address.replace(/^[^/]*@/, '');
    return `${scheme}${path}${address.length < rest.length ? `?${REDACTED}` : ''}`;
  });
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
