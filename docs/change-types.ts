import type { ChangeType } from '../types/index.d.ts';

/** Every type of event and when it is sent; docs/change-events.md shows this table. */
export const CHANGE_TYPES: Readonly<Record<ChangeType, string>> = {
  'rtc.task.expected': 'your backend expects the task',
  'rtc.task.started': 'the task has started, or started again',
  'rtc.task.ended': 'the task has ended',
  'rtc.task.failed': 'the task could not start, or ended with an error',
  'rtc.task.uploaded': 'files of the task without callbacks of their own were uploaded',
  'rtc.task.upload_failed': 'the upload of such files has failed',
  'rtc.task.risk': 'moderation found a risk, or a higher one',
  'rtc.task.updated': 'something else of the task changed: a time, a code, a file name',
  'rtc.file.recording': 'a file is being recorded',
  'rtc.file.closed': 'a file is complete at the vendor, not uploaded yet',
  'rtc.file.uploaded': 'a file was uploaded, at once or after failures',
  'rtc.file.upload_failed': 'the upload of a file failed; `purgeAt` is the deadline of the vendor',
  'rtc.file.updated': 'something else of the file changed: another failure, its size',
  'rtc.room.opened': 'a room was opened, or opened again',
  'rtc.room.closed': 'a room was closed',
  'rtc.room.updated': 'something else of the room changed: its session, a later opening or closing',
  'rtc.attention.raised': 'an attention item is new, or has another `reason`',
  'rtc.attention.cleared':
    'an attention item ended: the expected callback came, or a `PUT` or `DELETE` of its task',
  'rtc.attention.dropped': 'an attention item left the list because of its age',
};
