import { describe, expect, test } from 'vitest';
import { parseJson, text } from '../../lib/platform/json.ts';
import { parseZegoBody } from '../../lib/vendors/zego/body.ts';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { zegoAppId } from '../../lib/vendors/zego/verify.ts';

/** Later than every time in the samples, Unix time in ms. */
const RECEIVED_AT = Date.UTC(2026, 0, 15, 12);

/** The vendor's samples, and some built from its tables. */
const DOCUMENTS = {
  stream_create: String.raw`{"event":"stream_create","appid":"1","timestamp":"1687981272","nonce":"7254119327986670314","signature":"xxx","room_id":"room1","room_session_id":"1234567","user_id":"user1","user_name":"user1_name","channel_id":"0xb-0x1","stream_id":"stream_id","stream_sid":"s-115205136669740000000000104","title":"title","stream_alias":"aaa","stream_attr":"{\"cid\":0}","stream_seq":"01","create_time":"1687981272","create_time_ms":"1687981272742","extra_info":"extra","recreate":"0","publish_id":"publish","publish_name":"publish_name","rtmp_url":["rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa","rtmp://testplay.aliyun.zego.im/livestream/aaa"],"hls_url":["http://hls.wsdemo.zego.im/zegodemo/aaa/playlist.m3u8","http://testplay.aliyun.zego.im/livestream/aaa.m3u8"],"hdl_url":["http://hdl.wsdemo.zego.im/zegodemo/aaa.flv","http://testplay.aliyun.zego.im/livestream/aaa.flv"],"pic_url":["http://pic.wsdemo.zego.im/zegodemo/aaa.jpg"]}`,
  stream_close: String.raw`{"event":"stream_close","appid":"1","timestamp":"1666786067","nonce":"7266888922840654370","signature":"xxx","room_id":"room1","room_session_id":"123456789","user_id":"user1","user_name":"user1_name","channel_id":"0xb-0x1","type":"0","stream_alias":"aaa","stream_id":"stream_id","stream_sid":"s-115205136669740000000000104","stream_seq":"700","third_define_data":"{\"u\":\"S1lxOUxMN2tRZ3lIY0JMSUs3VlMxZz09\"}","create_time_ms":"1666786067353","destroy_timemillis":"1666986067248"}`,
  room_create:
    '{"event":"room_create","appid":1,"timestamp":1690000000,"nonce":"418207","signature":"signature","room_id":"room_7001","room_session_id":7291847562039485713,"room_create_time":"1690000000123","id_name":"user_1"}',
  room_close:
    '{"event":"room_close","appid":1,"timestamp":1690000950,"nonce":"418399","signature":"signature","room_id":"room_7001","room_session_id":7291847562039485713,"close_reason":2,"room_close_time":"1690000950456"}',
  room_login:
    '{"event":"room_login","appid":"1","timestamp":"1499676978","nonce":"350176","signature":"signature","room_id":"rid_1242649","room_name":"room#123","room_seq":"6085791336856668982","user_account":"888120154","user_nickname":"888120154","session_id":"792148503087288320","login_time":"1499676978027","user_role":"2","auth_level":"4","relogin":"0","user_update_seq":"1","callback_data":"user login"}',
  room_logout:
    '{"event":"room_logout","appid":"1","timestamp":"1499676978","nonce":"350176","signature":"signature","room_id":"rid_1242649","room_seq":"6085791336856668982","user_account":"888120154","user_nickname":"888120154","session_id":"792462300429684736","login_time":"1663740623660","logout_time":"1663740627986","reason":"0","user_role":"1","user_update_seq":"13"}',
  mix_start:
    '{"appid":"111111","channel_id":"2222","event":"mix_start","hdl_url":"http://hdl.wsdemo.zego.im/zegodemo/aaa.flv","hdl_urls":["http://hdl.wsdemo.zego.im/zegodemo/aaa.flv","http://testplay.aliyun.zego.im/livestream/aaa.flv"],"hls_url":"http://hls.wsdemo.zego.im/zegodemo/aaa/playlist.m3u8","hls_urls":["http://hls.wsdemo.zego.im/zegodemo/aaa/playlist.m3u8","http://testplay.aliyun.zego.im/livestream/aaa.m3u8"],"mix_stream_alias":"aaa","mix_url":"rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa","nonce":"7257784982359218206","publish_id":"abc","rtmp_url":"rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa","rtmp_urls":["rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa","rtmp://testplay.aliyun.zego.im/livestream/aaa"],"seq":"123","signature":"aa2f0a33831a35b65f64fdc0520b1758e491eb48","stream_alias":"aaa","task_id":"111111:1111","timestamp":"1689834748"}',
  mix_stop:
    '{"appid":"111111","channel_id":"2222","event":"mix_stop","mix_stream_alias":"aaa","mix_url":"rtmp://rtmp.wsdemo.zego.im/zegodemo/aaa","nonce":"7257787020413449571","publish_id":"abc","seq":"1234","signature":"fadc2c4abb5714c30a711b3ad6f7783e37531263","task_id":"111111:1111","timestamp":"1689835223"}',
  transcode_start:
    '{"Event":"transcode_start","Appid":"111111","Timestamp":"1690000000","Nonce":"5512","Signature":"signature","TaskId":"2222","UserId":"2222","Sequence":0,"Status":"TranscodeStarted","Details":{"Input":{"StreamId":"2222"},"Outputs":[{"StreamId":"2222","VideoEncId":0,"Fps":0,"ShortEdgeAdaption":0,"Width":1280,"Height":720,"VideoBitrate":0,"GOP":2}]}}',
  transcode_stop:
    '{"Event":"transcode_stop","Appid":"111111","Timestamp":"1690000500","Nonce":"5513","Signature":"signature","TaskId":"2222","UserId":"2222","Sequence":1,"Status":"TranscodeStopped","StopReason":0}',
  censor_audio_v2_result:
    '{"Event":"censor_audio_v2_result","AppId":1,"Timestamp":1724743250,"Nonce":"7407715855877898783","Signature":"5cc9e67af0ba0c95f99bd73f79a36485f574ad11","Code":0,"Message":"success","TaskId":"384a8a77aeb352d3ec8144ab4640cc52","ResultTaskId":"384a8a77aeb352d3ec8144ab4640cc52_2","Detail":{"RiskLevel":"REJECT","AudioText":"text of the segment","AudioUrl":"http://xxxx/POST_AUDIOSTREAM%2FMP3%2F384a8a77aeb352d3ec8144ab4640cc52_2.mp3?Expires=1720269317&Signature=8JZymbV%2F6Psm72k6S2Xq3Dcrg14%3D","PreAudioUrl":"http://xxxx/POST_AUDIOSTREAM%2FMP3%2F384a8a77aeb352d3ec8144ab4640cc52_2_pre.mp3?Expires=1720269317&Signature=BKUDNNWPklQldaEMSFOvSts6O84%3D","RiskDescription":"ad:contact:contact","RiskLabel1":"ad","RiskLabel2":"lianxifangshi","RiskLabel3":"lianxifangshi","VadStatus":1,"RiskDetail":{"RiskSource":1001,"AudioText":"text of the segment","MatchedLists":null},"RiskInfoList":[{"RiskLevel":"REJECT","RiskDescription":"ad:contact:contact","RiskLabel1":"ad","RiskLabel2":"lianxifangshi","RiskLabel3":"lianxifangshi","RiskDetail":{"RiskSource":1001,"AudioText":"text of the segment","MatchedLists":null}}],"BusinessInfoList":[{"BusinessDescription":"language:English:English","BusinessLabel1":"language","BusinessLabel2":"English","BusinessLabel3":"English"}]},"AuxInfo":{"RoomId":"room_1","ProcessBeginTime":1717677317155,"ProcessFinishTime":1717677317554,"UserId":"user_1"}}',
  censor_audio_v2_status:
    '{"Event":"censor_audio_v2_status","AppId":1,"Timestamp":1724743250,"Nonce":"7407715855877898783","Signature":"5cc9e67af0ba0c95f99bd73f79a36485f574ad11","Code":0,"Message":"success","TaskId":"384a8a77aeb352d3ec8144ab4640cc52","Status":0,"AuxInfo":{"RoomId":"room_1","CensorStreamTime":31}}',
  censor_video_v2_audio_result:
    '{"Event":"censor_video_v2_audio_result","AppId":1,"Timestamp":1690000000,"Nonce":"88120471","Signature":"signature","Code":0,"Message":"Success","TaskId":"video_task_1","ResultTaskId":"video_task_1_s_1_3","Detail":{"RiskLevel":"PASS","Content":"text of the segment","AudioUrl":"https://example.com/a%2Fb.mp3?Expires=1690003600&Signature=abc%2Fdef%3D","RiskDescription":"Normal","RiskLabel1":"normal","RiskLabel2":"","RiskLabel3":"","VadStatus":1,"RiskDetail":{"RiskSource":1000,"AudioText":"","MatchedLists":null},"RiskInfoList":[],"BusinessInfoList":[]},"AuxInfo":{"RoomId":"room_1","ProcessBeginTime":1689999999100,"ProcessFinishTime":1689999999400,"StreamId":"stream_9"}}',
  censor_video_v2_audio_status:
    '{"Event":"censor_video_v2_audio_status","AppId":1,"Timestamp":1690000100,"Nonce":"88120472","Signature":"signature","Code":0,"Message":"success","TaskId":"video_task_1","Status":0,"AuxInfo":{"RoomId":"room_1","CensorStreamTime":31}}',
  censor_video_v2_img_status:
    '{"Event":"censor_video_v2_img_status","AppId":1,"Timestamp":1690000100,"Nonce":"88120473","Signature":"signature","Code":0,"Message":"success","TaskId":"video_task_1","Status":0,"AuxInfo":{"RoomId":"room_1","CensorStreamTime":31}}',
  censor_video_v2_img_result:
    '{"Event":"censor_video_v2_img_result","AppId":1,"Timestamp":1690000060,"Nonce":"88120474","Signature":"signature","Code":0,"Message":"success","TaskId":"video_task_1","ResultTaskId":"video_task_1_s_1_3","Detail":{"RiskLevel":"REVIEW","ImgUrl":"https://example.com/%xxxxxx.jpg?Expires=1690003600&Signature=abc%2Fdef%3D","RiskDescription":"sexy","RiskLabel1":"sexy","RiskLabel2":"","RiskLabel3":"","RiskDetail":{"RiskSource":1002,"FaceInfoList":null,"OcrInfo":{"Text":"","MatchedLists":null}},"RiskInfoList":[],"BusinessInfoList":[]},"AuxInfo":{"RoomId":"room_1","StreamId":"stream_9","ImgTime":"2023-07-22 12:27:39.500"}}',
};

