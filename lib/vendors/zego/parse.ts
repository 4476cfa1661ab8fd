import { firstField, type JsonObject, text } from '../../platform/json.ts';
import { parser, type RecognisedCallback } from '../common/parser.ts';
import { agentEvent, agentInstanceIdOf, digitalHumanEvent, isDigitalHuman } from './agent.ts';
import { parseZegoBody } from './body.ts';
import { type EventKind, OTHER_EVENT, sentAt } from './event.ts';
import { mixEvents } from './mix.ts';
import { moderationEvents } from './moderation.ts';
import { otherPlayerEvent, playerEvents } from './player.ts';
import { composeEvent, procedureEvent } from './processing.ts';
import { recordEvent } from './record.ts';
import { otherRecordingEvent, recordingEvents } from './recording.ts';
import { roomEvents } from './room.ts';
import { snapshotEvent } from './snapshot.ts';
import { transcodeEvents } from './transcode.ts';
import { zegoAppId } from './verify.ts';

/** Callbacks that share the field that names their event. */
interface Family {
  eventFields: readonly string[];
  /** What else marks them, where another family has the same field. */
  includes?(body: JsonObject): boolean;
  /** The source that they belong to. */
  source: string;
  /** Put before the name of the event for people. */
  prefix: string;
  /** The events that turn into state. */
  events: ReadonlyMap<string, EventKind>;
  other: EventKind;
}

/** The RTC callbacks, lower-case and capitalised. */
const RTC_EVENTS: ReadonlyMap<string, EventKind> = new Map([
  ['snapshot', snapshotEvent],
  ['procedure', procedureEvent],
  ['compose', composeEvent],
  ['record', recordEvent],
  ...roomEvents,
  ...mixEvents,
  ...transcodeEvents,
  ...moderationEvents,
]);

/** In the order they are looked for. */
const FAMILIES: readonly Family[] = [
  {
    eventFields: ['Event'],
    includes: (body) => agentInstanceIdOf(body) !== undefined,
    source: 'zego',
    prefix: 'agent ',
    events: new Map(),
    other: agentEvent,
  },
  { eventFields: ['event', 'Event'], source: 'zego', prefix: '', events: RTC_EVENTS, other: OTHER_EVENT },
  {
    eventFields: ['event_type'],
    source: 'zego-recording',
    prefix: 'recording ',
    events: recordingEvents,
    other: otherRecordingEvent,
  },
  {
    eventFields: ['EventType'],
    includes: isDigitalHuman,
    source: 'zego',
    prefix: 'digital-human ',
    events: new Map(),
    other: digitalHumanEvent,
  },
  {
    eventFields: ['EventType'],
    source: 'zego',
    prefix: 'player ',
    events: playerEvents,
    other: otherPlayerEvent,
  },
];

/** The credentials and the time of sending, which may differ when the same event is sent again. */
const CREDENTIALS = ['timestamp', 'nonce', 'signature'];

/**
 * The callbacks of ZEGOCLOUD, whichever route they come on: RTC callbacks, cloud recording and cloud player.
 * https://www.zegocloud.com/docs/real-time-video-server/callback/receiving-callback
 */
export const parseZego = parser({ decode: parseZegoBody, appIdOf: zegoAppId, recognise });

/** Whether a callback is only kept as an event of its task or room, whatever its fields. */
export function saysNothingOfState(body: JsonObject): boolean {
  return eventOf(body).kind.observe === OTHER_EVENT.observe;
}

function recognise(body: JsonObject): RecognisedCallback {
  const { source, type, kind } = eventOf(body);
  return {
    source,
    type,
    happenedAt: [kind.happenedAt(body)],
    sentAt: sentAt(body),
    isSentAgain: !kind.repeats,
    taskId: kind.taskIdOf(body),
    roomId: kind.roomIdOf(body),
    kind: kind.kindOf(body),
    identity: withoutCredentials(body),
    observe: (at) => kind.observe({ body, at }),
  };
}

function eventOf(body: JsonObject): { source: string; type: string; kind: EventKind } {
  for (const { eventFields, includes, source, prefix, events, other } of FAMILIES) {
    const name = text(firstField(body, ...eventFields));
    if (name !== undefined && includes?.(body) !== false) {
      return { source, type: prefix + name, kind: events.get(name) ?? other };
    }
  }
  return { source: 'zego', type: 'unknown', kind: OTHER_EVENT };
}

function withoutCredentials(body: JsonObject): JsonObject {
  const members = Object.entries(body).filter(([name]) => !CREDENTIALS.includes(name.toLowerCase()));
  return Object.fromEntries(members);
}
