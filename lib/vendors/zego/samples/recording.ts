import type { JsonObject } from '../../../platform/json.ts';
import type { SampleSource } from '../../common/sample.ts';
import { numericAppId } from './numbers.ts';

const TASK_ID = 'YZ4joOE4IwmFAAAT';

/** Samples of https://www.zegocloud.com/docs/cloud-recording-server/recording-status-callback */
export const cloudRecordingSamples: SampleSource['events'] = {
  upload: (appId, now) => uploads(appId, 5, [recordedFile(now, '800221', 'mp4')], 1),
  'upload-partly': (appId, now) =>
    uploads(
      appId,
      5,
      [recordedFile(now, '800221', 'mp4'), inBackup(now, '800222'), lostFile(now, '800223')],
      2,
    ),
  'upload-backup': (appId, now) => uploads(appId, 5, [inBackup(now, '800221')], 2),
  'upload-failed': (appId, now) => uploads(appId, 5, [lostFile(now, '800221')], 2),
  'upload-nothing': (appId) => uploads(appId, 5, [], 1),
  screenshots: (appId, now) => ({
    ...uploads(appId, 5, [recordedFile(now, '1', 'jpg'), recordedFile(now, '2', 'jpg')], 1),
    task_id: 'YZ4joOE4IwmFAAAS',
  }),
  playlist: (appId) =>
    callback(appId, 102, 0, {
      stream_id: '800221',
      file_id: fileName('800221', 'm3u8'),
      file_url: 'https://example.com/playlist.m3u8',
      media_track_type: 3,
    }),
  'image-failed': (appId) =>
    callback(appId, 3, 0, { image_type: 2, image_url: 'https://example.com/watermark.png' }),
  'stream-missing': (appId) => callback(appId, 6, 0, { stream_id: '800404' }),
  pause: (appId) => callback(appId, 201, 1, {}),
  resume: (appId) => callback(appId, 202, 2, {}),
  'no-stream': (appId) => callback(appId, 4, 3, {}),
  end: (appId) => callback(appId, 5, 3, {}),
  stop: (appId) => callback(appId, 7, 4, {}),
  'end-idle': (appId) => callback(appId, 2, 3, { quit_reason: 3 }),
  'end-failed': (appId) => callback(appId, 2, 3, { quit_reason: 1004 }),
  'end-without-detail': (appId) => callback(appId, 5, 3, ''),
  'unknown-type': (appId) => callback(appId, 301, 5, {}),
};

function uploads(appId: string, sequence: number, files: JsonObject[], uploadStatus: number): JsonObject {
  return callback(appId, 1, sequence, { upload_status: uploadStatus, file_info: files });
}

function callback(
  appId: string,
  eventType: number,
  sequence: number,
  detail: JsonObject | string,
): JsonObject {
  return {
    app_id: numericAppId(appId),
    task_id: TASK_ID,
    room_id: '6677',
    event_type: eventType,
    message: '',
    sequence,
    detail,
  };
}

/** A file that is in the customer's storage. */
function recordedFile(now: number, user: string, format: string): JsonObject {
  return {
    user_id: user,
    user_name: `play_${user}`,
    stream_id: user,
    file_id: fileName(user, format),
    video_id: '',
    file_url: `https://example.com/${fileName(user, format)}`,
    output_file_format: format,
    file_size: 25_349_026,
    duration: 170_039,
    resolution_width: 1280,
    resolution_height: 720,
    media_track_type: 3,
    begin_timestamp: now - 170_039,
    status: 3,
  };
}

/** A file that is only in the vendor's backup storage. */
function inBackup(now: number, user: string): JsonObject {
  const url = `https://backup.example.com/${fileName(user, 'mp4')}`;
  return { ...recordedFile(now, user, 'mp4'), file_url: url, status: 4 };
}

/** A file that is in neither storage. */
function lostFile(now: number, user: string): JsonObject {
  return { ...recordedFile(now, user, 'mp4'), file_url: '', status: 5 };
}

function fileName(user: string, format: string): string {
  return `${TASK_ID}_6677_${user}_${user}_VA_20211124113602084.${format}`;
}
