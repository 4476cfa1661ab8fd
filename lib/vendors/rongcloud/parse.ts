import type { Parse, QuarantineReason } from '../../callback/callback.ts';
import { field, firstField, type JsonObject, text } from '../../platform/json.ts';
import { decodeJson, parser, type RecognisedCallback } from '../common/parser.ts';
import { recogniseCdn } from './cdn.ts';
import { recogniseRecording, recogniseScreenshot } from './media.ts';
import { recogniseModeration } from './moderation.ts';
import { recognisePlayer } from './player.ts';
import { recogniseRoom } from './room.ts';
import type { Recognise } from './service.ts';
import { appKeyOf } from './verify.ts';

/** A service whose callbacks have a URL of their own. */
export type ServiceId = keyof typeof SERVICES;

const SERVICES = {
  recording: recogniseRecording,
  screenshot: recogniseScreenshot,
  room: recogniseRoom,
  cdn: recogniseCdn,
  player: recognisePlayer,
  moderation: recogniseModeration,
} satisfies Record<string, Recognise>;

/** Fields that only the callbacks of one service have, in the order they are looked for. */
const MARKS: readonly (readonly [ServiceId, readonly string[]])[] = [
  ['recording', ['recordId']],
  ['screenshot', ['imageId']],
  ['cdn', ['pushUrl', 'stateCode']],
  ['player', ['rtmp_url', 'room_id']],
  ['room', ['event']],
  ['moderation', ['scene']],
];

/** What a callback of moderation never has, and one of a recording or screenshot that lost its id does. */
const MEDIA_FIELDS = ['output', 'config', 'mode'];

/** The name of a service's callback source. */
export function sourceOf(service: ServiceId): string {
  return `rongcloud-${service}`;
}

/**
 * The parser of the URL of a service. The console has a URL for each service and one is easily pasted into another's
 * field: a body with the marks of another service is a callback of that one, if it can be read as one.
 */
export function rongcloudParser(service: ServiceId): Parse {
  return parser({
    decode: decodeJson,
    appIdOf: appKeyOf,
    recognise(body) {
      const marked = serviceOf(body, service);
      const callback = recogniseAs(marked, body);
      if (marked === service || typeof callback !== 'string') return callback;
      const own = recogniseAs(service, body);
      return typeof own === 'string' ? callback : own;
    },
  });
}

/** `timestamp` says when it happened; moderation has none. */
function recogniseAs(service: ServiceId, body: JsonObject): RecognisedCallback | QuarantineReason {
  const callback = SERVICES[service](body);
  if (typeof callback === 'string') return callback;
  return {
    ...callback,
    source: sourceOf(service),
    happenedAt: [text(field(body, 'timestamp'))],
    identity: body,
  };
}

/** The service that a body is of by its marks; that of its URL where it has none, or marks of that one too. */
function serviceOf(body: JsonObject, service: ServiceId): ServiceId {
  const marked = MARKS.filter(([, names]) => names.some((name) => text(field(body, name)) !== undefined));
  const services = marked.map(([id]) => id);
  if (services.includes(service)) return service;
  if (services[0] !== undefined) return services[0];
  // A room has no types. What is left with a type, and has no media, is moderation without its optional scene.
  const isOfModeration =
    text(field(body, 'type')) !== undefined && firstField(body, ...MEDIA_FIELDS) === undefined;
  return service === 'room' && isOfModeration ? 'moderation' : service;
}
