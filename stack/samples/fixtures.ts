import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEventV2, DynamoDBStreamEvent } from 'aws-lambda';
import type { SampleSource, SignedCallback } from '../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { sampleEvent } from './sample-event.ts';
import { sampleSecrets } from './secrets.ts';
import { type Flaw, signedSample } from './signed-sample.ts';

/** When the gateway received the fixtures, Unix time in ms: fixed, so that they stay the same. */
const RECEIVED_AT = Date.UTC(2026, 0, 1, 12);

/** Names of fixture files and the gateway event in each. */
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

/**
 * A batch of the table's stream, for the function `changes`: the upload of a file has failed that was complete at the
 * vendor before.
 */
export function streamFixture(): DynamoDBStreamEvent {
  const at = new Date(RECEIVED_AT).toISOString();
  const Keys = {
    pk: { S: 'task#rongcloud#e0x9wycfx7flq#maths-lesson' },
    sk: { S: 'file#maths.mp4' },
  };
  const facet = (value: object) => ({
    S: JSON.stringify({ at: RECEIVED_AT, ...value, task: { kind: 'recording' } }),
  });
  const order = { S: `0#${String(RECEIVED_AT).padStart(15, '0')}#0000000000000000` };
  const OldImage = { ...Keys, segment: facet({ status: 'closed', sizeBytes: 333 }), segmentOrder: order };
  const NewImage = {
    ...OldImage,
    upload: facet({ status: 'upload_failed', code: 20001 }),
    uploadOrder: order,
    failedSince: { S: at },
    attention: { S: 'attention#0' },
    attentionAt: { S: new Date(RECEIVED_AT + 24 * 60 * 60_000).toISOString() },
  };
  const dynamodb = {
    ApproximateCreationDateTime: RECEIVED_AT / 1000,
    Keys,
    OldImage,
    NewImage,
    SequenceNumber: '400000000000000027',
    SizeBytes: 512,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  } as const;
  return { Records: [{ eventName: 'MODIFY', eventSource: 'aws:dynamodb', dynamodb }] };
}

/** Everything in `events/`: file names and the event in each. */
export function fixtureFiles(): ReadonlyMap<string, object> {
  return new Map<string, object>([...fixtures(), ['changes.json', streamFixture()]]);
}

/** The text of a fixture file. */
export function fixtureText(event: object): string {
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
  const directory = fileURLToPath(new URL('../../events/', import.meta.url));
  const files = fixtureFiles();
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name.endsWith('.json') && !files.has(name)) await rm(directory + name);
  }
  for (const [name, event] of files) await writeFile(directory + name, fixtureText(event));
  console.log(`${files.size} fixtures in events/`);
}

if (import.meta.main) await writeFixtures();
