import type { JsonObject } from '../../../platform/json.ts';
import type { SampleSource } from '../../common/sample.ts';

type SampleEvents = SampleSource['events'];

/** The room of all samples but the screenshots, which the vendor gives as a number or as text. */
const ROOM_ID = 12345;

/** Opaque, and of any marks. */
const RECORDING_TASK = '-m9-bVVU7id***K-m928oZWQndiborbEWH3zY-lIXlprc-gQvQE';
const VOD_TASK = '-hsyUs1gXZGkiK-VdzcxZWQ34aXlprc-gQvQE.';
const WEB_TASK = '-UwC8gmk**-J2sZWQndibo7IXlprc-gQvQE';
const RELAY_TASK = '-xS0vYmLa7f-ZWQ8sdibIXlprc-gQvQE.';
const STREAM_INGEST_TASK = '-kPq7ingestZWQndibprc-gQvQE';
const SLICING_TASK = '-s1cesVdU7sZWQndibprc-gQvQE';
const MODERATION_TASK = '-npVqpdU7sBobiK1iskE3BwlLIebCMrbKUbnL4K-rO+8oZWQndib9uvO4Deq9P1Na+sXGNGNuAE.';
const AI_TASK = '-t3K-ai0ZWQndibprc-gQvQE';

/** https://trtc.io/document/64802 */
export const SCREENSHOTS: SampleEvents = {
  screenshot: (appId, now) => envelope(6, 601, now, screenshot(appId, now, { code: 0, msg: '' })),
  'screenshot-failed': (appId, now) =>
    envelope(6, 601, now, screenshot(appId, now, { code: -1, msg: 'upload failed', pictureURL: '' })),
};

/** https://trtc.io/document/39558 */
export const ROOM_AND_MEDIA: SampleEvents = {
  'create-room': (_appId, now) => roomEvent(1, 101, now, {}),
  // The vendor's sample has the room id as text here, and no user.
  'dismiss-room': (_appId, now) =>
    envelope(1, 102, now, { RoomId: String(ROOM_ID), EventTs: seconds(now), EventMsTs: now }),
  'enter-room': (_appId, now) =>
    roomEvent(1, 103, now, { Role: 21, TerminalType: 2, UserType: 3, Reason: 1 }),
  'exit-room': (_appId, now) => roomEvent(1, 104, now, { Role: 20, Reason: 1 }),
  'change-role': (_appId, now) => roomEvent(1, 105, now, { Role: 21 }),
  'start-video': (_appId, now) => roomEvent(2, 201, now, {}),
  'stop-video': (_appId, now) => roomEvent(2, 202, now, { Reason: 0 }),
  'start-audio': (_appId, now) => roomEvent(2, 203, now, {}),
  'stop-audio': (_appId, now) => roomEvent(2, 204, now, { Reason: 0 }),
  'start-substream': (_appId, now) => roomEvent(2, 205, now, {}),
  'stop-substream': (_appId, now) => roomEvent(2, 206, now, { Reason: 0 }),
};

/** https://trtc.io/document/54914, `recording-upload-error` https://trtc.io/document/45169 */
export const RECORDING: SampleEvents = {
  'recording-start': (_appId, now) => recording(301, now, { Status: 0 }),
  'recording-start-failed': (_appId, now) => recording(301, now, { Status: 1 }),
  'recording-upload-start': (_appId, now) => recording(303, now, { Status: 0 }),
  'recording-upload-start-failed': (_appId, now) => recording(303, now, { Status: 1 }),
  'recording-index': (appId, now) => recording(304, now, { FileList: `${fileStem(appId, 'main')}.m3u8` }),
  'recording-file': (appId, now) =>
    recording(307, now, {
      FileName: `${fileStem(appId, 'main')}.m3u8`,
      UserId: 'test',
      TrackType: 'audio_video',
      BeginTimeStamp: String(now - 10_000),
    }),
  'recording-failover': (_appId, now) => recording(306, now, { Status: 0 }),
  'recording-image-failed': (_appId, now) => recording(309, now, { Url: 'http://example.com/logo.png' }),
  'recording-end': (_appId, now) => recording(302, now, { LeaveCode: 0 }),
  'recording-upload-error': (_appId, now) =>
    recording(308, now, { Code: 'InvalidParameter', Message: 'AccessKey invalid' }),
  'recording-uploaded': (_appId, now) => recording(305, now, { Status: 0 }),
  'recording-upload-failed': (_appId, now) => recording(305, now, { LeaveCode: 1 }),
  'recording-recovered': (_appId, now) => recording(305, now, { Status: 2 }),
  'recording-mp4': (appId, now) => recording(310, now, { Status: 0, ...mp4Files(appId, now) }),
  'recording-mp4-failed': (appId, now) => recording(310, now, { Status: 1, ...mp4Files(appId, now) }),
  'recording-vod': (appId, now) =>
    recording(311, now, { Status: 0, TencentVod: vodFile(appId, now) }, VOD_TASK),
  'recording-vod-failed': (appId, now) => {
    const { UserId = '', TrackType = '', CacheFile = '' } = vodFile(appId, now);
    const TencentVod = { UserId, TrackType, CacheFile };
    return recording(311, now, { Status: 1, Errmsg: 'upload failed', TencentVod }, VOD_TASK);
  },
  'recording-vod-end': (_appId, now) => recording(312, now, { Status: 0 }, VOD_TASK),
  'recording-vod-end-failed': (_appId, now) => recording(312, now, { Status: 1 }, VOD_TASK),
  'recording-unknown-type': (_appId, now) => recording(399, now, { Status: 0 }),
};

