import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { AppSecrets, Vendor } from '../lib/callback/callback.ts';
import type { Environment } from '../lib/platform/environment.ts';
import type { Json } from '../lib/platform/json.ts';
import { parseSecrets } from '../lib/receive/secrets.ts';

/** The queues by the last part of their names. */
export type QueueName = 'callbacks' | 'quarantine' | 'dead-letter';

/** The text of a vendor's secrets, and since when it is what it is, Unix time in ms, where the store says so. */
export interface StoredSecrets {
  text: string;
  changedAt?: number | undefined;
}

/** The options that choose what the tool talks to. */
export interface ConnectionOptions {
  url?: string;
  stage?: string;
  region?: string;
  profile?: string;
}

/** The stack that the tool talks to. All of it is looked up when it is first needed. */
export interface Connection {
  /** For people: `the local stack at http://127.0.0.1:3000`, `stage prod`. */
  name: string;
  isLocal: boolean;
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  tableName(): Promise<string>;
  /** The base URL of the read API, without a slash at its end. */
  baseUrl(): Promise<string>;
  /** Whether the source's callbacks are received: the parameter `vendors` may leave it out. */
  receives(source: { name: string }): Promise<boolean>;
  /** The URL that a vendor calls for a source, without a slash at its end. Rejects where the source is left out. */
  callbackUrl(source: { name: string; path: string }): Promise<string>;
  /** The headers that sign a request to the read or write API. */
  signed(url: URL, method: string, body?: string): Promise<Record<string, string>>;
  queueUrl(queue: QueueName): Promise<string>;
  /** The log lines of functions, and locally the changes, as they come. */
  logLines(selection: LineSelection): NewLines;
  /** The log lines of functions from a moment until now. Rejects when they cannot be read. */
  pastLines(selection: LineSelection & { since: number }): Promise<PastLines>;
  /** A search in the log lines of the past. */
  searchLines(options: SearchOptions): LineSearch;
  /** Reports a removed message to the local stack, which shows it; a deployed stage shows no such thing. */
  tellRemoved(loggedId: string): Promise<void>;
  /** The variables of a function, as far as they have values; locally those that `npm start` reads. */
  functionEnvironment(name: 'consumer' | 'watch'): Promise<Environment>;
  /** Who works here: the AWS identity's ARN, or locally the user of the operating system. Rejects when AWS does not say. */
  identity(): Promise<string>;
  /** Where a vendor's secrets are: for people. */
  secretsPlace(vendor: Vendor): string;
  /** A vendor's secrets as stored; `undefined` when there are none. Rejects when the store cannot be reached. */
  storedSecrets(vendor: Vendor): Promise<StoredSecrets | undefined>;
}

/** Those of some sources whose callbacks a stack receives. Rejects when its outputs cannot be read. */
export async function receivedBy<Source extends { name: string }>(
  connection: Connection,
  sources: Iterable<Source>,
): Promise<Source[]> {
  const received: Source[] = [];
  for (const source of sources) if (await connection.receives(source)) received.push(source);
  return received;
}

/** How long one request to an API may take, in ms. */
export const REQUEST_TIMEOUT_MS = 25_000;

/** Reads a page of the read API. Rejects when it cannot be reached. */
export async function get(connection: Connection, path: string, stop?: AbortSignal): Promise<Response> {
  const url = new URL((await connection.baseUrl()) + path);
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  return fetch(url, {
    headers: await connection.signed(url, 'GET'),
    signal: stop === undefined ? timeout : AbortSignal.any([timeout, stop]),
  });
}

