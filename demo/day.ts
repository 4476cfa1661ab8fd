import type { Json } from '../lib/platform/json.ts';
import { type DayCallback, dayCallback } from './player.ts';

/** What the ledger must say of a file when the day is over. */
export interface ExpectedFile {
  vendor: string;
  taskId: string;
  name: string;
  status: 'closed' | 'uploaded' | 'upload_failed';
}

/** A day of callbacks with what must come of it. */
export interface Day {
  callbacks: DayCallback[];
  files: ExpectedFile[];
}

const RECORDING = 'rongcloud-recording';
const SCREENSHOT = 'rongcloud-screenshot';

/** A realistic day at a video product, of all three vendors. Everything in it has happened within eight hours. */
export function demoDay(): Day {
  const day: Day = { callbacks: [], files: [] };
  splitRecording(day);
  recoveredUpload(day);
  lostUpload(day);
  screenshotSession(day);
  tencentPictures(day);
  zegoPictures(day);
  return day;
}

/** A lesson of 70 minutes, cut every half hour: three files, all uploaded. */
function splitRecording(day: Day): void {
  const parts = ['maths_part1.mp4', 'maths_part2.mp4', 'maths_part3.mp4'];
  const send = recordingSender(day, 'maths-lesson', 'class-101');
  send('start', 0, { 'output.fileName': 'maths_part1.mp4' });
  parts.forEach((name, index) => {
    const closed = Math.min(30 * (index + 1), 70);
    const last = index === parts.length - 1;
    send(last ? 'end' : 'segment', closed, {
      'output.fileName': name,
      'output.fileSize': 48_000_000 + index,
    });
    send('upload', closed + 2, {
      'output.fileName': name,
      'output.fileUrl': `https://storage.example.com/${name}`,
    });
    expectFile(day, 'rongcloud', 'maths-lesson', name, 'uploaded');
  });
}

/** The storage refuses a file three times, then takes it. */
function recoveredUpload(day: Day): void {
  const name = 'physics.mp4';
  const send = recordingSender(day, 'physics-lesson', 'class-102');
  send('start', 60, { 'output.fileName': name });
  send('end', 105, { 'output.fileName': name, 'output.fileSize': 91_000_000 });
  for (const minute of [106, 107, 108]) send('upload-failed', minute, { 'output.fileName': name });
  send('upload', 130, { 'output.fileName': name, 'output.fileUrl': `https://storage.example.com/${name}` });
  expectFile(day, 'rongcloud', 'physics-lesson', name, 'uploaded');
}

/** The storage refuses a file and nobody has repaired it: in 24 hours the vendor deletes it. */
function lostUpload(day: Day): void {
  const name = 'history.mp4';
  const send = recordingSender(day, 'history-lesson', 'class-103');
  send('start', 120, { 'output.fileName': name });
  send('end', 165, { 'output.fileName': name, 'output.fileSize': 88_000_000 });
  for (const minute of [166, 167, 168, 169]) send('upload-failed', minute, { 'output.fileName': name });
  expectFile(day, 'rongcloud', 'history-lesson', name, 'upload_failed');
}

function screenshotSession(day: Day): void {
  const taskId = 'exam-watch';
  const common = { imageId: taskId, roomId: 'exam-7' };
  add(day, SCREENSHOT, 'start', 200, common);
  add(day, SCREENSHOT, 'end', 204, common);
  for (let picture = 1; picture <= 6; picture += 1) {
    const name = `exam_${picture}.jpg`;
    const failed = picture === 4;
    const values = { ...common, 'output.fileName': name };
    const url = failed ? {} : { 'output.fileUrl': `https://storage.example.com/${name}` };
    add(day, SCREENSHOT, failed ? 'upload-failed' : 'upload', 200 + picture / 2, { ...values, ...url });
    expectFile(day, 'rongcloud', taskId, name, failed ? 'upload_failed' : 'uploaded');
  }
}

/** Pictures that clients upload themselves: the task is the room. */
function tencentPictures(day: Day): void {
  for (let picture = 1; picture <= 5; picture += 1) {
    const name = `live-42-${picture}.jpg`;
    const failed = picture === 5;
    const values = { 'EventInfo.eventID': name, 'EventInfo.roomID': 'live-42' };
    const url = failed ? {} : { 'EventInfo.pictureURL': `https://cos.example.com/${name}` };
    add(day, 'tencent', failed ? 'screenshot-failed' : 'screenshot', 240 + picture, { ...values, ...url });
    expectFile(day, 'tencent', 'live-42', name, failed ? 'upload_failed' : 'uploaded');
  }
  add(day, 'tencent', 'enter-room', 240, { 'EventInfo.RoomId': 'live-42' });
}

/** One callback that carries twelve pictures. */
function zegoPictures(day: Day): void {
  const urls = Array.from({ length: 12 }, (_, index) => `https://cdn.example.com/replay/${index}.jpg`);
  const list = JSON.stringify(urls.map((url, index) => ({ url, offset: index * 5_000 })));
  add(day, 'zego', 'snapshot', 300, { task_id: 'replay-snapshots', snapshot_pic_list: list });
  for (const url of urls) expectFile(day, 'zego', 'replay-snapshots', url, 'uploaded');
}

function recordingSender(day: Day, recordId: string, roomId: string) {
  return (event: string, minute: number, values: Record<string, Json>): void =>
    add(day, RECORDING, event, minute, { recordId, roomId, ...values });
}

function add(day: Day, source: string, event: string, minute: number, values: Record<string, Json>): void {
  day.callbacks.push(dayCallback(source, event, minute, values));
}

function expectFile(
  day: Day,
  vendor: string,
  taskId: string,
  name: string,
  status: ExpectedFile['status'],
): void {
  day.files.push({ vendor, taskId, name, status });
}