type Name = keyof typeof DOCUMENTS;
type Body = Record<string, unknown>;

function parse(document: string) {
  const body = Buffer.from(document);
  return parseZego(body, { appId: zegoAppId(parseZegoBody(body) ?? {}) ?? '', receivedAt: RECEIVED_AT });
}

/** What a document says with other members, at any depth. */
function parseChanged(name: Name, changes: Body) {
  return parse(JSON.stringify(merged(parseJson(DOCUMENTS[name]) as Body, changes)));
}

function merged(body: Body, changes: Body): Body {
  const result = { ...body };
  for (const [name, value] of Object.entries(changes)) {
    const [old, isPlain] = [result[name], value?.constructor === Object];
    result[name] = isPlain && old?.constructor === Object ? merged(old as Body, value as Body) : value;
  }
  return result;
}

function observationsOf(parsed: ReturnType<typeof parse>) {
  return parsed.ok ? parsed.observations : parsed.reason;
}

const AUDIO_TASK = '384a8a77aeb352d3ec8144ab4640cc52';
const MODERATION = { kind: 'moderation', roomId: 'room_1' };
const MIXING = { kind: 'live', roomId: '2222', userId: 'abc' };
const TRANSCODING = { kind: 'live', userId: '2222' };

function room(roomId: string, facet: string, at: number, sessionId: string) {
  return [{ entity: 'room', roomId, facet, rank: 0, at, value: { sessionId } }];
}