/** Sends a request to the write API. Rejects when it cannot be reached. */
export async function change(
  connection: Connection,
  method: 'PUT' | 'POST' | 'DELETE',
  path: string,
  document?: object,
): Promise<Response> {
  const url = new URL((await connection.baseUrl()) + path);
  const body = document === undefined ? undefined : JSON.stringify(document);
  return fetch(url, {
    method,
    headers: await connection.signed(url, method, body),
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}

/** How many attempts and how long, in ms: a person waits, possibly far from the region. */
export const CLIENT_SETTINGS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/** Which log lines are wanted. */
export interface LineSelection {
  /** Unix time in ms from which on; what comes from now on when absent. */
  since?: number | undefined;
  /** The functions whose lines they are, as `serverless.yml` names them. */
  functions: readonly string[];
  /** The values of the field `message`. */
  messages: readonly string[];
}

/** Lines that have come since they were last asked for. */
export interface LineBatch {
  lines: Json[];
  /** How many more there were that nobody remembers. */
  missed: number;
}

/** Log lines as they come. */
export interface NewLines {
  /** Rejects when they cannot be read; those that were not given yet come with the next call. */
  next(): Promise<LineBatch>;
  /** How long to wait between two calls, in ms. */
  pauseMs: number;
}

/** Log lines of a time that is over. */
export interface PastLines {
  lines: Json[];
  /** What was left out because it was too much, each for people: `log of zego: …`. */
  omissions: string[];
}

/** What bounds a search in CloudWatch Logs. */
export interface SearchOptions {
  /** The most requests to it. */
  mostRequests: number;
  /** Called before each of them. */
  onRequest: () => void;
  /** Ends the search with what was found. */
  signal: AbortSignal;
}

/** Which lines are asked for: of a time, from `from` on and before `to`, Unix time in ms. */
export interface LineQuestion {
  from: number;
  to: number;
  /** The fields that may have the value, by the function, as `serverless.yml` names it. */
  fields: Readonly<Record<string, readonly string[]>>;
  /** The line has one of these values in one of the fields; a longer one is cut in the line. */
  values: readonly string[];
}

/** A search in the log lines of the past. */
export interface LineSearch {
  /** Resolves to all lines that fit, and maybe others of that time. Rejects when they cannot be read. */
  read(question: LineQuestion): Promise<Json[]>;
  /** For people: why lines may be missing; `undefined` when none is. */
  missing(): string | undefined;
}

/** Looks up the queues of a stack by their names, each of them once. Rejects with the SDK's exceptions. */
export function createQueueUrls(sqs: SQSClient, prefix: string): (queue: QueueName) => Promise<string> {
  const urls = new Map<QueueName, Promise<string>>();
  async function lookUp(queue: QueueName): Promise<string> {
    // Loaded with the client; help and completion need not wait for it.
    const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${prefix}-${queue}` }));
    return QueueUrl;
  }
  return (queue) => {
    const url = urls.get(queue) ?? lookUp(queue);
    urls.set(queue, url);
    return url;
  };
}

/** A vendor's live secrets, or why there are none; `isMissing` when nobody has put any there. */
export type VendorSecrets =
  | { ok: true; secrets: AppSecrets; changedAt?: number | undefined }
  | { ok: false; reason: string; isMissing?: boolean };

/** Reads the secrets of vendors, each once. Rejects when their store cannot be reached. */
export function createSecretsReader(connection: Connection): (vendor: Vendor) => Promise<VendorSecrets> {
  const known = new Map<Vendor, Promise<VendorSecrets>>();
  async function read(vendor: Vendor): Promise<VendorSecrets> {
    const stored = await connection.storedSecrets(vendor);
    if (stored === undefined) return { ok: false, reason: `no secrets for ${vendor}`, isMissing: true };
    const result = parseSecrets(stored.text);
    return result.ok ? { ...result, changedAt: stored.changedAt } : result;
  }
  return (vendor) => {
    const secrets = known.get(vendor) ?? read(vendor);
    known.set(vendor, secrets);
    return secrets;
  };
}

/** What the read API answered: the parts of every page put together, or the answer that was not 200. */
export type Pages = { ok: true; body: Record<string, unknown> } | { ok: false; response: Response };

/** Reads every page of an answer of the read API. `get` asks for a path; its rejections are passed on. */
export async function readPages(get: (path: string) => Promise<Response>, path: string): Promise<Pages> {
  const whole: Record<string, unknown> = {};
  for await (const page of eachPage(get, path)) {
    if (!page.ok) return page;
    for (const [name, value] of Object.entries(page.body)) {
      const earlier = whole[name];
      whole[name] = Array.isArray(value) && Array.isArray(earlier) ? [...earlier, ...value] : value;
    }
  }
  return { ok: true, body: whole };
}

/** Reads an answer of the read API page by page, and ends at one that was not 200. `get` asks for a path. */
export async function* eachPage(
  get: (path: string) => Promise<Response>,
  path: string,
): AsyncGenerator<Pages> {
  let cursor = '';
  do {
    const response = await get(`${path}${cursor}`);
    if (!response.ok) {
      yield { ok: false, response };
      return;
    }
    const { next, ...body } = (await response.json()) as Record<string, unknown>;
    yield { ok: true, body };
    cursor = typeof next === 'string' ? `${path.includes('?') ? '&' : '?'}cursor=${next}` : '';
  } while (cursor !== '');
}
