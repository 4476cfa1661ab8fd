import type { File } from '../ledger/answers.ts';
import { type FileFacets, facetsOfFile, type Stored, taskFacets } from '../ledger/facets.ts';
import type { ReadHeads } from '../ledger/heads.ts';
import { idsOfItem } from '../ledger/keys.ts';
import { readRecordings } from '../ledger/read-parts.ts';
import { isUnfinished, type Recordings } from '../ledger/recordings.ts';
import { keyText, type LedgerTable } from '../ledger/table.ts';
import type { Owner } from '../ledger/updates.ts';
import { fileView } from '../ledger/view.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import type { Entry } from './walk.ts';

const CONCURRENT_READS = 32;

/** A file, and how long it is in ms: as the vendor says, else from its own start to its own end. */
export interface MeasuredFile {
  file: File;
  durationMs: number | undefined;
}

/** Reads the files of entries; a temporary name is left out once the file has its final one. */
export type ReadFiles = (entries: readonly Entry[]) => Promise<Map<Entry, MeasuredFile>>;

/** Remembers what it has read of tasks: it is made for one answer. `now` is Unix time in ms. */
export function createFileReader(
  table: LedgerTable,
  owner: Owner,
  now: number,
  readHeads: ReadHeads,
): ReadFiles {
  const recordings = new Map<string, Promise<Recordings>>();

  return async (entries) => {
    const keys = entries.map(({ key }) => key);
    const [items, heads] = await Promise.all([table.getAll(keys), readHeads(keys.map(({ pk }) => pk))]);
    const files = new Map<Entry, MeasuredFile>();
    await forEachConcurrently(entries, CONCURRENT_READS, async (entry) => {
      const { key } = entry;
      const item = items.get(keyText(key));
      // The index follows the table a moment later.
      if (item === undefined) return;
      const { id, fileName } = idsOfItem(item);
      const task = taskFacets(heads.get(key.pk));
      const facets = facetsOfFile(fileName, item, task);
      const recordingsOfTask = () => {
        const known = recordings.get(key.pk) ?? readRecordings(table, key.pk, task);
        recordings.set(key.pk, known);
        return known;
      };
      if (isUnfinished(facets) && (await recordingsOfTask()).replaced.has(fileName)) return;
      const file = fileView(owner, id, fileName, item, task, now);
      const isOfOtherName =
        file.durationMs === undefined && facets.end !== undefined && facets.start === undefined;
      const beganAt = isOfOtherName ? (await recordingsOfTask()).beganAt.get(fileName) : undefined;
      files.set(entry, { file, durationMs: file.durationMs ?? ownDurationMs(file, facets, beganAt) });
    });
    return files;
  };
}

/** `beganAt` is when the recording of the file began under another name, Unix time in ms. */
function ownDurationMs(
  { beginsAt, endsAt }: File,
  { start, segment, end }: FileFacets,
  beganAt: number | undefined,
): number | undefined {
  const from = beginsAt === undefined ? (claimedTime(start) ?? beganAt) : Date.parse(beginsAt);
  const to = endsAt === undefined ? (claimedTime(end) ?? claimedTime(segment)) : Date.parse(endsAt);
  return from !== undefined && to !== undefined && to > from ? to - from : undefined;
}

function claimedTime(facet: Stored<unknown> | undefined): number | undefined {
  return facet?.isReplaced ? undefined : facet?.at;
}
