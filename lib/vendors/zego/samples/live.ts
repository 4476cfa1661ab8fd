import type { JsonObject } from '../../../platform/json.ts';
import type { SampleSource } from '../../common/sample.ts';
import { numericAppId } from './numbers.ts';

/** More than a double holds. A number when the room is created or closed, which the signing makes of it. */
const ROOM_SESSION_ID = '7291847562039485713';

/** Samples of the room, stream, mixing, transcoding and moderation pages under https://www.zegocloud.com/docs/real-time-video-server/callback/ */
export const liveSamples: SampleSource['events'] = {
  'room-create': (appId, now) => ({
    appid: numericAppId(appId),
    event: 'room_create',
    room_id: 'room_7001',
    room_session_id: ROOM_SESSION_ID,
    room_create_time: String(now),
    id_name: 'user_1',
  }),
  'room-login': (appid, now) => ({
    ...ofUser(appid, 'room_login'),
    room_name: 'room#123',
    login_time: String(now),
    auth_level: '4',
    relogin: '0',
    user_update_seq: '1',
    callback_data: 'user login',
  }),
  'stream-create': (appid, now) => ({
    ...ofStream(appid, 'stream_create'),
    title: 'title',
    stream_attr: '{"cid":0}',
    stream_seq: '01',
    create_time: String(Math.floor(now / 1000)),
    create_time_ms: String(now),
    extra_info: 'extra',
    recreate: '0',
    publish_id: 'user_1',
    publish_name: 'user_1_name',
    rtmp_url: ['rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa'],
    hls_url: ['http://hls.wsdemo.zego.im/zegodemo/aaa/playlist.m3u8'],
    hdl_url: ['http://hdl.wsdemo.zego.im/zegodemo/aaa.flv'],
    pic_url: ['http://pic.wsdemo.zego.im/zegodemo/aaa.jpg'],
  }),
  'stream-close': (appid, now) => ({
    ...ofStream(appid, 'stream_close'),
    type: '0',
    stream_seq: '02',
    third_define_data: '{"u":"S1lxOUxMN2tRZ3lIY0JMSUs3VlMxZz09"}',
    create_time_ms: String(now - 600_000),
    destroy_timemillis: String(now),
  }),
  'room-logout': (appid, now) => ({
    ...ofUser(appid, 'room_logout'),
    login_time: String(now - 600_000),
    logout_time: String(now),
    reason: '0',
    user_update_seq: '2',
  }),
  'room-close': (appId, now) => ({
    appid: numericAppId(appId),
    event: 'room_close',
    room_id: 'room_7001',
    room_session_id: ROOM_SESSION_ID,
    close_reason: 2,
    room_close_time: String(now),
  }),
  'mix-start': (appid) => ({
    ...ofMix(appid, 'mix_start', '123'),
    stream_alias: 'aaa',
    rtmp_url: 'rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa',
    rtmp_urls: ['rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa', 'rtmp://testplay.aliyun.zego.im/livestream/aaa'],
    hdl_urls: ['http://hdl.wsdemo.zego.im/zegodemo/aaa.flv'],
    hls_urls: ['http://hls.wsdemo.zego.im/zegodemo/aaa/playlist.m3u8'],
  }),
  'mix-stop': (appid) => ofMix(appid, 'mix_stop', '1234'),
  'transcode-start': (Appid) => ({
    ...ofTranscoding(Appid, 'transcode_start', 'TranscodeStarted', 0),
    Details: TRANSCODING,
  }),
  'transcode-update': (Appid) => ({
    ...ofTranscoding(Appid, 'transcode_start', 'TranscodeUpdated', 1),
    Details: TRANSCODING,
  }),
  'transcode-stop': (Appid) => ({
    ...ofTranscoding(Appid, 'transcode_stop', 'TranscodeStopped', 2),
    StopReason: 0,
  }),
  'transcode-failed': (Appid) => ({
    ...ofTranscoding(Appid, 'transcode_stop', 'TranscodeStopped', 2),
    StopReason: 1,
  }),
  'censor-audio': (appId, now) => ({
    ...ofModeration(appId, 'censor_audio_v2_result', 'audio_task_1'),
    ResultTaskId: 'audio_task_1_2',
    Detail: {
      ...judged('REJECT', 'ad'),
      AudioText: 'text of the segment',
      AudioUrl: 'http://example.com/POST%2FMP3%2F2.mp3?Expires=1720269317&Signature=8JZymbV%2F6Psm%3D',
      VadStatus: 1,
    },
    AuxInfo: { RoomId: 'room_1', UserId: 'user_1', ...processed(now) },
  }),
  'censor-audio-end': (appId) => ofFinished(appId, 'censor_audio_v2_status', 'audio_task_1'),
  'censor-video-audio': (appId, now) => ({
    ...ofModeration(appId, 'censor_video_v2_audio_result', 'video_task_1'),
    ResultTaskId: 'video_task_1_s_1_3',
    Detail: { ...judged('PASS', 'normal'), Content: 'text of the segment', VadStatus: 1 },
    AuxInfo: { RoomId: 'room_1', StreamId: 'stream_9', ...processed(now) },
  }),
  'censor-video-image': (appId, now) => ({
    ...ofModeration(appId, 'censor_video_v2_img_result', 'video_task_1'),
    ResultTaskId: 'video_task_1_s_1_3',
    Detail: {
      ...judged('REVIEW', 'sexy'),
      ImgUrl: 'http://example.com/POST%2F3.jpg?Expires=1720269317&Signature=BKUDNNWPkl%3D',
    },
    AuxInfo: { RoomId: 'room_1', StreamId: 'stream_9', ImgTime: beijingTime(now) },
  }),
  'censor-video-audio-end': (appId) => ofFinished(appId, 'censor_video_v2_audio_status', 'video_task_1'),
  'censor-video-image-failed': (appId) => ({
    ...ofFinished(appId, 'censor_video_v2_img_status', 'video_task_1'),
    Code: 1002,
    Message: 'stream not found',
  }),
};

