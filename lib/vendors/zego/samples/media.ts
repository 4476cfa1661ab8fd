import type { SampleSource } from '../../common/sample.ts';

const TENCENT_FILE_ID = '5285890813218549789';

/** Samples of the pages under https://www.zegocloud.com/docs/real-time-video-server/callback/cdn/ */
export const mediaSamples: SampleSource['events'] = {
  snapshot: (appid) => ({
    appid,
    event: 'snapshot',
    task_id: '1253642700910365374',
    field_id: 'abcwurywbhsfwi',
    vendor: 'tencent',
    snapshot_pic_list: JSON.stringify([
      { url: 'http://abc.com/1.jpg', offset: 0 },
      { url: 'http://abc.com/2.jpg', offset: 10_000 },
    ]),
  }),
  procedure: (appid) => ({
    appid,
    event: 'procedure',
    task_id: 'procedure_1',
    status: 'SUCCESS',
    file_id: '3270835010897125368',
    extra_params: JSON.stringify({ media: { transcode: [TRANSCODED] } }),
  }),
  'procedure-failed': (appid) => ({
    appid,
    event: 'procedure',
    task_id: 'procedure_1',
    status: 'FAILED',
    file_id: '3270835010897125368',
    extra_params: '',
  }),
  'procedure-without-results': (appid) => ({
    appid,
    event: 'procedure',
    task_id: 'procedure_2',
    status: 'SUCCESS',
    fileId: '3270835010897125368',
    extra_params: 'extra_params',
  }),
  compose: (appid) => ({
    appid,
    event: 'compose',
    task_id: 'compose_1',
    replay_url: 'https://example.com/merged/1.mp4',
    file_id: TENCENT_FILE_ID,
    code: '0',
    message: 'SUCCESS',
  }),
  'compose-failed': (appid) => ({
    appid,
    event: 'compose',
    task_id: 'compose_1',
    replay_url: '',
    file_id: '',
    code: '60000',
    message: 'source file error',
  }),
  record: (appid, now) => ({
    ...recorded(appid, now),
    replay_url: 'https://example.com/rec/aaaa.mp4',
    extra_params: JSON.stringify({ TaskId: 'record_1', FileID: TENCENT_FILE_ID, Duration: 600.12 }),
  }),
  'record-other-format': (appid, now) => ({
    ...recorded(appid, now),
    replay_url: 'https://example.com/rec/aaaa.m3u8',
    extra_params: JSON.stringify({ TaskId: 'record_1', FileID: '5285890813218549790', Duration: 600.12 }),
  }),
  'record-huawei': (appid, now) => ({
    ...recorded(appid, now),
    replay_url: 'https://example.com/obs/aaaa.flv',
    extra_params: JSON.stringify({ Duration: 600, ObsObject: 'obs/aaaa.flv', FileSize: 33_554_432 }),
  }),
};

const TRANSCODED = {
  code: '0',
  message: 'SUCCESS',
  replay_url: 'https://example.com/playlist.m3u8',
  size: 6_833_612,
  duration: 170.612,
  video: { bitrate: 205_290, codec: 'hevc', fps: 15, height: 540, width: 960 },
  audio: { bitrate: 49_040, codec: 'aac', sampling_rate: 44_100 },
};

function recorded(appid: string, now: number) {
  const endTime = Math.floor(now / 1000);
  return {
    appid,
    event: 'record',
    stream_alias: 'aaaa',
    begin_time: String(endTime - 600),
    end_time: String(endTime),
  };
}
