import fc from 'fast-check';
import type { JsonObject } from '../../lib/platform/json.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { HOUR, NOW, SECOND, type SourceName, sampleBody } from './callbacks.ts';

/** A callback as the vendor would send it once. */
export interface Callback {
  source: SourceName;
  body: JsonObject;
}

/** Few times and names, so that many callbacks meet in one facet, at equal times too. */
const times = fc.constantFrom(0, SECOND, 2 * SECOND, 30 * HOUR).map((ms) => NOW + ms);
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
  })
  .map(
    ({ event, at, code, fileName, fileSize, extra }): Callback => ({
      source: 'rongcloud-recording',
      body: sampleBody(
        'rongcloud-recording',
        event,
        { recordId: 'record', roomId: 'room', code, extra, output: { fileName, fileSize } },
        at,
      ),
    }),
  );

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
    const timestamp = String(at / SECOND);
    const changes = { task_id: 'snapshot', snapshot_pic_list: urls.map((url) => ({ url })), timestamp };
    return { source: 'zego', body: sampleBody('zego', 'snapshot', changes, at) };
  });

const samples = fc
  .record({ source: fc.constantFrom(...SAMPLE_SOURCES), choice: fc.nat(), at: times })
  .map(({ source: { name, events }, choice, at }): Callback => {
    const event = Object.keys(events)[choice % Object.keys(events).length] ?? '';
    const sent = name.startsWith('zego') ? { timestamp: String(at / SECOND) } : {};
    return { source: name, body: sampleBody(name, event, sent, at) };
  });

/** Callbacks of every source; most meet in a few facets. */
export const callbacks: fc.Arbitrary<Callback> = fc.oneof(
  { weight: 6, arbitrary: recordings },
  { weight: 2, arbitrary: screenshots },
  { weight: 2, arbitrary: trtcScreenshots },
  { weight: 1, arbitrary: zegoSnapshots },
  { weight: 3, arbitrary: samples },
);
