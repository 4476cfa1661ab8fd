import type { AttentionReason } from '../../types/index.d.ts';
import type { Outcome } from '../callback/observation.ts';
import type { Owner } from '../ledger/updates.ts';

/** A message to a person. */
export interface Notice {
  /** One line of at most 100 printable ASCII characters, as Amazon SNS wants it. */
  subject: string;
  text: string;
}

/** Publishes a notice. Never throws. */
export type Publish = (notice: Notice) => Promise<{ ok: true } | { ok: false; reason: string }>;

/** An attention item that a notice names. Times are ISO times. */
export interface NamedItem {
  /** Empty for an app. */
  taskId: string;
  /** Empty unless it is a file. */
  fileName: string;
  label: string | undefined;
  since: string;
  purgeAt?: string;
  /** What the vendor said of a failed upload. */
  said: Outcome | undefined;
}

/** What a notice is about: items of one app with one reason. */
export interface NoticeSubject {
  owner: Owner;
  reason: AttentionReason;
  /** How many there are, and how many of them were in no notice before. */
  count: number;
  newCount: number;
  /** The most urgent first. */
  named: readonly NamedItem[];
}

/** What each reason means, in a sentence. */
export const MEANINGS: Readonly<Record<AttentionReason, string>> = {
  upload_failed: 'The vendor could not store the file.',
  purge_near: 'The vendor could not store the file, and will delete it soon.',
  lost: 'The vendor could not store the file, and has deleted it.',
  not_in_storage: 'The file was uploaded, and its bucket does not have it.',
  upload_missing: 'A recording has ended, and its upload was not reported.',
  task_silent: 'A task has started, has not ended, and sends nothing more.',
  screenshot_missing: 'A screenshot task runs, and no picture comes.',
  callback_missing: 'Your backend has started a task, and no callback of it came.',
  app_silent: 'The app used to call, and has gone silent.',
};

const LONGEST_SUBJECT = 100;
const MINUTE_MS = 60_000;

/**
 * How many items, why, the most urgent ones with the time left, and the command that shows them, of `stage`. `now` is Unix
 * time in ms.
 */
export function noticeOf(
  { owner, reason, count, newCount, named }: NoticeSubject,
  now: number,
  stage?: string,
): Notice {
  const onStage = stage === undefined ? '' : ` --stage ${stage}`;
  const app = `${owner.vendor} ${owner.appId}`;
  const subject = `rtc-callbacks: ${reason} (${count}) ${app}`;
  const more = count > named.length ? [`  and ${count - named.length} more`] : [];
  const lines = [
    `${MEANINGS[reason]}`,
    '',
    `App: ${app}`,
    `Attention items: ${count}, new: ${newCount}`,
    ...named.map((item) => `  ${itemText(item, now)}`),
    ...more,
    '',
    `Show them:    rtc-callbacks attention list${onStage}`,
    `Find why:     rtc-callbacks doctor${onStage}`,
    `Hide one:     rtc-callbacks attention dismiss <id> --why "<why>"${onStage}`,
  ];
  const printable = subject.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_SUBJECT);
  return { subject: printable, text: lines.map((line) => line.replace(/\p{Cc}/gu, ' ')).join('\n') };
}

function itemText({ taskId, fileName, label, since, purgeAt, said }: NamedItem, now: number): string {
  const parts = [
    taskId === '' ? undefined : `task ${taskId}`,
    // A file name may be a URL, whose query may be a credential.
    fileName === '' ? undefined : `file ${fileName.split('?')[0]}`,
    label === undefined ? undefined : `label ${label}`,
    `since ${since}`,
    purgeAt === undefined ? undefined : timeLeft(Date.parse(purgeAt), now),
    said?.message,
    said?.code === undefined ? undefined : `code ${said.code}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function timeLeft(purgeAt: number, now: number): string {
  const minutes = Math.floor(Math.abs(purgeAt - now) / MINUTE_MS);
  const span = `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return purgeAt > now ? `${span} left` : `deleted ${span} ago`;
}
