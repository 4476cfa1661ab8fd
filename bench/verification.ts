import { createRequire } from 'node:module';
import type { AppSecrets, CallbackRequest } from '../lib/callback/callback.ts';
import { requestOf } from '../lib/platform/aws/gateway.ts';
import type { Json, JsonObject } from '../lib/platform/json.ts';
import type { SampleSource } from '../lib/vendors/common/sample.ts';
import { gatewayEvent, sampleBody, sampleSecret, signed, sourceNamed, USUAL_CALLBACKS } from './callbacks.ts';
import { cpuMicroseconds } from './cpu-time.ts';
import { bundleBaseline } from './packaged.ts';
import type { Figure, Part, PartResult, RunOptions } from './report.ts';

const SIZES = [500, 2_000, 64_000];

const TURNS = 21;

const WARM_UP_RUNS = 2_000;

export const verification: Part = {
  name: 'verification',
  method:
    'CPU time of signature check and parser, bundled as they are deployed, and of the bare hash with JSON.parse of the ' +
    `same bytes: medians of ${TURNS} turns each, in turns in one process. Bodies are samples with members added up to the size.`,
  run: measure,
};

type Bundled = typeof import('./baseline/handlers/verification.ts');

/** What a body is filled up with: text that is only copied, or members that a parser has to build. */
const FILLINGS: Readonly<Record<string, (bytes: number) => Json>> = {
  text: (bytes) => 'x'.repeat(bytes),
  members: (bytes) =>
    Array.from({ length: Math.round(bytes / MEMBER_BYTES) }, (_, index) => ({
      userId: `user-${100_000 + index}`,
      joinedAt: 1_795_323_170_400 + index,
      muted: false,
    })),
};

const MEMBER_BYTES =
  JSON.stringify({ userId: 'user-100000', joinedAt: 1_795_323_170_400, muted: false }).length + 1;

async function measure({ progress }: RunOptions): Promise<PartResult> {
  const bundled: Bundled = createRequire(import.meta.url)(await bundleBaseline('verification'));
  const figures: Figure[] = [];
  for (const { source: name, event } of USUAL_CALLBACKS) {
    const source = sourceNamed(name);
    progress(name);
    for (const size of SIZES) {
      for (const [filling, fill] of Object.entries(FILLINGS)) {
        const body = filled(sampleBody(source, event), size, fill);
        const shape = size === SIZES[0] ? '' : ` of ${filling}`;
        if (size === SIZES[0] && filling !== 'text') continue;
        figures.push(...figuresOf(`${name}, ${size} B${shape}`, source, body, bundled));
      }
    }
  }
  return { distributions: [], figures };
}

/** The body with a member that brings it to about `size` bytes; as it is when it is larger. */
function filled(body: JsonObject, size: number, fill: (bytes: number) => Json): JsonObject {
  const missing = size - JSON.stringify(body).length - 150;
  return missing <= 0 ? body : { ...body, filling: fill(missing) };
}

function figuresOf(what: string, source: SampleSource, body: JsonObject, bundled: Bundled): Figure[] {
  const { verifyWith, VENDORS, SOURCES, BARE_HASHES, bareParse } = bundled;
  const secret = sampleSecret(source);
  const secrets: AppSecrets = new Map([[source.appId, [secret]]]);
  const request: CallbackRequest = requestOf(gatewayEvent(source, signed(source, body)));
  const verify = () => verifyWith(VENDORS[source.vendor].verify, request, secrets);
  const parse = SOURCES.get(source.name)?.parse;
  const context = { appId: source.appId, receivedAt: Date.now() };
  if (!verify().ok || !parse?.(request.body, context).ok) {
    throw new Error(`The callback ${what} is refused.`);
  }
  const bareHash = BARE_HASHES[source.vendor];
  if (bareHash === undefined) throw new Error(`BARE_HASHES has no ${source.vendor}.`);
  const [verifying, parsing, bareHashing, bareParsing] = cpuMicroseconds(
    [
      verify,
      () => parse(request.body, context),
      () => bareHash(secret, request),
      () => bareParse(request.body),
    ],
    { turns: TURNS, warmUpRuns: WARM_UP_RUNS },
  ) as [number, number, number, number];
  // The credentials or the app id are in the body: the function that checks has to read it, and the consumer again.
  const reads = source.vendor === 'tencent' ? 1 : 2;
  const times = [verifying, parsing, bareHashing, bareParsing].map((time) => time.toFixed(1));
  return [
    {
      what,
      value: (verifying + parsing) / (bareHashing + bareParsing),
      unit: '×',
      target: { atMost: 1.5 },
      note: `check ${times[0]} + parser ${times[1]} µs, bare hash ${times[2]} + JSON.parse ${times[3]} µs, ${request.body.length} bytes`,
    },
    ...(reads === 1
      ? []
      : [
          {
            what: `${what}, against a body that is read twice`,
            value: (verifying + parsing) / (bareHashing + reads * bareParsing),
            unit: '×',
          },
        ]),
  ];
}
