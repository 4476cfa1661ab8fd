import { userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { field, type Json } from '../lib/platform/json.ts';
import { readVariable } from '../lib/receive/secrets.ts';
import type { LinesAnswer } from '../stack/recent-lines.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import {
  CLIENT_SETTINGS,
  type Connection,
  type ConnectionOptions,
  createQueueUrls,
  type LineSearch,
  type LineSelection,
  type NewLines,
} from './connection.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';
import { textOf } from './log-lines.ts';

const PREFIX = 'rtc-callbacks-local';

/** Connects to the stack of `npm start`. */
export function connectLocal({ url }: ConnectionOptions): Connection {
  const base = (url ?? `http://127.0.0.1:${process.env.PORT || 3000}`).replace(/\/+$/, '');
  if (!URL.canParse(base)) throw wrongUsage(`--url takes a URL, not "${base}"`);
  const settings = {
    ...CLIENT_SETTINGS,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const sqs = new SQSClient({ ...settings, endpoint: `${base}/aws/sqs` });
  const dynamodb = new DynamoDBClient({ ...settings, endpoint: `${base}/aws/dynamodb` });
  return {
    name: `the local stack at ${base}`,
    isLocal: true,
    sqs,
    dynamodb,
    tableName: async () => `${PREFIX}-ledger`,
    baseUrl: async () => base,
    receives: async () => true,
    callbackUrl: async ({ path }) => base + path,
    signed: async () => ({}),
    queueUrl: createQueueUrls(sqs, PREFIX),
    logLines: (selection) => localLines(base, selection),
    async pastLines({ since, messages }) {
      const { lines, isCut } = await readLines(base, { since: String(since) });
      return {
        lines: lines.filter((line) => messages.includes(String(field(line, 'message')))),
        omissions: isCut ? ['the log: the local stack remembers only the last 4 MB'] : [],
      };
    },
    searchLines: () => rememberedLines(base),
    async tellRemoved(loggedId) {
      const url = `${base}/local/removed?${new URLSearchParams({ messageId: loggedId })}`;
      // It is removed all the same.
      await fetch(url, { method: 'POST' }).catch(() => {});
    },
    functionEnvironment: async () => process.env,
    identity: async () => userInfo().username,
    secretsPlace: () => 'CALLBACK_SECRETS',
    async storedSecrets(vendor) {
      const variable = process.env.CALLBACK_SECRETS || JSON.stringify(sampleSecrets({}));
      const answer = await readVariable(variable, vendor)();
      if (!answer.ok) throw wrongUsage(answer.reason);
      return { text: answer.body };
    },
  };
}

const PAUSE_MS = 250;
const TIMEOUT_MS = 5_000;

/** The log lines and changes that the local stack at `base` remembers. */
function localLines(base: string, { since }: LineSelection): NewLines {
  let position: Record<string, string> = since === undefined ? {} : { since: String(since) };
  return {
    pauseMs: PAUSE_MS,
    async next() {
      const { lines, missed, next } = await readLines(base, position);
      if (next !== undefined) position = { after: next };
      return { lines, missed };
    },
  };
}

/** All log lines and changes that the local stack at `base` remembers, read once. */
function rememberedLines(base: string): LineSearch {
  let answer: Promise<Pick<LinesAnswer, 'lines' | 'isCut'>> | undefined;
  let isMissing: boolean | undefined;
  const timeOf = (line: Json | undefined) => Date.parse(textOf(line, 'time') ?? '');
  return {
    async read({ from, to }) {
      answer ??= readLines(base, { since: '0' });
      const { lines, isCut } = await answer;
      isMissing ??= isCut && !(timeOf(lines[0]) < from);
      return lines.filter((line) => timeOf(line) >= from && timeOf(line) < to);
    },
    missing: () =>
      isMissing ? 'The local stack remembers only the last 4 MB of lines, not all of that time.' : undefined,
  };
}

/** Asks the local stack at `base` for lines; no `next` while it starts or stops. */
async function readLines(
  base: string,
  position: Record<string, string>,
): Promise<Omit<LinesAnswer, 'next'> & { next?: string }> {
  const url = `${base}/local/lines?${new URLSearchParams(position)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status === 503) return { lines: [], missed: 0, isCut: false };
  if (!response.ok) {
    throw new CommandFailure(
      EXIT.unreachable,
      `${base} answered ${response.status}. Is it the stack of "npm start"?`,
    );
  }
  return (await response.json()) as LinesAnswer;
}
