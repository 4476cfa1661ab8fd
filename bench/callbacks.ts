import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { JsonObject } from '../lib/platform/json.ts';
import type { SampleSource, SignedCallback } from '../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleEvent } from '../stack/samples/sample-event.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';

/** The callback of each vendor that measurements use: the upload of one file, or of one picture. */
export const USUAL_CALLBACKS = [
  { source: 'rongcloud-recording', event: 'upload' },
  { source: 'tencent', event: 'screenshot' },
  { source: 'zego', event: 'snapshot' },
] as const;

/** The sample source of a name. Throws when there is none. */
export function sourceNamed(name: string): SampleSource {
  const source = SAMPLE_SOURCES.find((candidate) => candidate.name === name);
  if (source === undefined) throw new Error(`There are no samples of ${name}.`);
  return source;
}

/** The unsigned body of a sample, as of `now`, Unix time in ms. */
export function sampleBody(source: SampleSource, event: string, now = Date.now()): JsonObject {
  const body = source.events[event]?.(source.appId, now);
  if (body === undefined) throw new Error(`There is no sample ${source.name} ${event}.`);
  return body;
}

/** A body signed with the sample secret, and a nonce that no other callback has. */
export function signed(source: SampleSource, body: JsonObject, now = Date.now()): SignedCallback {
  return source.sign(body, { appId: source.appId, secret: sampleSecret(source), now, nonce: randomUUID() });
}

/** The secret of a source's sample app. */
export function sampleSecret({ vendor, appId }: SampleSource): string {
  const secret = sampleSecrets({})[vendor]?.[appId]?.[0];
  if (secret === undefined) throw new Error(`There is no sample secret of ${vendor}.`);
  return secret;
}

/** Writes the gateway event of a signed sample into a folder; returns the file. */
export async function writeSampleEvent(
  directory: string,
  source: SampleSource,
  event: string,
): Promise<string> {
  const file = join(directory, `${source.name}.json`);
  await writeFile(file, JSON.stringify(gatewayEvent(source, signed(source, sampleBody(source, event)))));
  return file;
}

/** The gateway event of a signed callback. */
export function gatewayEvent(source: SampleSource, callback: SignedCallback): APIGatewayProxyEventV2 {
  return sampleEvent(source, callback, Date.now());
}