/** https://trtc.io/document/54914 */
export const WEB_RECORDING: SampleEvents = {
  'web-recording-start': (_appId, now) => webRecording(801, now, 1, 'Success'),
  'web-recording-start-failed': (_appId, now) => webRecording(801, now, 2, 'Goto url timeout'),
  'web-recording-migrated': (_appId, now) => webRecording(801, now, 4, 'Recording tasks have been migrated'),
  'web-recording-failed': (_appId, now) => webRecording(801, now, 5, 'Chrome exception, exit task'),
  'web-recording-paused': (_appId, now) => webRecording(803, now, 2, 'RecordPaused'),
  'web-recording-limit': (_appId, now) => webRecording(804, now, 1, 'Over time limit'),
  'web-recording-end': (_appId, now) => webRecording(802, now, 1, 'Success'),
};

/** https://trtc.io/document/54913 */
export const RELAY: SampleEvents = {
  'relay-connecting': (_appId, now) => relay(now, { Status: 1 }),
  'relay-running': (_appId, now) => relay(now, { Status: 2 }),
  'relay-recovering': (_appId, now) => relay(now, { Status: 3 }),
  'relay-failed': (_appId, now) => relay(now, { Status: 4, ErrorCode: -1, ErrorMsg: 'connect timeout' }),
  'relay-disconnecting': (_appId, now) => relay(now, { Status: 5 }),
  'relay-idle': (_appId, now) => relay(now, { Status: 0 }),
};

/** https://trtc.io/document/62717 */
export const STREAM_INGEST: SampleEvents = {
  'stream-ingest-failed': (_appId, now) => streamIngest(701, now, 1),
  'stream-ingest-retried': (_appId, now) => streamIngest(701, now, 2),
  'stream-ingest-start': (_appId, now) => streamIngest(701, now, 0),
  'stream-ingest-end': (_appId, now) => streamIngest(702, now, 0),
};

/** https://trtc.io/document/73393 */
export const SLICING: SampleEvents = {
  'slicing-start': (_appId, now) => slices(10, 1001, now, SLICING_TASK, { Payload: { Status: 0 } }),
  'slicing-start-failed': (_appId, now) => slices(10, 1001, now, SLICING_TASK, { Payload: { Status: 1 } }),
  'slicing-upload-start': (_appId, now) => slices(10, 1003, now, SLICING_TASK, { Payload: { Status: 0 } }),
  'slicing-image': (appId, now) =>
    slices(10, 1004, now, SLICING_TASK, {
      StreamUserId: 'user0',
      Payload: { Image: sliceUrl(appId, 'images', 'png') },
    }),
  'slicing-audio': (appId, now) =>
    slices(10, 1004, now, SLICING_TASK, {
      StreamUserId: 'user0',
      Payload: { Audio: sliceUrl(appId, 'audios', 'ogg') },
    }),
  'slicing-uploaded': (_appId, now) => slices(10, 1005, now, SLICING_TASK, { Payload: { Status: 0 } }),
  'slicing-upload-failed': (_appId, now) =>
    slices(10, 1006, now, SLICING_TASK, { Payload: { Code: 403, Message: 'AccessDenied' } }),
  'slicing-end': (_appId, now) => slices(10, 1002, now, SLICING_TASK, { Payload: { LeaveCode: 99 } }),
};

/** https://trtc.io/document/73394 */
export const CONTENT_UNDERSTANDING: SampleEvents = {
  'moderation-start': (_appId, now) => slices(11, 1101, now, MODERATION_TASK, { Payload: { Status: 0 } }),
  'moderation-blocked': (_appId, now) =>
    slices(11, 1104, now, MODERATION_TASK, {
      StreamerUserId: 'user0',
      Payload: {
        DataId: '547512114953106866',
        RequestId: '',
        MediaType: 1,
        Suggest: 2,
        Label: 'Polity',
        Image: '',
        Rate: 100,
        Audio: 'https://example.com/547512114835666354.ogg',
        AudioText: 'xxxxxx.',
        CheckDetail: [{ Label: 'Polity', Suggest: 2, Keywords: ['XXX'], Score: 100, Desc: '' }],
      },
    }),
  'moderation-end': (_appId, now) => slices(11, 1102, now, MODERATION_TASK, { Payload: { LeaveCode: 99 } }),
};

