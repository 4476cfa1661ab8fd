import { UPLOAD_RANK } from '../callback/rank.ts';
import { type Item, speaksOf, storageFacet, taskFacets } from '../ledger/facets.ts';
import { FILE_PREFIX, HEAD, idsOfItem } from '../ledger/keys.ts';
import { rankPrefix } from '../ledger/order.ts';
import { headOf, keyOfItem, keyText, type LedgerTable } from '../ledger/table.ts';
import type { Candidate } from './candidates.ts';

/** A record of the table's stream, as far as it is read. */
export interface UploadRecord {
  dynamodb?: { OldImage?: object | undefined; NewImage?: object | undefined } | undefined;
}

/**
 * The files whose upload the records report for the first time, as they are now: those that the bucket is known to have
 * are left out. Where a task reports the upload of all its files, these.
 */
export async function uploadsToConfirm(
  table: LedgerTable,
  records: readonly UploadRecord[],
): Promise<Candidate[]> {
  const keys = records.filter(isNewUpload).map(({ dynamodb }) => keyOfItem(dynamodb?.NewImage as Item));
  const items = await table.getAll(keys.flatMap((key) => [key, headOf(key)]));
  const files = new Map<string, Candidate>();
  for (const key of keys) {
    const head = items.get(keyText(headOf(key)));
    const found =
      key.sk === HEAD ? await filesOfUpload(table, key.pk, head) : [items.get(keyText(key)) ?? {}];
    for (const item of found) {
      if (item.sk === undefined || storageFacet(item)?.value.status === 'uploaded') continue;
      const { owner, id: taskId, fileName } = idsOfItem(item);
      const own = keyOfItem(item);
      files.set(keyText(own), { key: own, owner, taskId, fileName, item, head, reason: 'uploaded' });
    }
  }
  return [...files.values()];
}

function isNewUpload({ dynamodb }: UploadRecord): boolean {
  const [before, after] = [dynamodb?.OldImage, dynamodb?.NewImage] as (Item | undefined)[];
  const order = after?.uploadOrder?.S;
  const isSuccess = order !== undefined && !order.startsWith(rankPrefix(UPLOAD_RANK.upload_failed));
  return isSuccess && order !== before?.uploadOrder?.S;
}

async function filesOfUpload(table: LedgerTable, pk: string, head: Item | undefined): Promise<Item[]> {
  const upload = taskFacets(head).upload?.value;
  const files: Item[] = [];
  const pages = table.pages({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: FILE_PREFIX } },
    ConsistentRead: true,
  });
  for await (const items of pages) {
    files.push(
      ...items.filter((item) => upload && !item.upload && speaksOf(upload, idsOfItem(item).fileName)),
    );
  }
  return files;
}
