import type { ChangeType } from '../types/index.d.ts';

/** Every type of event and when it is sent; docs/change-events.md shows this table. */
export const CHANGE_TYPES: Readonly<Record<ChangeType, string>> = {
  'rtc.task.expected': 'your backend expects the task',
  'rtc.task.started': 'the task has started, or started again after it had ended',
  'rtc.task.ended': 'the task has ended',
  'rtc.task.failed': 'the task could not start, or ended with an error',
  'rtc.task.uploaded': 'those files of the task that no callback tells of one by one were uploaded',
  'rtc.task.upload_failed': 'their upload has failed',
  'rtc.task.risk': 'moderation has found a risk, or a higher one',
  'rtc.task.updated': 'something else of the task is new: a time, a code, a file that it names',
  'rtc.file.recording': 'a file is being recorded',
  'rtc.file.closed': 'a file is complete at the vendor, and not uploaded yet',
  'rtc.file.uploaded': 'a file was uploaded, at once or after failures',
  'rtc.file.upload_failed': 'the upload of a file has failed; `purgeAt` tells until when the vendor keeps it',
  'rtc.file.updated': 'something else of the file is new: it failed again, or its size became known',
  'rtc.room.opened': 'a room was opened, or opened again',
  'rtc.room.closed': 'a room was closed',
  'rtc.room.updated': 'something else of the room is new: its session, or a later opening or closing',
  'rtc.attention.raised': 'an attention item is new, or has another `reason`',
  'rtc.attention.cleared': 'an attention item has ended: the expected callback has come',
  'rtc.attention.dropped': 'an attention item has left the list because of its age',
};
