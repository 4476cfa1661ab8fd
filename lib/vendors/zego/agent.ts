import { field, firstField, type JsonObject, text } from '../../platform/json.ts';
import { type EventKind, OTHER_EVENT, roomIdOf, taskIdOf, timeOf, unpacked } from './event.ts';

/**
 * An AI agent: events of its instance, which may be in no room.
 * https://www.zegocloud.com/docs/aiagent-server/callbacks/receiving-callback
 */
export const agentEvent: EventKind = { ...OTHER_EVENT, taskIdOf: agentInstanceIdOf };

/** The instance that a callback of an AI agent names, and no other callback does. */
export function agentInstanceIdOf(body: JsonObject): string | undefined {
  return text(field(body, 'AgentInstanceId'));
}

/** A digital human: events of its task. `EventType` has the values of the cloud player, with another meaning. */
export const digitalHumanEvent: EventKind = {
  ...OTHER_EVENT,
  roomIdOf: (body) => roomIdOf(body) ?? text(field(detailOf(body), 'RoomId')),
  happenedAt: (body) => timeOf(field(body, 'EventTime')),
};

/** Whether a callback with an `EventType` is of a digital human: the cloud player names a player or an upload. */
export function isDigitalHuman(body: JsonObject): boolean {
  const isOfPlayer = firstField(body, 'PlayerId', 'UploadTaskId') !== undefined;
  return !isOfPlayer && (field(detailOf(body), 'DriveId') !== undefined || taskIdOf(body) !== undefined);
}

function detailOf(body: JsonObject) {
  return unpacked(field(body, 'Detail'));
}