function task(taskId: string, facet: string, at: number, value: object, rank = 0) {
  return [{ entity: 'task', taskId, facet, rank, at, value }];
}

/** The end of a moderation task, of which only the time of sending is known. */
function moderated(taskId: string, at: number) {
  const value = { status: 'ended', code: 0, message: 'success', task: MODERATION };
  return [{ entity: 'task', taskId, facet: 'end', rank: 0, at, isSendingTime: true, value }];
}

test.each<[Name, object, object[]]>([
  [
    'stream_create',
    { roomId: 'room1', at: 1_687_981_272_742 },
    room('room1', 'activity', 1_687_981_272_742, '1234567'),
  ],
  [
    'stream_close',
    { roomId: 'room1', at: 1_666_986_067_248 },
    room('room1', 'activity', 1_666_986_067_248, '123456789'),
  ],
  [
    'room_create',
    { roomId: 'room_7001', at: 1_690_000_000_123 },
    room('room_7001', 'open', 1_690_000_000_123, '7291847562039485713'),
  ],
  [
    'room_close',
    { roomId: 'room_7001', at: 1_690_000_950_456 },
    room('room_7001', 'close', 1_690_000_950_456, '7291847562039485713'),
  ],
  [
    'room_login',
    { roomId: 'rid_1242649', at: 1_499_676_978_027 },
    room('rid_1242649', 'activity', 1_499_676_978_027, '6085791336856668982'),
  ],
  [
    'room_logout',
    { roomId: 'rid_1242649', at: 1_663_740_627_986 },
    room('rid_1242649', 'activity', 1_663_740_627_986, '6085791336856668982'),
  ],
  [
    'mix_start',
    { taskId: '111111:1111', roomId: '2222', kind: 'live' },
    task('111111:1111', 'start', 1_689_834_748_000, { status: 'started', task: MIXING }),
  ],
  [
    'mix_stop',
    { taskId: '111111:1111', roomId: '2222', kind: 'live' },
    task('111111:1111', 'end', 1_689_835_223_000, { status: 'ended', task: MIXING }),
  ],
  [
    'transcode_start',
    { taskId: '2222', kind: 'live' },
    task('2222', 'start', 1_690_000_000_000, { status: 'started', task: TRANSCODING }, 1),
  ],
  [
    'transcode_stop',
    { taskId: '2222', kind: 'live' },
    task('2222', 'end', 1_690_000_500_000, { status: 'ended', code: 0, task: TRANSCODING }),
  ],
  [
    'censor_audio_v2_result',
    { taskId: AUDIO_TASK, ...MODERATION, at: 1_717_677_317_554 },
    task(
      AUDIO_TASK,
      'risk',
      1_717_677_317_554,
      { riskLevel: 'REJECT', task: { ...MODERATION, userId: 'user_1' } },
      2,
    ),
  ],
  ['censor_audio_v2_status', { taskId: AUDIO_TASK, ...MODERATION }, moderated(AUDIO_TASK, 1_724_743_250_000)],
  [
    'censor_video_v2_audio_result',
    { taskId: 'video_task_1', ...MODERATION, at: 1_689_999_999_400 },
    task('video_task_1', 'risk', 1_689_999_999_400, { riskLevel: 'PASS', task: MODERATION }),
  ],
  [
    'censor_video_v2_audio_status',
    { taskId: 'video_task_1', ...MODERATION },
    moderated('video_task_1', 1_690_000_100_000),
  ],
  [
    'censor_video_v2_img_status',
    { taskId: 'video_task_1', ...MODERATION },
    moderated('video_task_1', 1_690_000_100_000),
  ],
  [
    'censor_video_v2_img_result',
    { taskId: 'video_task_1', ...MODERATION, at: 1_690_000_059_500 },
    task('video_task_1', 'risk', 1_690_000_059_500, { riskLevel: 'REVIEW', task: MODERATION }, 1),
  ],
])('%s', (name, event, observations) => {
  const expectedEvent = { type: name, ...event, identity: expect.any(Object) };
  expect(parse(DOCUMENTS[name])).toEqual({ ok: true, event: expectedEvent, observations });
});

