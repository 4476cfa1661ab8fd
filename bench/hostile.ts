import { createRequire } from 'node:module';
import type { CallbackRequest } from '../lib/callback/callback.ts';
import { cpuMicroseconds } from './cpu-time.ts';
import { bundleBaseline } from './packaged.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';

const BODY_BYTES = 1_048_576;

const TURNS = 11;
const WARM_UP_RUNS = 10;

export const hostile: Part = {
  name: 'hostile',
  method:
    'CPU time of refusing a body of 1 MiB that nobody has signed, bundled as it is deployed, and of JSON.parse of the same bytes: ' +
    `medians of ${TURNS} turns each, in turns in one process. A body that is not JSON is compared with a list of small numbers.`,
  run: measure,
};

type Bundled = typeof import('./baseline/handlers/verification.ts');

/** Signed with nothing, but in the right form: it is refused only when the secrets are known. */
const CREDENTIALS = `"timestamp":1790000000,"signature":"${'0'.repeat(40)}"`;

/** A number that a double does not hold, where its digits count. */
const LONG = '12345678901234567';
const CREDENTIAL_NAMES = ['nonce', 'timestamp', 'appid', 'appKey'];

const SMALL_NUMBERS = list(',', '1');

/** JSON that asks for more work than it looks like. */
const JSON_BODIES: Readonly<Record<string, string>> = {
  'small numbers': document(SMALL_NUMBERS),
  'one long number among small ones': document(list(',', '1', `${LONG},`)),
  'long numbers': document(list(',', LONG)),
  'members with long numbers': `{${list(',', `"n":${LONG}`, `${CREDENTIALS},"nonce":1,`)}}`,
  ...Object.fromEntries(
    CREDENTIAL_NAMES.map((name) => [
      `${name} again and again`,
      `{${list(',', `"${name}":${LONG}`, `${CREDENTIALS},"nonce":${LONG},`)}}`,
    ]),
  ),
  'a nonce of a million digits': `{${CREDENTIALS},"nonce":${'9'.repeat(BODY_BYTES - 100)}}`,
  'white space': `{${' '.repeat(BODY_BYTES - 150)}${CREDENTIALS},"nonce":${LONG}}`,
  'one text': document(`"${'x'.repeat(BODY_BYTES - 200)}"`, ''),
  'escaped quotes': document(`"${list('', '\\"')}"`, ''),
  'nested lists': document('['.repeat(BODY_BYTES / 2 - 100) + ']'.repeat(BODY_BYTES / 2 - 100), ''),
  'empty objects': document(list(',', '{}')),
};

/** Not JSON, though it may take long to find out. */
const OTHER_BODIES: Readonly<Record<string, string>> = {
  'a form of empty fields': `a=${list('&', '')}`,
  'a form of many fields': `a=${list('&', 'a')}`,
  'a form that is no UTF-8': `a=${list('&', '%C3')}`,
  'escapes one by one': `%7B${list('x', '%20')}`,
  'plus signs': `%7B${list('+', '')}`,
};

/** As many of `item` as the body has room for. */
function list(separator: string, item: string, before = ''): string {
  const room = BODY_BYTES - before.length - 200;
  return (
    before +
    Array(Math.floor(room / (item.length + separator.length)))
      .fill(item)
      .join(separator)
  );
}

function document(content: string, bracket = '[]'): string {
  const [open = '', close = ''] = bracket;
  return `{${CREDENTIALS},"nonce":${LONG},"content":${open}${content}${close}}`;
}

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const bundled: Bundled = createRequire(import.meta.url)(await bundleBaseline('verification'));
  const figures: Figure[] = [];
  for (const [name, text] of Object.entries(JSON_BODIES)) {
    progress(name);
    figures.push(
      figureOf('rongcloud', name, text, text, bundled),
      figureOf('zego', name, text, text, bundled),
    );
  }
  for (const [name, text] of Object.entries(OTHER_BODIES)) {
    progress(name);
    figures.push(figureOf('zego', name, text, `[${SMALL_NUMBERS}]`, bundled));
  }
  return { distributions: [], figures };
}

function figureOf(
  vendor: 'rongcloud' | 'zego',
  what: string,
  text: string,
  json: string,
  { verifyWith, VENDORS, bareParse }: Bundled,
): Figure {
  const request = requestWith(text);
  const secrets = new Map([['app', ['secret']]]);
  const verify = () => verifyWith(VENDORS[vendor].verify, request, secrets);
  if (verify().ok) throw new Error(`The body ${what} verifies.`);
  const [verifying, parsing] = cpuMicroseconds([verify, () => bareParse(Buffer.from(json))], {
    turns: TURNS,
    warmUpRuns: WARM_UP_RUNS,
  }) as [number, number];
  return {
    what: `${vendor}, ${what}`,
    value: verifying / parsing,
    unit: '×',
    target: { atMost: 2 },
    note: `${(verifying / 1000).toFixed(1)} and ${(parsing / 1000).toFixed(1)} ms, ${request.body.length} bytes`,
  };
}

/** Signed in the headers, too, so that a verifier goes on to the body. */
function requestWith(text: string): CallbackRequest {
  return {
    method: 'POST',
    path: '/',
    headers: { 'rc-nonce': '1', 'rc-timestamp': '1790000000', 'rc-signature': '0'.repeat(40) },
    query: {},
    body: Buffer.from(text),
    sourceIp: '203.0.113.7',
    receivedAt: 0,
  };
}
