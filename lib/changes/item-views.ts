import type { File, FileChange, Task, TaskChange } from '../../types/index.d.ts';
import { filesOfHead, type Item, partsOf, taskFacets } from '../ledger/facets.ts';
import type { ItemIds } from '../ledger/keys.ts';
import { fileView, taskView } from '../ledger/view.ts';

/** Deadlines pass without a write: an event never says that a file is lost. */
const NO_FILE_IS_LOST = 0;

/** A task as its own item shows it. */
export function taskData(ids: ItemIds, item: Item | undefined): TaskChange {
  const { owner, id } = ids;
  const facets = taskFacets(item);
  const { status, code, message, uploadedAt, failedAt, purgeAt } = otherFilesView(ids, item);
  return {
    task: taskOfHead(ids, item),
    files: filesOfHead(facets).map(({ name }) =>
      fileView(owner, id, name, undefined, facets, NO_FILE_IS_LOST),
    ),
    otherFiles: {
      ...{ status, code, message, uploadedAt, failedAt, purgeAt },
      recovered: facets.upload?.value.recovered,
      suffixes: facets.upload?.value.suffixes,
    },
  };
}

/**
 * A task as its own item shows it. Where its parts run on their own, the end of one is the task's when the watch has
 * marked it so: no write of one item says that it was the last.
 */
export function taskOfHead({ owner, id }: ItemIds, head: Item | undefined): Task {
  const facets = taskFacets(head);
  const isMarked = head?.ended?.S !== undefined && head.ended.S === head.endOrder?.S;
  const isRunning = facets.end !== undefined && partsOf(facets) !== undefined && !isMarked;
  return taskView(owner, id, facets, { parts: { isRunning }, head });
}

/** The files of a task that no callback names one by one, as one file without a name. */
export function otherFilesView({ owner, id }: ItemIds, head: Item | undefined): File {
  // The upload deadline in a task's own item is the deadline of these files.
  const deadline = head?.attentionAt === undefined ? undefined : { attentionAt: head.attentionAt };
  return fileView(owner, id, '', deadline, taskFacets(head), NO_FILE_IS_LOST);
}

/** A file as its own item shows it. */
export function fileData({ owner, id, fileName }: ItemIds, item: Item): FileChange {
  const none = taskFacets(undefined);
  const { status, ...task } = taskView(owner, id, none, { file: item });
  return {
    file: fileView(owner, id, fileName, item, none, NO_FILE_IS_LOST),
    task: status === 'unknown' ? task : { ...task, status },
  };
}