describe('rooms and streams', () => {
  const NAMES = ['room_create', 'room_close', 'room_login', 'room_logout', 'stream_create', 'stream_close'];

  test.each(NAMES as Name[])('%s has to name its room', (name) => {
    const parsed = parseChanged(name, { room_id: '', channel_id: null });
    expect(parsed).toEqual({ ok: false, reason: 'missing_room_id' });
  });

  test('a stream may name its room as the channel', () => {
    const [observation] = observationsOf(parseChanged('stream_create', { room_id: '' }));
    expect(observation).toMatchObject({ roomId: '0xb-0x1' });
  });

  test.each([
    ['"0007291847562039485713"', '0007291847562039485713'],
    ['7291847562039485713', '7291847562039485713'],
    ['18446744073709551615', '18446744073709551615'],
    ['"7291847562039485713"', '7291847562039485713'],
    ['42', '42'],
    ['null', undefined],
  ])('the session id %s stays digit for digit', (id, sessionId) => {
    const document = DOCUMENTS.room_create.replace(':7291847562039485713', `:${id}`);
    expect(observationsOf(parse(document))).toMatchObject([{ value: { sessionId } }]);
  });

  test('creation, closing and login of one room have one session id', () => {
    const login = DOCUMENTS.room_login.replace('6085791336856668982', '7291847562039485713');
    const values = [DOCUMENTS.room_create, DOCUMENTS.room_close, login].map((document) => {
      const [observation] = observationsOf(parse(document));
      return observation;
    });
    expect(values).toMatchObject(Array(3).fill({ value: { sessionId: '7291847562039485713' } }));
  });

  test.each<[Name, Body, number]>([
    ['room_create', { room_create_time: 1_690_000_000_123 }, 1_690_000_000_123],
    ['room_create', { room_create_time: '00001690000000123' }, 1_690_000_000_123],
    ['room_create', { room_create_time: '' }, 1_690_000_000_000],
    ['room_create', { room_create_time: '0' }, 1_690_000_000_000],
    ['room_create', { room_create_time: 'now', timestamp: '1690000000' }, 1_690_000_000_000],
    ['stream_create', { create_time_ms: null }, 1_687_981_272_000],
    ['stream_create', { create_time_ms: null, create_time: '01687981271' }, 1_687_981_271_000],
    ['stream_close', { destroy_timemillis: null }, 1_666_786_067_000],
  ])('the time of %s with %j', (name, changes, at) => {
    expect(parseChanged(name, changes)).toMatchObject({ observations: [{ at }] });
  });

  test('without any time, the reception stands in', () => {
    const parsed = parseChanged('room_create', { room_create_time: null, timestamp: 'timestamp' });
    expect(parsed).toMatchObject({
      event: { at: undefined },
      observations: [{ at: RECEIVED_AT, isReplacedTime: true }],
    });
  });
});

