import type { SampleSource } from '../../common/sample.ts';
import { numericAppId } from './numbers.ts';

/** Samples of https://www.zegocloud.com/docs/aiagent-server/callbacks/receiving-callback */
export const agentSamples: SampleSource['events'] = {
  'agent-instance-created': (appId) => ({
    AppId: numericAppId(appId),
    Event: 'AgentInstanceCreated',
    AgentInstanceId: '1912124734317838336',
    RoomId: 'room_1',
    Sequence: 1,
    Data: {},
  }),
  'agent-without-room': (appId) => ({
    AppId: numericAppId(appId),
    Event: 'ASRResult',
    AgentInstanceId: '1912124734317838336',
    Sequence: 2,
    Data: { Text: 'hello' },
  }),
  'digital-human-failed': (appId, now) => digitalHuman(appId, now, 3, { Status: 2 }),
  'digital-human-spoke': (appId, now) => digitalHuman(appId, now, 4, {}),
};

function digitalHuman(appId: string, EventTime: number, EventType: number, more: object) {
  const Detail = { RoomId: 'room_1', DriveId: 'drive_1', ...more };
  return { AppID: numericAppId(appId), TaskId: 'digital_human_1', EventType, EventTime, Detail };
}
