import type { AppSecrets, CallbackRequest, Vendor } from '../lib/callback/callback.ts';
import { isObject, type Json, parseJson } from '../lib/platform/json.ts';
import type { CredentialNames } from '../lib/vendors/common/vendor.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import type { VendorSecrets } from './connection.ts';

/** How what was used differs from what should have been. */
export interface Difference {
  finding: string;
  fix: string;
}

/** A secret that a signature may have been made with. */
export interface CandidateSecret {
  secret: string;
  /** What it would mean for a callback of an app; `undefined` when it is that app's live secret, as it is. */
  differenceFor(vendor: Vendor, appId: string): Difference | undefined;
}

/** A request as it may have been sent. */
export interface RequestVariant {
  request: CallbackRequest;
  /** What is different; absent for the request as it arrived. */
  finding?: string;
  fix?: string;
}

/** Secrets that hold for every app. */
export function allApps(secrets: readonly string[]): AppSecrets {
  return new (class extends Map<string, readonly string[]> {
    override get = () => secrets;
  })([['', secrets]]);
}

/** How a secret may have been miscopied, one way or the other. */
const COPIES: ReadonlyArray<{ copy: (secret: string) => string; finding: string; fix: string }> = [
  {
    copy: (secret) => secret.trim(),
    finding: 'the secret is used without the white space around it',
    fix: 'Take the white space out of the parameter.',
  },
  {
    copy: (secret) => secret.trim().replaceAll(/^["'`]|["'`]$/g, ''),
    finding: 'the secret is used without the quotes around it',
    fix: 'Take the quotes out of the parameter.',
  },
  ...[' ', '\n', '\r\n', '\t'].map((space) => ({
    copy: (secret: string) => `${secret}${space}`,
    finding: 'there is white space after the secret',
    fix: "Take it out of the vendor's console, or put it into the parameter too.",
  })),
  {
    copy: (secret) => ` ${secret}`,
    finding: 'there is white space before the secret',
    fix: "Take it out of the vendor's console, or put it into the parameter too.",
  },
  {
    copy: (secret) => secret.toLowerCase(),
    finding: 'the secret is written in lower case',
    fix: 'Copy the secret again.',
  },
  {
    copy: (secret) => secret.toUpperCase(),
    finding: 'the secret is written in upper case',
    fix: 'Copy the secret again.',
  },
  {
    copy: (secret) => Buffer.from(secret, 'base64').toString('utf8'),
    finding: 'the secret is decoded from base64',
    fix: 'Put the decoded secret into the parameter.',
  },
];

/** Every secret that is worth a try, the simplest first. */
export function candidateSecrets(
  vendors: readonly Vendor[],
  all: ReadonlyMap<Vendor, VendorSecrets>,
): CandidateSecret[] {
  const live = [...all].flatMap(([vendor, result]) =>
    result.ok ? [...result.secrets].map(([appId, secrets]) => ({ vendor, appId, secrets })) : [],
  );
  live.sort((a, b) => Number(vendors.includes(b.vendor)) - Number(vendors.includes(a.vendor)));
  const exact = live.flatMap(({ vendor, appId, secrets }) =>
    secrets.map((secret) => ({ secret, differenceFor: ownerDifference(vendor, appId) })),
  );
  const copied = COPIES.flatMap(({ copy, finding, fix }) =>
    exact.map(({ secret }) => ({ secret: copy(secret), differenceFor: () => ({ finding, fix }) })),
  );
  const ids = live.map(({ appId }) => ({
    secret: appId,
    differenceFor: () => ({
      finding: 'the app id is used for the secret',
      fix: "Enter the secret where the vendor's console asks for the key.",
    }),
  }));
  return [...exact, ...copied, ...ids].filter(({ secret }) => secret !== '');
}

function ownerDifference(ownerVendor: Vendor, ownerApp: string): CandidateSecret['differenceFor'] {
  return (vendor, appId) => {
    // An app that is not named is the one whose secret fits.
    if (vendor === ownerVendor && (appId === ownerApp || appId === '')) return undefined;
    return {
      finding: `the secret is that of ${ownerVendor} app ${ownerApp}`,
      fix:
        vendor === ownerVendor
          ? 'It belongs to another app: give each app its own secret, in the console and in the parameter.'
          : "It belongs to another vendor: put this vendor's secret into its parameter.",
    };
  };
}

const CHANGED_ON_THE_WAY =
  'Something on the way changes the body: nothing may come between the vendor and the API.';

/** What may have happened to the request, the simplest first. */
export function* requestVariants(request: CallbackRequest): Generator<RequestVariant> {
  yield { request };
  for (const [finding, body] of bodyVariants(request.body.toString('utf8'))) {
    yield { request: { ...request, body }, finding, fix: CHANGED_ON_THE_WAY };
  }
  for (const [finding, variant] of credentialVariants(request)) {
    yield {
      request: variant,
      finding,
      fix: 'Something on the way changes headers or query: nothing may come between the vendor and the API.',
    };
  }
}

function* bodyVariants(text: string): Generator<[finding: string, body: Buffer]> {
  const variants: [string, string][] = [
    ['the line end at the end of the body is cut off', text.replace(/\r?\n$/, '')],
    ['a line feed follows the body', `${text}\n`],
    ['a CR and a line feed follow the body', `${text}\r\n`],
    ['the white space around the body is cut off', text.trim()],
    ['CR and line feed become a line feed in the body', text.replaceAll('\r\n', '\n')],
    ['a line feed becomes CR and line feed in the body', text.replaceAll(/\r?\n/g, '\r\n')],
    ['the byte order mark before the body is cut off', text.replace(/^\ufeff/, '')],
    ['the slashes in the body are escaped', text.replaceAll('/', '\\/')],
    ['the slashes in the body are not escaped', text.replaceAll('\\/', '/')],
  ];
  const parsed = parseJson(text);
  if (parsed !== undefined)
    for (const [style, json] of jsonStyles(parsed)) variants.push([`the body is ${style}`, json]);
  for (const [finding, variant] of variants) if (variant !== text) yield [finding, Buffer.from(variant)];
  yield ['the body is not read as Latin-1', Buffer.from(text, 'latin1')];
  yield ['the body is decoded from base64', Buffer.from(text, 'base64')];
}

/** The ways in which JSON libraries write the same value. */
function jsonStyles(value: Json): [style: string, json: string][] {
  const styles: [string, string][] = [
    ['JSON without white space', JSON.stringify(value)],
    ['JSON with a space after colons and commas', spaced(value)],
    ["JSON in the vendor's style with tabs", tabbed(value, '')],
  ];
  for (const indent of [2, 4, '\t']) {
    styles.push([
      `JSON indented by ${indent === '\t' ? 'tabs' : `${indent} spaces`}`,
      JSON.stringify(value, null, indent),
    ]);
  }
  const ascii = styles.map(([style, json]): [string, string] => [`${style}, in ASCII`, asciiOf(json)]);
  const ended = [...styles, ...ascii].map(([style, json]): [string, string] => [
    `${style} and a line feed`,
    `${json}\n`,
  ]);
  return [...styles, ...ascii, ...ended];
}

function spaced(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`);
  return `{${members.join(', ')}}`;
}

/** As cJSON prints it: a tab after each colon, members on lines of their own, lists on one line. */
function tabbed(value: Json, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => tabbed(item, indent)).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const inner = `${indent}\t`;
  const members = Object.entries(value).map(
    ([name, member]) => `${inner}${JSON.stringify(name)}:\t${tabbed(member, inner)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function asciiOf(json: string): string {
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

type Values = CallbackRequest['headers'];

function* credentialVariants(
  request: CallbackRequest,
): Generator<[finding: string, request: CallbackRequest]> {
  const mapped = (change: (value: string, name: string) => string): CallbackRequest => ({
    ...request,
    headers: mapValues(request.headers, change),
    query: mapValues(request.query, change),
  });
  yield ['the white space around header values is cut off', mapped((value) => value.trim())];
  yield ['header and query values are percent-decoded', mapped(percentDecoded)];
  yield ['a space in a header or query value is a plus', mapped((value) => value.replaceAll(' ', '+'))];
  const timestamp = (change: (value: string) => string) => (value: string, name: string) =>
    /timestamp$/i.test(name) && /^\d+$/.test(value) ? change(value) : value;
  for (const [finding, change] of [
    ['the timestamp is in milliseconds', timestamp((value) => `${value}000`)],
    ['the timestamp is in seconds', timestamp((value) => value.slice(0, -3))],
  ] as const) {
    const body = bodyWith(request.body, change);
    yield [finding, { ...mapped(change), body }];
  }
  for (const { credentialNames } of Object.values(VENDORS)) {
    const headers = { ...request.headers, ...gatheredHeaders(request, credentialNames) };
    yield ['the credentials are gathered from headers, query and body', { ...request, headers }];
  }
}

/** The headers that carry credentials, with what is found of them anywhere. */
function gatheredHeaders({ headers, query, body }: CallbackRequest, names: CredentialNames): Values {
  const parsed = parseJson(body.toString('utf8'));
  const inBody = isObject(parsed)
    ? Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    : [];
  const entries = [...inBody, ...Object.entries(headers), ...Object.entries(query)];
  const found = new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    Object.entries(names).flatMap(([header, others]) => {
      const value = [header, ...others].map((name) => found.get(name)).find((each) => each !== undefined);
      return value === undefined ? [] : [[header, value]];
    }),
  );
}

function bodyWith(body: Buffer, change: (value: string, name: string) => string): Buffer {
  const parsed = parseJson(body.toString('utf8'));
  if (!isObject(parsed)) return body;
  const changed = Object.entries(parsed).map(([name, value]) => {
    const isPlain = typeof value === 'string' || typeof value === 'number';
    return [name, isPlain ? change(String(value), name) : value];
  });
  return Buffer.from(JSON.stringify(Object.fromEntries(changed)));
}

function mapValues(values: Values, change: (value: string, name: string) => string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? value : change(value, name)]),
  );
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
