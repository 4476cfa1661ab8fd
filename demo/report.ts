import { textTable } from '../cli/text-table.ts';
import type { File } from '../lib/ledger/answers.ts';
import { sizeText, timeLeftText } from '../lib/page/text.ts';
import type { ExpectedFile } from './day.ts';

/** A file and what was expected of it; one of them is missing when they differ. */
export interface Difference {
  key: string;
  expected: string | undefined;
  actual: string | undefined;
}

/** Every file whose status is not the expected one, and every file too many or too few. */
export function differences(expected: readonly ExpectedFile[], actual: readonly File[]): Difference[] {
  const expectedByKey = new Map(expected.map((file) => [keyOf(file), file.status]));
  const actualByKey = new Map(actual.map((file) => [keyOf(file), file.status]));
  return [...new Set([...expectedByKey.keys(), ...actualByKey.keys()])]
    .map((key) => ({ key, expected: expectedByKey.get(key), actual: actualByKey.get(key) }))
    .filter((row) => row.expected !== row.actual);
}

/** The files as a table. */
export function fileTable(files: readonly File[]): string {
  return textTable(
    ['vendor', 'task', 'file', 'status', 'size', 'url'],
    files.map((file) => [
      file.vendor,
      file.taskId,
      shortened(file.name),
      file.status,
      file.sizeBytes === undefined ? '' : sizeText(file.sizeBytes),
      shortened(file.url ?? ''),
    ]),
  );
}

/** The files that need attention as a table; `now` is Unix time in ms. */
export function attentionTable(files: readonly File[], now: number): string {
  return textTable(
    ['vendor', 'task', 'file', 'why', 'time left'],
    files.map((file) => [
      file.vendor,
      file.taskId,
      shortened(file.name),
      `${file.message ?? file.status} (${file.code ?? 'no code'})`,
      file.purgeAt === undefined ? 'not stated' : timeLeftText(Date.parse(file.purgeAt), now),
    ]),
  );
}

function keyOf({ vendor, taskId, name }: ExpectedFile | File): string {
  return `${vendor} ${taskId} ${name}`;
}

function shortened(text: string): string {
  return text.length <= 44 ? text : `${text.slice(0, 20)}…${text.slice(-23)}`;
}
