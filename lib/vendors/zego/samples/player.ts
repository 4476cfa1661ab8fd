import type { JsonObject } from '../../../platform/json.ts';
import type { SampleSource } from '../../common/sample.ts';
import { numericAppId } from './numbers.ts';

/** Samples of https://github.com/ZEGOCLOUD/docs_all/blob/main/extended_services/cloud_player/en/server/Callback/callback.mdx */
export const playerSamples: SampleSource['events'] = {
  'player-start': (appId, now) => {
    const [seconds, StreamUrl] = [Math.floor(now / 1000), 'https://example.com/video/test.mp4'];
    const detail = { CreateTime: seconds, PlayTime: seconds, MaxIdleTime: 30, StreamUrl };
    return ofPlayer(appId, now, 1, detail);
  },
  'player-status': (appId, now) => ofPlayer(appId, now, 3, { Status: 5, PlayIndex: 0 }),
  'player-exception': (appId, now) => ofPlayer(appId, now, 4, { Code: -7 }),
  'player-end': (appId, now) =>
    ofPlayer(appId, now, 2, { PlayTime: Math.floor(now / 1000) - 600, Reason: 3 }),
  'player-failed': (appId, now) => ofPlayer(appId, now, 2, { Reason: 4 }),
  'player-upload': (appId, now) => ofUpload(appId, now, 10001, {}),
  'player-upload-retried': (appId, now) => ofUpload(appId, now, 10005, { Code: 2 }),
  'player-upload-failed': (appId, now) => ofUpload(appId, now, 10002, { Reason: 1 }),
};

function ofPlayer(appId: string, now: number, EventType: number, Detail: JsonObject): JsonObject {
  return {
    AppID: numericAppId(appId),
    RoomId: 'room_12',
    PlayerId: 'player_1',
    PlayerName: 'player_1_name',
    EventType,
    EventTime: now,
    Detail,
  };
}

/** Here the app id and the time are text. */
function ofUpload(AppID: string, now: number, EventType: number, Detail: JsonObject): JsonObject {
  return {
    AppID,
    UploadTaskId: '678f663727b2d80007000001',
    Title: '720.mp4',
    StreamUrl: 'https://example.com/video/720.mp4',
    EventType,
    EventTime: String(now),
    Detail,
  };
}
