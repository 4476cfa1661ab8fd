import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parse } from '../../lib/callback/callback.ts';
import type { Observation } from '../../lib/callback/observation.ts';
import { type Item, taskFacets } from '../../lib/ledger/facets.ts';
import { facetOrder } from '../../lib/ledger/order.ts';
import { roomView, taskView } from '../../lib/ledger/view.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import { rongcloudParser } from '../../lib/vendors/rongcloud/parse.ts';
import { randomRuns } from '../support/suite.ts';

const parseCdn = rongcloudParser('cdn');
const parseModeration = rongcloudParser('moderation');
const parsePlayer = rongcloudParser('player');
const parseRoom = rongcloudParser('room');

const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_115);
const NOW = Date.UTC(2026, 0, 15, 12);
const OWNER = { vendor: 'rongcloud', appId: 'app' } as const;

const iso = (second: number) => new Date(NOW + second * 1000).toISOString();

/** A service, the ids of its one task or room, and a callback of a type at a second. */
interface Service {
  parse: Parse;
  body: (type: number, second: number, more?: JsonObject) => JsonObject;
  view: (head: Item) => object;
}

const task = (taskId: string) => (head: Item) => taskView(OWNER, taskId, taskFacets(head), {});
const timestamp = (second: number) => NOW + second * 1000;

const room: Service = {
  parse: parseRoom,
  body: (event, second, more) => ({ roomId: 'room', event, timestamp: timestamp(second), ...more }),
  view: (head) => roomView(OWNER, 'room', head),
};
const cdn: Service = {
  parse: parseCdn,
  body: (type, second, more) => ({ type, sessionId: 's', timestamp: timestamp(second), ...more }),
  view: task('s'),
};
const player: Service = {
  parse: parsePlayer,
  body: (type, second, more) => ({
    type,
    room_id: 'r',
    user_id: 'u',
    timestamp: timestamp(second),
    ...more,
  }),
  view: task('r/u'),
};
const moderation: Service = {
  parse: parseModeration,
  body: (type, second, more) => ({
    type,
    sessionId: 's',
    userId: 'u',
    timestamp: timestamp(second),
    ...more,
  }),
  view: task('s/u'),
};

function observationsOf({ parse }: Service, body: JsonObject): Observation[] {
  const parsed = parse(Buffer.from(JSON.stringify(body)), { appId: 'app', receivedAt: NOW });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.observations;
}

/** What is known after the callbacks: of every facet, the observation of the highest order. */
function viewOf(service: Service, bodies: JsonObject[]): object {
  const head: Record<string, { S: string }> = {};
  for (const observation of bodies.flatMap((body) => observationsOf(service, body))) {
    const { facet, value } = observation;
    const order = facetOrder(observation);
    if (order <= (head[`${facet}Order`]?.S ?? '')) continue;
    head[facet] = { S: JSON.stringify({ at: observation.at, ...value }) };
    head[`${facet}Order`] = { S: order };
  }
  return service.view(head);
}

type Life = [name: string, service: Service, callbacks: [type: number, more?: JsonObject][], known: object];

/** Callbacks that come one a second, and what is known then. */
const LIVES: Life[] = [
  [
    'a room that is open',
    room,
    [[2], [11], [20], [1]],
    { status: 'open', openedAt: iso(0), lastEventAt: iso(3) },
  ],
  [
    'a room that is over',
    room,
    [[2], [11], [12], [3]],
    { status: 'closed', openedAt: iso(0), closedAt: iso(3) },
  ],
  [
    'a room that opens again',
    room,
    [[2], [3], [2]],
    { status: 'open', openedAt: iso(2), closedAt: undefined },
  ],
  ['a room that only had events', room, [[11], [99]], { status: 'unknown', lastEventAt: iso(1) }],
  ['a late event of a closed room', room, [[2], [3], [12]], { status: 'closed', lastEventAt: iso(2) }],
  ['a session', room, [[2, { sessionId: 'a' }], [3], [2, { sessionId: 'b' }]], { sessionId: 'b' }],
  ['a relay that runs', cdn, [[1], [3]], { kind: 'live', status: 'started', startedAt: iso(0) }],
  ['a relay that ended', cdn, [[1], [3], [2]], { status: 'ended', startedAt: iso(0), endedAt: iso(2) }],
  ['a relay that failed', cdn, [[1], [4, { stateCode: 7 }]], { status: 'failed', endedAt: iso(1), code: 7 }],
  ['a relay that was never started', cdn, [[3], [9]], { status: 'unknown' }],
  [
    'a player that runs',
    player,
    [[1], [5], [4]],
    { kind: 'player', status: 'started', roomId: 'r', userId: 'u' },
  ],
  ['a player that ended', player, [[1], [5], [2]], { status: 'ended', endedAt: iso(2) }],
  [
    'a player that lost its stream',
    player,
    [[1], [4], [2, { code: 61103 }]],
    { status: 'failed', code: 61103 },
  ],
  ['a player that cannot start', player, [[3, { code: 61101 }]], { status: 'failed', startedAt: undefined }],
  ['a player that starts after all', player, [[3], [1]], { status: 'started', startedAt: iso(1) }],
  ['a player that starts again', player, [[1], [2], [1]], { status: 'started', endedAt: undefined }],
  ['a moderation that runs', moderation, [[1], [3], [4]], { kind: 'moderation', status: 'started' }],
  [
    'a moderation with risks',
    moderation,
    [[1], [4, { riskLevel: 'REVIEW' }], [4, { riskLevel: 'REJECT' }], [4, { riskLevel: 'PASS' }], [2]],
    { status: 'ended', riskLevel: 'REJECT' },
  ],
  [
    'a moderation known by a result',
    moderation,
    [[4, { riskLevel: 'PASS' }]],
    { status: 'unknown', riskLevel: 'PASS' },
  ],
];

describe.each(LIVES)('%s', (_name, service, callbacks, known) => {
  const bodies = callbacks.map(([type, more], second) => service.body(type, second, more));

  test('is known as such', () => {
    expect(viewOf(service, bodies)).toMatchObject(known);
  });

  test('whatever the order, and however often they come', () => {
    const deliveries = fc
      .array(fc.constantFrom(...bodies), { maxLength: 5 })
      .chain((repeated) =>
        fc.shuffledSubarray([...bodies, ...repeated], { minLength: bodies.length + repeated.length }),
      );
    fc.assert(
      fc.property(deliveries, (delivery) => {
        expect(viewOf(service, delivery)).toEqual(viewOf(service, bodies));
      }),
      { seed: SEED, numRuns: randomRuns(30) },
    );
  });
});