describe('mixing and transcoding', () => {
  test('an update of a transcoding is outranked by its start', () => {
    const ranks = ['TranscodeStarted', 'TranscodeUpdated'].map((Status) => {
      const [observation] = observationsOf(parseChanged('transcode_start', { Status }));
      return typeof observation === 'object' ? observation.rank : observation;
    });
    expect(ranks).toEqual([1, 0]);
  });

  test('a stop is one whatever its status', () => {
    const parsed = parseChanged('transcode_stop', { Status: 'TranscodeStarted' });
    expect(observationsOf(parsed)).toMatchObject([{ facet: 'end', value: { status: 'ended' } }]);
  });

  test.each<[unknown, object]>([
    [0, { status: 'ended', code: 0, message: undefined }],
    ['0', { status: 'ended', code: '0' }],
    [1, { status: 'failed', code: 1, message: 'task exception' }],
    ['1', { status: 'failed', code: '1', message: 'task exception' }],
    [null, { status: 'ended', code: undefined }],
  ])('the stop reason %j', (StopReason, value) => {
    expect(observationsOf(parseChanged('transcode_stop', { StopReason }))).toMatchObject([{ value }]);
  });

  test('ids may be numbers', () => {
    const parsed = parseChanged('mix_start', { task_id: 1111, channel_id: 2222 });
    expect(parsed).toMatchObject({ event: { taskId: '1111', roomId: '2222' } });
  });

  test.each<[Name, Body]>([
    ['mix_start', { task_id: '' }],
    ['mix_stop', { task_id: null }],
    ['transcode_start', { TaskId: '' }],
    ['transcode_stop', { TaskId: [] }],
    ['censor_audio_v2_result', { TaskId: '' }],
    ['censor_audio_v2_status', { TaskId: {} }],
  ])('%s with %j names no task', (name, changes) => {
    expect(observationsOf(parseChanged(name, changes))).toBe('missing_task_id');
  });
});

