import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { SampleSource, SignedCallback } from '../lib/sample.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleEvent } from './sample-event.ts';
import { sampleSecrets } from './secrets.ts';
import { type Flaw, signedSample } from './signed-sample.ts';

/** When the gateway received the fixtures, Unix time in ms: fixed, so that they stay the same. */
const RECEIVED_AT = Date.UTC(2026, 0, 1, 12);

/** Fixture file names and the gateway event in each. */
export type Fixtures = ReadonlyMap<string, APIGatewayProxyEventV2>;

/**
 * The gateway events in `events/`, by file name: each sample of each source, and for each source requests that
 * are refused. The name begins with that of the function they are for.
 */
export function fixtures(): Fixtures {
  const files = new Map<string, APIGatewayProxyEventV2>();
  for (const source of SAMPLE_SOURCES) {
    for (const name of Object.keys(source.events))
      files.set(`${source.name}-${name}.json`, signedEvent(source, name));
    const [first = ''] = Object.keys(source.events);
    files.set(`${source.name}-bad-signature.json`, signedEvent(source, first, 'signature'));
    files.set(`${source.name}-no-body.json`, event(source, { headers: {}, body: Buffer.alloc(0) }));
    for (const [variant, encode] of Object.entries(source.variants ?? {})) {
      files.set(`${source.name}-${first}-${variant}.json`, event(source, encode(signed(source, first))));
    }
  }
  return files;
}

/** The text of a fixture file. */
export function fixtureText(event: APIGatewayProxyEventV2): string {
  return `${JSON.stringify(event, null, 2)}\n`;
}

function signedEvent(source: SampleSource, name: string, flaw?: Flaw): APIGatewayProxyEventV2 {
  return event(source, signed(source, name, flaw));
}

function signed(source: SampleSource, name: string, flaw?: Flaw): SignedCallback {
  const nonce = String(createHash('sha256').update(`${source.name} ${name}`).digest().readUInt32BE());
  const sample = signedSample(source, name, sampleSecrets({}), { now: RECEIVED_AT, nonce, flaw });
  if (!sample.ok) throw new Error(sample.reason);
  return sample.callback;
}

function event(source: SampleSource, callback: SignedCallback): APIGatewayProxyEventV2 {
  return sampleEvent(source, callback, RECEIVED_AT);
}

/** Writes the fixtures into `events/`, and removes those that are no longer made. */
async function writeFixtures(): Promise<void> {
  const directory = fileURLToPath(new URL('../events/', import.meta.url));
  const files = fixtures();
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name.endsWith('.json') && !files.has(name)) await rm(directory + name);
  }
  for (const [name, gatewayEvent] of files) await writeFile(directory + name, fixtureText(gatewayEvent));
  console.log(`${files.size} fixtures in events/`);
}

if (import.meta.main) await writeFixtures();