const TRANSCODING = {
  Input: { StreamId: 'stream_1' },
  Outputs: [
    {
      StreamId: 'stream_1_720',
      VideoEncId: 0,
      Fps: 15,
      ShortEdgeAdaption: 0,
      Width: 1280,
      Height: 720,
      VideoBitrate: 1_500_000,
      GOP: 2,
    },
  ],
};

function ofUser(appid: string, event: string): JsonObject {
  return {
    appid,
    event,
    room_id: 'room_7001',
    room_seq: ROOM_SESSION_ID,
    user_account: 'user_1',
    user_nickname: 'user_1_name',
    session_id: '792148503087288320',
    user_role: '2',
  };
}

function ofStream(appid: string, event: string): JsonObject {
  return {
    appid,
    event,
    room_id: 'room_7001',
    channel_id: 'room_7001',
    room_session_id: ROOM_SESSION_ID,
    user_id: 'user_1',
    user_name: 'user_1_name',
    stream_id: 'aaa',
    stream_alias: 'aaa',
    stream_sid: 's-115205136669740000000000104',
  };
}

function ofMix(appid: string, event: string, seq: string): JsonObject {
  return {
    appid,
    event,
    channel_id: 'room_2222',
    task_id: `${appid}:1111`,
    seq,
    publish_id: 'abc',
    mix_stream_alias: 'aaa',
    mix_url: 'rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa',
  };
}

function ofTranscoding(Appid: string, Event: string, Status: string, Sequence: number): JsonObject {
  return { Appid, Event, Status, Sequence, TaskId: 'transcode_1', UserId: 'user_1' };
}

function ofModeration(appId: string, Event: string, TaskId: string): JsonObject {
  return { AppId: numericAppId(appId), Event, TaskId, Code: 0, Message: 'success' };
}

function ofFinished(appId: string, event: string, taskId: string): JsonObject {
  return {
    ...ofModeration(appId, event, taskId),
    Status: 0,
    AuxInfo: { RoomId: 'room_1', CensorStreamTime: 31 },
  };
}

function judged(RiskLevel: string, RiskLabel1: string): JsonObject {
  const risk = { RiskLevel, RiskDescription: RiskLabel1, RiskLabel1, RiskLabel2: '', RiskLabel3: '' };
  return { ...risk, RiskInfoList: RiskLevel === 'PASS' ? [] : [risk], BusinessInfoList: [] };
}

function processed(now: number): JsonObject {
  return { ProcessBeginTime: now - 400, ProcessFinishTime: now };
}

function beijingTime(now: number): string {
  const eightHours = 8 * 60 * 60_000;
  return new Date(now + eightHours).toISOString().replace('T', ' ').replace('Z', '');
}
