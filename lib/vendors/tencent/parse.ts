import { field, isObject, type JsonObject, number } from '../../platform/json.ts';
import { decodeJson, parser, type RecognisedCallback } from '../common/parser.ts';
import { contentUnderstandingGroup } from './content-understanding.ts';
import { type EventGroup, happenedAt, roomIdOf, taskIdOf } from './event.ts';
import { recordingGroup } from './recording.ts';
import { relayGroup } from './relay.ts';
import { roomGroup } from './room.ts';
import { screenshotGroup } from './screenshot.ts';
import { slicingGroup } from './slicing.ts';
import { streamIngestGroup } from './stream-ingest.ts';
import { webRecordingGroup } from './web-recording.ts';

/** The event groups that turn into state, by `EventGroupId`. */
const GROUPS: ReadonlyMap<number | undefined, EventGroup> = new Map([
  [1, roomGroup],
  [2, roomGroup],
  [3, recordingGroup],
  [4, relayGroup],
  [6, screenshotGroup],
  [7, streamIngestGroup],
  [8, webRecordingGroup],
  [10, slicingGroup],
  [11, contentUnderstandingGroup],
]);

/** Every other group, such as 9 (AI service) and 14 (transcription): kept as events of the task or the room. */
const OTHER_GROUP: EventGroup = { taskIdOf, observe: () => [] };

/**
 * Callbacks of every event group arrive on one URL in one envelope, which does not name the app.
 * https://trtc.io/document/39558
 */
export const parseTencent = parser({ decode: decodeJson, appIdOf: () => undefined, recognise });

function recognise(body: JsonObject): RecognisedCallback {
  // The time of sending, under either of its names, may differ when the same event is sent again.
  const { CallbackTs: _, CallbackMsTs: __, ...identity } = body;
  const eventInfo = field(body, 'EventInfo');
  const info = isObject(eventInfo) ? eventInfo : {};
  const groupId = number(field(body, 'EventGroupId'));
  const type = number(field(body, 'EventType'));
  const group = GROUPS.get(groupId) ?? OTHER_GROUP;
  return {
    source: 'tencent',
    type: `${groupId ?? 'unknown'}/${type ?? 'unknown'}`,
    happenedAt: happenedAt(info),
    taskId: group.taskIdOf(info),
    roomId: roomIdOf(info),
    kind: group.kind,
    identity,
    observe: (at) => group.observe({ type, info, at }),
  };
}
