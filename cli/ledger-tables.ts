import type { AttentionAnswer } from '../lib/attention/read-attention.ts';
import type { File, StoredCallback, Task } from '../lib/ledger/answers.ts';
import { durationText, sizeText, timeLeftText } from '../lib/page/text.ts';
import { writeFields, writeLine, writeTable } from './output.ts';

/** What needs attention: files, tasks and apps, each in a table of its own. */
export function writeAttention({ files, tasks = [], apps = [] }: AttentionAnswer): void {
  const tables: [head: string[], rows: (string | undefined)[][]][] = [
    [
      ['vendor', 'app', 'task', 'file', 'status', 'why', 'since', 'time left'],
      files.map((file) => [
        file.vendor,
        file.appId,
        file.taskId,
        file.name,
        file.status,
        [file.reason === file.status ? undefined : file.reason, saidOf(file)].filter(Boolean).join(': '),
        file.since ?? file.failedAt,
        timeLeft(file),
      ]),
    ],
    [
      ['vendor', 'app', 'task', 'status', 'why', 'since'],
      tasks.map(({ vendor, appId, taskId, status, reason, since }) => [
        vendor,
        appId,
        taskId,
        status,
        reason,
        since,
      ]),
    ],
    [
      ['vendor', 'app', 'why', 'last callback'],
      apps.map(({ vendor, appId, reason, lastReceivedAt }) => [vendor, appId, reason, lastReceivedAt]),
    ],
  ];
  const filled = tables.filter(([, rows]) => rows.length > 0);
  if (filled.length === 0) writeLine('Nothing needs attention.');
  for (const [index, [head, rows]] of filled.entries()) {
    if (index > 0) writeLine();
    writeTable(head, rows);
  }
}

/** What the vendor said of a file: its text and its code. */
function saidOf({ message, code }: File): string {
  return [message, code === undefined ? undefined : `(${code})`].filter(Boolean).join(' ');
}

/** Until the vendor deletes a file; empty for one that it does not delete. */
function timeLeft({ status, purgeAt }: File): string {
  if (purgeAt === undefined) return status === 'upload_failed' ? 'not stated' : '';
  return timeLeftText(Date.parse(purgeAt), Date.now());
}

/** The members of a task or room, one a line; what is nested as JSON. */
export function writeObject(value: object): void {
  const entries = Object.entries(value).map(([name, member]) => [
    name,
    typeof member === 'object' && member !== null ? JSON.stringify(member) : member,
  ]);
  writeFields(Object.fromEntries(entries));
}

/** The files of a task. */
export function writeFiles(files: readonly File[]): void {
  if (files.length === 0) {
    writeLine('No files.');
    return;
  }
  writeTable(
    ['file', 'status', 'size', 'length', 'uploaded', 'said', 'time left', 'url'],
    files.map((file) => [
      file.name,
      file.status,
      file.sizeBytes === undefined ? undefined : sizeText(file.sizeBytes),
      file.durationMs === undefined ? undefined : durationText(file.durationMs),
      file.uploadedAt,
      saidOf(file),
      timeLeft(file),
      file.url,
    ]),
  );
}

/** The tasks of a room. */
export function writeTasks(tasks: readonly Task[]): void {
  writeTable(
    ['task', 'kind', 'status', 'started', 'ended'],
    tasks.map(({ taskId, kind, status, startedAt, endedAt }) => [taskId, kind, status, startedAt, endedAt]),
  );
}

/** The raw events of a task or room, where they were asked for. */
export function writeEvents(events: readonly StoredCallback[] | undefined): void {
  if (events === undefined) return;
  writeLine();
  writeTable(
    ['event', 'source', 'at', 'received', 'bytes'],
    events.map(({ type, source, at, receivedAt, bodyBytes }) => [type, source, at, receivedAt, bodyBytes]),
  );
}
