import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Vendor } from '../lib/callback/callback.ts';
import type { Environment } from '../lib/platform/environment.ts';
import { createBodyReader } from '../lib/queue/body-reader.ts';
import type { StoredBody } from '../lib/queue/stored-body.ts';
import type { LineSelection, NewLines } from './log-lines.ts';

/** The queues by the last part of their names. */
export type QueueName = 'callbacks' | 'quarantine' | 'dead-letter';

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
  tableName: string;
  /** The base URL of the read API, without a slash at its end. */
  baseUrl(): Promise<string>;
  /** The URL that a vendor calls for a source, without a slash at its end. */
  callbackUrl(source: { name: string; path: string }): Promise<string>;
  /** The headers that sign a `GET` request to the read API. */
  signed(url: URL): Promise<Record<string, string>>;
  queueUrl(queue: QueueName): Promise<string>;
  /** The log lines of functions, and locally the changes, as they come. */
  logLines(selection: LineSelection): NewLines;
  /** Tells the local stack, which shows it, that a message was removed; a deployed one has nobody who would show it. */
  tellRemoved(loggedId: string): Promise<void>;
  /** The variables of the consumer, as far as they have values; locally those that `npm start` reads. */
  consumerEnvironment(): Promise<Environment>;
  /** Where a vendor's secrets are: for people. */
  secretsPlace(vendor: Vendor): string;
  /** The text of a vendor's secrets; `undefined` when there is none. Rejects when the store cannot be reached. */
  secretsText(vendor: Vendor): Promise<string | undefined>;
}

/** Reads bodies that were too large for their messages. */
export function bodyReader({ dynamodb, tableName }: Connection): (stored: StoredBody) => Promise<Buffer> {
  return createBodyReader(dynamodb, tableName);
}

/** How long one request to an API may take, in ms. */
export const REQUEST_TIMEOUT_MS = 25_000;

/** Reads a page of the read API. Rejects when it cannot be reached. */
export async function get(connection: Connection, path: string): Promise<Response> {
  const url = new URL((await connection.baseUrl()) + path);
  return fetch(url, {
    headers: await connection.signed(url),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}
