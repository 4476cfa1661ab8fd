import { type Item, storageFacet } from '../ledger/facets.ts';
import { HEAD, idsOfItem } from '../ledger/keys.ts';
import { headOf, keyOfItem, keyText, type LedgerTable } from '../ledger/table.ts';
import { type Candidate, filesOf } from './candidates.ts';
import { statusOf } from './look.ts';

/** A record of the table's stream, as far as it is read. */
export interface UploadRecord {
  dynamodb?: { OldImage?: object | undefined; NewImage?: object | undefined } | undefined;
}

/** What a callback or the vendor's answer says of an upload; what a look into the bucket changes is no news. */
const NEWS = ['uploadOrder', 'answerOrder'] as const;

/**
 * The uploaded files that the records are news of, as they are now: those that the bucket is known to have are left out.
 * A task's record stands for its files, and a file that is first named after its task's upload counts as uploaded. `now`
 * is Unix time in ms.
 */
export async function uploadsToConfirm(
  table: LedgerTable,
  records: readonly UploadRecord[],
  now: number,
): Promise<Candidate[]> {
  const keys = records.filter(isNews).map(({ dynamodb }) => keyOfItem(dynamodb?.NewImage as Item));
  const items = await table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  const files = new Map<string, Candidate>();
  for (const key of keys) {
    const head = items.get(keyText(headOf(key)));
    const found = key.sk === HEAD ? await filesOf(table, key.pk) : [items.get(keyText(key)) ?? {}];
    for (const item of found) {
      const file = candidateOf(item, head);
      if (file !== undefined && isUnconfirmed(file, now)) files.set(keyText(file.key), file);
    }
  }
  return [...files.values()];
}

function isNews({ dynamodb }: UploadRecord): boolean {
  const [before, after] = [dynamodb?.OldImage, dynamodb?.NewImage] as (Item | undefined)[];
  if (after === undefined) return false;
  return before === undefined || NEWS.some((order) => after[order]?.S !== before[order]?.S);
}

function candidateOf(item: Item, head: Item | undefined): Candidate | undefined {
  if (item.sk === undefined) return undefined;
  const { owner, id: taskId, fileName } = idsOfItem(item);
  return { key: keyOfItem(item), owner, taskId, fileName, item, head, reason: 'uploaded' };
}

/** Whether somebody says that a file was uploaded and the bucket has not shown it. */
function isUnconfirmed(file: Candidate, now: number): boolean {
  if (file.fileName === '' || storageFacet(file.item)?.value.status === 'uploaded') return false;
  return statusOf(file, now) === 'uploaded';
}