/** https://www.tencentcloud.com/document/product/647/66149, https://www.tencentcloud.com/document/product/647/80094 */
export const OTHER: SampleEvents = {
  'ai-start': (_appId, now) => aiEvent(9, 901, now, { Payload: { Status: 0 } }),
  'ai-end': (_appId, now) => aiEvent(9, 902, now, { Payload: { LeaveCode: 0 } }),
  'transcription-start': (_appId, now) =>
    aiEvent(14, 1401, now, { RobotId: 'trtc_partner_test_1', Payload: { Status: 0 } }),
  'unknown-group': (_appId, now) => envelope(99, 9901, now, { RoomId: ROOM_ID, EventMsTs: now }),
};

function envelope(
  EventGroupId: number,
  EventType: number,
  CallbackTs: number,
  EventInfo: JsonObject,
): JsonObject {
  return { EventGroupId, EventType, CallbackTs, EventInfo };
}

function seconds(now: number): number {
  return Math.floor(now / 1000);
}

function roomEvent(group: number, type: number, now: number, more: JsonObject): JsonObject {
  const info = { RoomId: ROOM_ID, EventTs: seconds(now), EventMsTs: now, UserId: 'test' };
  return envelope(group, type, now, { ...info, ...more });
}

function screenshot(appId: string, now: number, outcome: JsonObject): JsonObject {
  const eventID = `ap-guangzhou-${appId}-1698410059243691647-60022-jpg.jpg`;
  return {
    eventID,
    callbackData: 'test',
    pictureURL: `https://sotest-1200000000.cos.ap-guangzhou.myqcloud.com/${appId}/${eventID}`,
    roomID: '464884',
    streamType: 'BigStream',
    userID: 'dd',
    timestamp: now,
    ...outcome,
  };
}

/** `EventTs` is text in some of the vendor's samples. */
function recording(type: number, now: number, Payload: JsonObject, TaskId = RECORDING_TASK): JsonObject {
  return envelope(3, type, now, {
    RoomId: String(ROOM_ID),
    EventTs: String(seconds(now)),
    EventMsTs: now,
    UserId: 'recording-robot',
    TaskId,
    Payload,
  });
}

/** The name of a file of user `test` without its ending; the user is in base64. https://trtc.io/document/45169 */
function fileStem(appId: string, mediaId: string): string {
  return `${appId}_${ROOM_ID}__UserId_s_dGVzdA..__UserId_e_${mediaId}`;
}

function mp4Files(appId: string, now: number): JsonObject {
  const files = ['main', 'aux'].map((mediaId) => ({
    FileName: `${fileStem(appId, mediaId)}_1.mp4`,
    ...recorded(now),
    MediaId: mediaId,
  }));
  return { FileList: files.map(({ FileName }) => FileName), FileMessage: files };
}

function vodFile(appId: string, now: number): JsonObject {
  const FileId = '387702307091793695';
  return {
    ...recorded(now),
    MediaId: 'main',
    FileId,
    VideoUrl: `http://1200000000.vod2.myqcloud.com/${FileId}/f0.mp4`,
    CacheFile: `${fileStem(appId, 'main')}_1.mp4`,
  };
}

function recorded(now: number): JsonObject {
  return {
    UserId: 'test',
    TrackType: 'audio_video',
    StartTimeStamp: now - 70_000,
    EndTimeStamp: now - 10_000,
  };
}

function webRecording(type: number, now: number, Status: number, EventMessage: string): JsonObject {
  return envelope(8, type, now, { EventMsTs: now, TaskId: WEB_TASK, Payload: { Status, EventMessage } });
}

/** The vendor's sample names the time `EventTsMs`. */
function relay(now: number, outcome: JsonObject): JsonObject {
  return envelope(4, 401, now, {
    RoomId: String(ROOM_ID),
    RoomType: 0,
    EventTsMs: now,
    UserId: 'relay-robot',
    TaskId: RELAY_TASK,
    Payload: { Url: 'rtmp://tencent-url/live/stream-key', ...outcome },
  });
}

function aiEvent(group: number, type: number, now: number, more: JsonObject): JsonObject {
  const info = { EventMsTs: now, TaskId: AI_TASK, RoomId: String(ROOM_ID), RoomIdType: 0 };
  return envelope(group, type, now, { ...info, ...more });
}

/** `Status` is in `EventInfo`, and the envelope names the time of sending `CallbackMsTs`. */
function streamIngest(EventType: number, now: number, Status: number): JsonObject {
  const EventInfo = { EventMsTs: now, TaskId: STREAM_INGEST_TASK, Status };
  return { EventGroupId: 7, EventType, CallbackMsTs: now, EventInfo };
}

function slices(group: number, type: number, now: number, TaskId: string, more: JsonObject): JsonObject {
  const info = { RoomId: String(ROOM_ID), EventTs: seconds(now), EventMsTs: now, UserId: 'slice', TaskId };
  return envelope(group, type, now, { ...info, ...more });
}

function sliceUrl(appId: string, folder: string, format: string): string {
  const name = `${appId}_${ROOM_ID}_user0_20250106143143.${format}`;
  return `https://sotest-1200000000.cos.ap-guangzhou.myqcloud.com/${SLICING_TASK}/user0/${folder}/${name}`;
}
