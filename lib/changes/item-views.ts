import type { File, FileChange, TaskChange } from '../../types/index.d.ts';
import type { ItemIds } from '../ledger/keys.ts';
import { fileNamesOf, fileView, type Item, taskFacets, taskView } from '../ledger/view.ts';

/** Deadlines pass without a write: an event never says that a file is lost. */
const NO_FILE_IS_LOST = 0;

/** What a task's own item tells of it. */
export function taskData(ids: ItemIds, item: Item | undefined): TaskChange {
  const { owner, id } = ids;
  const facets = taskFacets(item);
  const { status, code, message, uploadedAt, failedAt, purgeAt } = otherFilesView(ids, item);
  return {
    task: taskView(owner, id, facets, undefined),
    files: fileNamesOf(facets).map((name) => fileView(owner, id, name, undefined, facets, NO_FILE_IS_LOST)),
    otherFiles: {
      ...{ status, code, message, uploadedAt, failedAt, purgeAt },
      recovered: facets.upload?.value.recovered,
    },
  };
}

/** The files of a task that no callback tells of one by one, as one file without a name. */
export function otherFilesView({ owner, id }: ItemIds, head: Item | undefined): File {
  // The deadline of an upload that a task's own item tells of is the deadline of these files.
  const deadline = head?.attentionAt === undefined ? undefined : { attentionAt: head.attentionAt };
  return fileView(owner, id, '', deadline, taskFacets(head), NO_FILE_IS_LOST);
}

/** What a file's own item tells of it. */
export function fileData({ owner, id, fileName }: ItemIds, item: Item): FileChange {
  const none = taskFacets(undefined);
  const { status, ...task } = taskView(owner, id, none, item);
  return {
    file: fileView(owner, id, fileName, item, none, NO_FILE_IS_LOST),
    task: status === 'unknown' ? task : { ...task, status },
  };
}
