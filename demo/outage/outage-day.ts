import type { Json } from '../../lib/platform/json.ts';
import type { AttentionReason } from '../../types/index.d.ts';
import { type DayCallback, dayCallback } from '../player.ts';

/** How long the day is, in minutes: what began with it has been silent for longer than a task may be. */
export const DAY_MINUTES = 26 * 60;

/** The storage bucket takes nothing in this hour, the twentieth before now. */
const OUTAGE = { from: 6 * 60, until: 7 * 60 };

/** When everything comes that was missing. */
const RECOVERY = DAY_MINUTES - 5;

const RECORDING = 'rongcloud-recording';
const SCREENSHOT = 'rongcloud-screenshot';

/** An entry of `/attention`: why, and which task or, where a vendor is silent, which vendor it is of. */
export interface DayEntry {
  reason: AttentionReason;
  vendor: string;
  /** Empty where it is of a vendor. */
  taskId: string;
}

/** A day on which uploads fail and callbacks are lost, and what comes in the end. */
export interface OutageDay {
  /** What vendors send in the day. */
  callbacks: DayCallback[];
  /** What they send when the bucket is there again, with what had been lost. */
  recovery: DayCallback[];
  /** What needs attention in between. */
  entries: DayEntry[];
  /** The vendor that calls for the first time today when all recovers. */
  silentVendor: 'zego';
}

/** The day: lessons in two rooms all day, an exam, and one of each thing that can be missing. */
export function outageDay(): OutageDay {
  const day: OutageDay = { callbacks: [], recovery: [], entries: [], silentVendor: 'zego' };
  for (let hour = 2; hour <= 20; hour += 2) for (const room of ['a', 'b']) lesson(day, room, hour);
  exam(day);
  recordingByTencent(day);
  lessonWithoutEnd(day);
  lessonWithoutUpload(day);
  lessonWithoutOneUpload(day);
  recordingWithoutFiles(day);
  examWithoutPictures(day);
  silence(day);
  return day;
}

/** Three quarters of an hour, uploaded at once unless the bucket is out. */
function lesson(day: OutageDay, room: string, hour: number): void {
  const taskId = `lesson-${room}-${hour}`;
  const begins = 60 * hour;
  const name = `${taskId}.mp4`;
  recording(day.callbacks, taskId, 'start', begins, name);
  recording(day.callbacks, taskId, 'end', begins + 45, name);
  if (!isOut(begins + 46)) {
    recording(day.callbacks, taskId, 'upload', begins + 46, name);
    return;
  }
  for (const minute of [46, 47, 48]) recording(day.callbacks, taskId, 'upload-failed', begins + minute, name);
  expectEntry(day, 'purge_near', 'rongcloud', taskId);
  recording(day.recovery, taskId, 'upload', RECOVERY, name);
}

/** A picture every ten minutes, from before the outage until after it. */
function exam(day: OutageDay): void {
  const taskId = 'exam';
  screenshot(day.callbacks, taskId, 'start', 320);
  for (let minute = 330; minute <= 450; minute += 10) {
    const name = `exam-${minute}.jpg`;
    screenshot(day.callbacks, taskId, isOut(minute) ? 'upload-failed' : 'upload', minute, name);
    if (!isOut(minute)) continue;
    expectEntry(day, 'purge_near', 'rongcloud', taskId);
    screenshot(day.recovery, taskId, 'upload', RECOVERY, name);
  }
  screenshot(day.callbacks, taskId, 'end', 451);
}

/** Two files that are left behind, and uploaded after all. TRTC does not say when it deletes them. */
function recordingByTencent(day: OutageDay): void {
  const taskId = 'webinar';
  trtc(day.callbacks, taskId, 'recording-start', 350);
  trtc(day.callbacks, taskId, 'recording-mp4-failed', 400);
  trtc(day.callbacks, taskId, 'recording-end', 401);
  for (const _ of ['main', 'aux']) expectEntry(day, 'upload_failed', 'tencent', taskId);
  trtc(day.recovery, taskId, 'recording-mp4', RECOVERY);
}

