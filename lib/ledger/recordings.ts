import { type FileFacets, isAfter, type NamedFile, type Stored } from './facets.ts';

/*
 * Several recordings in one task, each of one user. The vendor names a file when a recording starts, and may give it
 * another name at its end:
 *
 *   start tmp-1 of T ─────────────── end final-1 of T    tmp-1 is replaced by final-1
 *       start tmp-2 of P ──────────────────────────▶     tmp-2 runs, and so does the task
 */

/** Which files of a task are still being recorded, and which temporary names are of files that have a final one. */
export interface Recordings {
  running: ReadonlySet<string>;
  replaced: ReadonlySet<string>;
  /** When the recording of a file began whose start has another name, Unix time in ms. */
  beganAt: ReadonlyMap<string, number>;
}

/**
 * Pairs starts with ends. A start runs until its own name has a segment, an end or an upload, or an end of the same
 * user follows it whose name has no start: each such end closes the earliest start that runs.
 */
export function recordingsOf(files: readonly NamedFile[]): Recordings {
  const running = new Map<string, NamedFile>();
  const replaced = new Set<string>();
  const beganAt = new Map<string, number>();
  for (const file of inOrder(files, 'start')) if (isUnfinished(file.facets)) running.set(file.name, file);
  const ends = inOrder(files, 'end').filter(({ facets }) => facets.start === undefined);
  for (const end of ends) {
    const start = [...running.values()].find((file) => closes(end.facets, file.facets));
    if (start === undefined) continue;
    running.delete(start.name);
    replaced.add(start.name);
    if (start.facets.start?.isReplaced !== true) beganAt.set(end.name, start.facets.start?.at ?? 0);
  }
  return { running: new Set(running.keys()), replaced, beganAt };
}

/** Whether nothing but the start of a file is known, under a name that may be temporary. */
export function isUnfinished({ start, segment, end, upload }: FileFacets): boolean {
  return start?.value.isProvisional === true && (segment ?? end ?? upload) === undefined;
}

function closes({ end }: FileFacets, { start }: FileFacets): boolean {
  if (start === undefined || end === undefined) return false;
  return userOf(start) === userOf(end) && !isAfter(start, end);
}

function userOf({ value }: Stored<{ userId?: string | undefined; task: { userId?: string | undefined } }>) {
  return value.userId ?? value.task.userId;
}

/** The files that have a facet, by its time and then by name. */
function inOrder(files: readonly NamedFile[], facet: 'start' | 'end'): NamedFile[] {
  const timeOf = ({ facets }: NamedFile) => facets[facet]?.at ?? 0;
  return files
    .filter(({ facets }) => facets[facet] !== undefined)
    .sort((a, b) => timeOf(a) - timeOf(b) || (a.name < b.name ? -1 : 1));
}
