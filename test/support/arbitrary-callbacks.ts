import fc from 'fast-check';
import type { JsonObject } from '../../lib/platform/json.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { HOUR, NOW, SECOND, type SourceName, sampleBody } from './callbacks.ts';

/** A callback as the vendor would send it once. */
export interface Callback {
  source: SourceName;
  body: JsonObject;
}

/**
 * Few times and names, so that many callbacks meet in one facet, at equal times too. Some are times that nobody can mean:
 * too late, in seconds, before 2015, in the year 9998, and none.
 */
const times = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, SECOND, 2 * SECOND).map((ms) => NOW + ms) },
  { weight: 1, arbitrary: fc.constantFrom(NOW + 30 * HOUR, NOW / SECOND, 1, Date.UTC(9998, 0), 0) },
);
const fileNames = fc.constantFrom('a.mp4', 'b.mp4');
const codes = fc.constantFrom(200, 200, 20001, 20002);

const recordings = fc
  .record({
    event: fc.constantFrom('start', 'segment', 'end', 'upload', 'upload-failed', 'unknown-type'),
    at: times,
    code: codes,
    fileName: fileNames,
    fileSize: fc.constantFrom(1, 2),
    extra: fc.constantFrom('', 'x'),
    // The one task mixes all users, in the other each has files of its own.
    task: fc.constantFrom(
      { recordId: 'record', mode: 1, userId: 'teacher' },
      { recordId: 'record', mode: 1, userId: 'pupil' },
      { recordId: 'mixed', mode: 3, userId: '' },
    ),
  })
  .map(({ event, at, code, fileName, fileSize, extra, task }): Callback => {
    const changes = { ...task, roomId: 'room', code, extra, output: { fileName, fileSize } };
    return { source: 'rongcloud-recording', body: sampleBody('rongcloud-recording', event, changes, at) };
  });

const relays = fc
  .record({
    event: fc.constantFrom('start', 'end', 'failed'),
    at: times,
    pushUrl: fc.constantFrom(
      'rtmp://a/live/key-1?auth=1',
      'rtmp://a/live/key-1?auth=2',
      'rtmp://b/live/key-2',
      '',
    ),
  })
  .map(({ event, at, pushUrl }): Callback => {
    const changes = { sessionId: 'session', roomId: 'room', pushUrl };
    return { source: 'rongcloud-cdn', body: sampleBody('rongcloud-cdn', event, changes, at) };
  });

const trtcRelays = fc
  .record({ at: times, Status: fc.constantFrom(0, 2, 4), Url: fc.constantFrom('rtmp://a/1', 'rtmp://b/2') })
  .map(({ at, Status, Url }): Callback => {
    const EventInfo = { RoomId: 'room', TaskId: 'relay', EventTsMs: at, Payload: { Status, Url } };
    return { source: 'tencent', body: sampleBody('tencent', 'relay-running', { EventInfo }, NOW) };
  });

/** 304, 305, 310 and 312: an index, and MP4s with callbacks of their own. */
const trtcRecordings = fc
  .record({
    EventType: fc.constantFrom(302, 304, 305, 310, 312),
    at: times,
    Status: fc.constantFrom(0, 1, 2, 9),
    name: fc.constantFrom('a.m3u8', 'a_1.mp4', 'a_2.mp4'),
  })
  .map(({ EventType, at, Status, name }): Callback => {
    const Payload = { Status, FileList: [name], FileMessage: [] };
    const EventInfo = {
      RoomId: 'room',
      TaskId: 'trtc',
      EventMsTs: at,
      EventTs: Math.floor(NOW / SECOND),
      Payload,
    };
    const body = sampleBody('tencent', 'recording-mp4', { EventInfo }, NOW);
    return { source: 'tencent', body: { ...body, EventType } };
  });

/** Recordings and pictures of one ZEGOCLOUD task, of every status. */
const zegoRecordings = fc
  .record({
    event: fc.constantFrom('end', 'stop', 'playlist', 'upload', 'upload', 'upload-nothing'),
    at: times,
    files: fc.array(
      fc.record({
        file_id: fc.constantFrom('a.mp4', 'b.jpg'),
        status: fc.constantFrom(1, 2, 3, 4, 5, 6),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ event, at, files }): Callback => {
    const changes = { task_id: 'zego', room_id: 'room', timestamp: String(Math.floor(at / SECOND)) };
    const file_info = files.map((file) => ({
      ...file,
      output_file_format: file.file_id.split('.')[1] ?? '',
    }));
    const detail = event === 'upload' ? { detail: { file_info, upload_status: 1 } } : {};
    return {
      source: 'zego-recording',
      body: sampleBody('zego-recording', event, { ...changes, ...detail }, NOW),
    };
  });

const screenshots = fc
  .record({ event: fc.constantFrom('start', 'end', 'upload'), at: times, code: codes, fileName: fileNames })
  .map(({ event, at, code, fileName }): Callback => {
    const changes = { imageId: 'image', roomId: 'room', code, output: { fileName } };
    return { source: 'rongcloud-screenshot', body: sampleBody('rongcloud-screenshot', event, changes, at) };
  });

const trtcScreenshots = fc
  .record({ at: times, code: fc.constantFrom(0, -1, -2), eventID: fc.constantFrom('1.jpg', '2.jpg') })
  .map(({ at, code, eventID }): Callback => {
    const EventInfo = { roomID: 'room', code, eventID };
    return { source: 'tencent', body: sampleBody('tencent', 'screenshot', { EventInfo }, at) };
  });

const zegoSnapshots = fc
  .record({
    at: times,
    urls: fc.uniqueArray(fc.constantFrom('http://a/1.jpg', 'http://a/2.jpg', 'http://a/3.jpg')),
  })
  .map(({ at, urls }): Callback => {
    const timestamp = String(Math.floor(at / SECOND));
    const changes = { task_id: 'snapshot', snapshot_pic_list: urls.map((url) => ({ url })), timestamp };
    return { source: 'zego', body: sampleBody('zego', 'snapshot', changes, at) };
  });

const samples = fc
  .record({ source: fc.constantFrom(...SAMPLE_SOURCES), choice: fc.nat(), at: times })
  .map(({ source: { name, events }, choice, at }): Callback => {
    const event = Object.keys(events)[choice % Object.keys(events).length] ?? '';
    const sent = name.startsWith('zego') ? { timestamp: String(Math.floor(at / SECOND)) } : {};
    return { source: name, body: sampleBody(name, event, sent, at) };
  });

/** Callbacks of RongCloud recordings of several users. */
export const recordingCallbacks: fc.Arbitrary<Callback> = recordings;

/** Callbacks of every source; most meet in a few facets. */
export const callbacks: fc.Arbitrary<Callback> = fc.oneof(
  { weight: 6, arbitrary: recordings },
  { weight: 2, arbitrary: screenshots },
  { weight: 2, arbitrary: trtcScreenshots },
  { weight: 1, arbitrary: zegoSnapshots },
  { weight: 2, arbitrary: relays },
  { weight: 1, arbitrary: trtcRelays },
  { weight: 2, arbitrary: trtcRecordings },
  { weight: 2, arbitrary: zegoRecordings },
  { weight: 3, arbitrary: samples },
);