describe('moderation', () => {
  test.each([
    ['PASS', 0],
    ['REVIEW', 1],
    ['REJECT', 2],
    ['SUSPICIOUS', 0],
    ['__proto__', 0],
  ])('the risk %s has the rank %i', (RiskLevel, rank) => {
    const parsed = parseChanged('censor_audio_v2_result', { Detail: { RiskLevel } });
    expect(observationsOf(parsed)).toMatchObject([{ facet: 'risk', rank, value: { riskLevel: RiskLevel } }]);
  });

  test.each([{ Detail: null }, { Detail: { RiskLevel: '' } }, { Detail: 'text' }, { Detail: [] }])(
    'a result with %j is an event only',
    (changes) => {
      const parsed = parseChanged('censor_video_v2_img_result', { Code: 1002, ...changes });
      const event = { taskId: 'video_task_1', roomId: 'room_1', kind: 'moderation' };
      expect(parsed).toMatchObject({ ok: true, event, observations: [] });
    },
  );

  test('parts may be JSON inside a string', () => {
    const { Detail, AuxInfo } = JSON.parse(DOCUMENTS.censor_audio_v2_result);
    const changes = { Detail: JSON.stringify(Detail), AuxInfo: JSON.stringify(AuxInfo) };
    const parsed = parseChanged('censor_audio_v2_result', changes);
    expect(observationsOf(parsed)).toEqual(observationsOf(parse(DOCUMENTS.censor_audio_v2_result)));
  });

  test('no signed URL is in an id or in the state', () => {
    for (const name of ['censor_audio_v2_result', 'censor_video_v2_img_result'] as const) {
      const parsed = parse(DOCUMENTS[name]);
      const { identity: _, ...event } = parsed.ok ? parsed.event : { identity: null };
      expect(JSON.stringify([event, observationsOf(parsed)])).not.toContain('Signature=');
    }
  });

  test.each<[Body, number]>([
    [{ ImgTime: '2023-07-22 12:27:39' }, 1_690_000_059_000],
    [{ ImgTime: '2023-07-22T12:27:39.5' }, 1_690_000_059_500],
    [{ ImgTime: '2023-99-22 12:27:39' }, 1_690_000_060_000],
    [{ ImgTime: 'now' }, 1_690_000_060_000],
    [{ ImgTime: 1_690_000_059_500 }, 1_690_000_060_000],
    [{ ProcessFinishTime: '1690000059400' }, 1_690_000_059_400],
  ])('the time of a picture with %j', (AuxInfo, at) => {
    expect(parseChanged('censor_video_v2_img_result', { AuxInfo })).toMatchObject({ observations: [{ at }] });
  });

  test.each<[Body, object[]]>([
    [{ Status: '0' }, [{ rank: 0, value: { status: 'ended' } }]],
    [
      { Code: 1002, Message: 'stream not found' },
      [{ rank: 1, value: { status: 'failed', code: 1002, message: 'stream not found' } }],
    ],
    [{ Status: 1 }, []],
    [{ Status: null }, []],
  ])('a status with %j', (changes, observations) => {
    const parsed = parseChanged('censor_video_v2_audio_status', changes);
    expect(observationsOf(parsed)).toMatchObject(observations);
    expect(observationsOf(parsed)).toHaveLength(observations.length);
  });

  test('an event that is not known stays one of its task and room', () => {
    const parsed = parseChanged('censor_audio_v2_result', { Event: 'censor_text_v9_result' });
    const event = { type: 'censor_text_v9_result', taskId: AUDIO_TASK, roomId: 'room_1', kind: undefined };
    expect(parsed).toMatchObject({ ok: true, event, observations: [] });
  });
});

test('the samples are whole', () => {
  for (const [name, document] of Object.entries(DOCUMENTS)) {
    const body = parseZegoBody(Buffer.from(document)) ?? {};
    expect(text(body.event ?? body.Event)).toBe(name);
  }
});
