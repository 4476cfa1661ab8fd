import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import type { JsonObject } from '../../lib/platform/json.ts';
import type { SampleSource, SignedCallback } from '../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type SampleOptions, signedSample } from '../../stack/samples/signed-sample.ts';
import { linesWith } from './log-file.ts';

/** What the stack answered. */
export interface StackAnswer {
  status: number;
  headers: Headers;
  text: string;
  body: JsonObject;
}

/** A log line of a function, with the fields that tests ask for. */
export interface LoggedLine {
  level: string;
  message: string;
  verdict?: string;
  /** The observations in a consumed callback, and how many of them changed the state. */
  observations?: number;
  changes?: number;
}

/** A running stack as vendors and users see it, and its log. */
export interface StackClient {
  /** Posts a callback to its source's route. */
  post(source: SampleSource, callback: SignedCallback): Promise<StackAnswer>;
  /** Any request. */
  request(path: string, init?: RequestInit): Promise<StackAnswer>;
  /** The answer of the read API once `check` holds for it; fails with the last answer when it never does. */
  readWhen(path: string, check: (answer: StackAnswer) => void): Promise<StackAnswer>;
  /** What became of the callbacks that name the task or room `id`, once `count` of them were consumed. */
  consumedWhen(id: string, count: number): Promise<LoggedLine[]>;
  /** The log lines that hold `text`. */
  linesWith(text: string): Promise<LoggedLine[]>;
}

/**
 * A client of the stack at `url` that logs to `logFile`. It reads again after a 503, at most `retries` times, as users do.
 * A callback is sent once: its answer is what tests are about.
 */
export function stackClient(url: string, logFile: string, retries = 0): StackClient {
  const client: StackClient = {
    post: (source, { headers, body }) => client.request(source.path, { method: 'POST', headers, body }),

    async request(path, init = {}) {
      let response = await fetch(url + path, init);
      const isRead = init.method === undefined;
      for (let left = retries; isRead && left > 0 && response.status === 503; left -= 1)
        response = await fetch(url + path, init);
      const text = await response.text();
      const body = text === '' ? {} : JSON.parse(text);
      return { status: response.status, headers: response.headers, text, body };
    },

    async readWhen(path, check) {
      let last: StackAnswer | undefined;
      await expect
        .poll(async () => {
          last = await client.request(path);
          check(last);
          return true;
        })
        .toBe(true);
      return last as StackAnswer;
    },

    async consumedWhen(id, count) {
      let consumed: LoggedLine[] = [];
      await expect
        .poll(async () => {
          consumed = (await client.linesWith(id)).filter(({ message }) => message === 'consumed');
          return consumed.length;
        })
        .toBeGreaterThanOrEqual(count);
      return consumed;
    },

    async linesWith(text) {
      return (await linesWith(logFile, text)).map((line) => JSON.parse(line));
    },
  };
  return client;
}

/** The client of the stack that all tests share. Nothing is out there: a read is answered 503 where the machine is too busy. */
export function sharedStack(): StackClient {
  return stackClient(inject('stackUrl'), inject('stackLog'), 5);
}

/** A sample of a source, signed for the running stack; every one with its own nonce. */
export function sample(
  source: SampleSource,
  event = Object.keys(source.events)[0] ?? '',
  options: Partial<SampleOptions> = {},
): SignedCallback {
  const nonce = randomUUID().slice(0, 18);
  const built = signedSample(source, event, inject('stackSecrets'), { now: Date.now(), nonce, ...options });
  if (!built.ok) throw new Error(built.reason);
  return built.callback;
}

/** The sample source of a name. */
export function sourceNamed(name: string): SampleSource {
  const source = SAMPLE_SOURCES.find((candidate) => candidate.name === name);
  if (source === undefined) throw new Error(`no source is named ${name}`);
  return source;
}

/** Posts a callback to the shared stack. */
export function post(source: SampleSource, callback: SignedCallback): Promise<StackAnswer> {
  return sharedStack().post(source, callback);
}

/** Any request to the shared stack. */
export function request(path: string, init?: RequestInit): Promise<StackAnswer> {
  return sharedStack().request(path, init);
}

/** The answer of the shared stack's read API once `check` holds for it. */
export function readWhen(path: string, check: (answer: StackAnswer) => void): Promise<StackAnswer> {
  return sharedStack().readWhen(path, check);
}