/** It began a day ago, and its end has never come. */
function lessonWithoutEnd(day: OutageDay): void {
  const [taskId, name] = ['endless', 'endless.mp4'];
  recording(day.callbacks, taskId, 'start', 30, name);
  expectEntry(day, 'task_silent', 'rongcloud', taskId);
  recording(day.recovery, taskId, 'end', RECOVERY, name);
  recording(day.recovery, taskId, 'upload', RECOVERY + 1, name);
}

function lessonWithoutUpload(day: OutageDay): void {
  const [taskId, name] = ['no-word', 'no-word.mp4'];
  recording(day.callbacks, taskId, 'start', 600, name);
  recording(day.callbacks, taskId, 'end', 645, name);
  expectEntry(day, 'upload_missing', 'rongcloud', taskId);
  recording(day.recovery, taskId, 'upload', RECOVERY, name);
}

/** Only the second of its two parts is reported. */
function lessonWithoutOneUpload(day: OutageDay): void {
  const taskId = 'half-reported';
  const [first, second] = ['half-reported_1.mp4', 'half-reported_2.mp4'] as const;
  recording(day.callbacks, taskId, 'start', 700, first);
  recording(day.callbacks, taskId, 'segment', 730, first);
  recording(day.callbacks, taskId, 'end', 760, second);
  recording(day.callbacks, taskId, 'upload', 761, second);
  expectEntry(day, 'upload_missing', 'rongcloud', taskId);
  recording(day.recovery, taskId, 'upload', RECOVERY, first);
}

/** It has ended, and no file of it is known. */
function recordingWithoutFiles(day: OutageDay): void {
  const taskId = 'fileless';
  trtc(day.callbacks, taskId, 'recording-start', 800);
  trtc(day.callbacks, taskId, 'recording-end', 850);
  expectEntry(day, 'upload_missing', 'tencent', taskId);
  trtc(day.recovery, taskId, 'recording-mp4', RECOVERY);
}

/** It runs, and its pictures have stopped coming. */
function examWithoutPictures(day: OutageDay): void {
  const taskId = 'blind-exam';
  screenshot(day.callbacks, taskId, 'start', 1400);
  for (const minute of [1405, 1410])
    screenshot(day.callbacks, taskId, 'upload', minute, `blind-exam-${minute}.jpg`);
  expectEntry(day, 'screenshot_missing', 'rongcloud', taskId);
  screenshot(day.recovery, taskId, 'upload', RECOVERY, `blind-exam-${RECOVERY}.jpg`);
  screenshot(day.recovery, taskId, 'end', RECOVERY + 1);
}

function silence(day: OutageDay): void {
  expectEntry(day, 'app_silent', day.silentVendor, '');
  day.recovery.push(dayCallback('zego', 'snapshot', RECOVERY, {}));
}

function isOut(minute: number): boolean {
  return minute >= OUTAGE.from && minute < OUTAGE.until;
}

function recording(
  callbacks: DayCallback[],
  recordId: string,
  event: string,
  minute: number,
  name: string,
): void {
  const values = { recordId, roomId: `room-${recordId}`, ...output(event, name) };
  callbacks.push(dayCallback(RECORDING, event, minute, values));
}

function screenshot(
  callbacks: DayCallback[],
  imageId: string,
  event: string,
  minute: number,
  name?: string,
): void {
  const file = name === undefined ? {} : output(event, name);
  callbacks.push(dayCallback(SCREENSHOT, event, minute, { imageId, roomId: `room-${imageId}`, ...file }));
}

function trtc(callbacks: DayCallback[], taskId: string, event: string, minute: number): void {
  const values = { 'EventInfo.TaskId': taskId, 'EventInfo.RoomId': `room-${taskId}` };
  callbacks.push(dayCallback('tencent', event, minute, values));
}

function output(event: string, name: string): Record<string, Json> {
  const url = event === 'upload' ? { 'output.fileUrl': `https://storage.example.com/${name}` } : {};
  return { 'output.fileName': name, ...url };
}

function expectEntry(day: OutageDay, reason: AttentionReason, vendor: string, taskId: string): void {
  day.entries.push({ reason, vendor, taskId });
}
