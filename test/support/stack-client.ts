import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import type { SampleSource, SignedCallback } from '../../lib/sample.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type SampleOptions, signedSample } from '../../local/signed-sample.ts';

/** What the stack answered. */
export interface StackAnswer {
  status: number;
  headers: Headers;
  text: string;
  body: JsonObject;
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

/** Posts a callback to its source's route. */
export async function post(source: SampleSource, { headers, body }: SignedCallback): Promise<StackAnswer> {
  return request(source.path, { method: 'POST', headers, body });
}

/** Any request to the running stack. */
export async function request(path: string, init: RequestInit = {}): Promise<StackAnswer> {
  const response = await fetch(inject('stackUrl') + path, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? {} : JSON.parse(text),
  };
}

/** The answer of the read API once `check` holds for it; fails with the last answer when it never does. */
export async function readWhen(path: string, check: (answer: StackAnswer) => void): Promise<StackAnswer> {
  let last: StackAnswer | undefined;
  await expect
    .poll(
      async () => {
        last = await request(path);
        check(last);
        return true;
      },
      { timeout: 15_000, interval: 50 },
    )
    .toBe(true);
  return last as StackAnswer;
}
