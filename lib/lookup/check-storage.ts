import type { ChangeItem } from '../attention/item-changes.ts';
import type { Observation } from '../callback/observation.ts';
import { isoTime } from '../callback/time.ts';
import { type Item, phaseOf, speaksOf, storageFacet, type TaskFacets, taskFacets } from '../ledger/facets.ts';
import { FILE_PREFIX, HEAD, idsOfItem, shardOf, UNCONFIRMED_SHARDS } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerTable } from '../ledger/table.ts';
import { fileView, taskView } from '../ledger/view.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { baseName, isPlaylist, keysOfFile } from '../vendors/common/storage.ts';
import type { Bucket, BucketAddress, BucketObject } from './bucket.ts';
import { type Candidate, filesOf, forEachPage } from './candidates.ts';
import { filesOfTask, foundFile, isDue, missingFile, statusOf } from './look.ts';
import { appName, MOST_REQUESTS, type OpenStorages, openStorages } from './open-storage.ts';
import type { AppStorage } from './storage-settings.ts';

const CONCURRENT_CHECKS = 8;

/** What the storage check needs of the outside world. */
export interface StorageServices {
  table: LedgerTable;
  ledger: Pick<Ledger, 'apply'>;
  open: (address: BucketAddress) => Bucket;
  /** Unix time in ms. */
  now: () => number;
}

export interface StorageOptions {
  apps: ReadonlyMap<string, AppStorage>;
  /** When what is written now expires, Unix time in ms; never when absent. */
  keptUntil?: number | undefined;
  /** When to end, Unix time in ms. */
  deadline: number;
  mostRequests?: number;
}

/** What a run found. */
export interface StorageResult {
  /** Files that are in their bucket. */
  found: number;
  /** Files and tasks that the bucket does not have. */
  missing: number;
  requests: number;
  /** What the next run looks for, because requests or time were used up or a bucket did not answer. */
  left: number;
  /** By app, `ok` or why its bucket gives no answer. */
  apps: Readonly<Record<string, string>>;
}

interface Run extends StorageServices {
  storages: OpenStorages;
  startedAt: number;
  result: { found: number; missing: number; left: number };
  isSpent(): boolean;
  apply(candidate: Candidate, observation: Observation): Promise<boolean>;
}

/**
 * Looks into the buckets for files and tasks whose upload is overdue or has failed, and again for files that were
 * uploaded and were not there. What a bucket does not answer is left for a later run. Rejects only when the table does.
 */
export function checkStorage(services: StorageServices, options: StorageOptions): Promise<StorageResult> {
  return inRun(services, options, async (run) => {
    const isWanted = (owner: Candidate['owner']) => options.apps.has(appName(owner));
    await forEachPage(services.table, isWanted, async (candidates) => {
      const due = candidates.filter(({ item }) => isDue(item, run.startedAt));
      await forEachConcurrently(due, CONCURRENT_CHECKS, async (candidate) => {
        await check(run, candidate);
      });
    });
  });
}

/**
 * Looks once for files that were just uploaded; those that are not there become attention items. A file whose bucket
 * gives no answer is looked for by `checkStorage`.
 */
export function confirmUploads(
  services: StorageServices & { change: ChangeItem },
  options: StorageOptions,
  files: readonly Candidate[],
): Promise<StorageResult> {
  return inRun(services, options, async (run) => {
    const own = files.filter(({ owner }) => options.apps.has(appName(owner)));
    await forEachConcurrently(own, CONCURRENT_CHECKS, async (file) => {
      if (await check(run, file)) return;
      const watch = shardOf(UNCONFIRMED_SHARDS, file.key.pk);
      const set = { watch, watchAt: isoTime(run.startedAt) };
      await services.change(file.item, ['watch', 'uploadOrder', 'storageOrder'], { set });
    });
  });
}

async function inRun(
  services: StorageServices,
  { apps, keptUntil, deadline, mostRequests = MOST_REQUESTS }: StorageOptions,
  work: (run: Run) => Promise<void>,
): Promise<StorageResult> {
  const storages = await openStorages(apps, services.open);
  const result = { found: 0, missing: 0, left: 0 };
  await work({
    ...services,
    storages,
    startedAt: services.now(),
    result,
    isSpent: () => storages.requests() >= mostRequests || services.now() >= deadline,
    apply: ({ owner }, observation) => services.ledger.apply(owner, observation, keptUntil),
  });
  return { ...result, requests: storages.requests(), apps: storages.states };
}

/** Resolves to whether the bucket answered. */
async function check(run: Run, candidate: Candidate): Promise<boolean> {
  const isDone =
    !run.isSpent() && (await (candidate.key.sk === HEAD ? checkTask : checkFile)(run, candidate));
  if (!isDone) run.result.left += 1;
  return isDone;
}

/** Looks for one file. `false` where the bucket gave no answer. */
async function checkFile(run: Run, candidate: Candidate): Promise<boolean> {
  const { owner, fileName, head } = candidate;
  const answer = await findFile(run, candidate);
  const bucket = run.storages.of(owner)?.address.bucket;
  if (answer === undefined || bucket === undefined) return false;
  const { object } = answer;
  const isGrowing =
    isPlaylist(fileName) && !isOver(taskFacets(head)) && statusOf(candidate, run.startedAt) !== 'uploaded';
  if (object !== undefined && !isGrowing) {
    await run.apply(candidate, foundFile(candidate, bucket, object, run.startedAt));
    run.result.found += 1;
  } else {
    await run.apply(candidate, missingFile(candidate, run.startedAt));
    run.result.missing += 1;
  }
  return true;
}

/** A file's object: in its task's list where the vendor has one and no callback named a URL, else by the keys that it may have. */
async function findFile(
  { storages, startedAt }: Run,
  candidate: Candidate,
): Promise<{ object: BucketObject | undefined } | undefined> {
  const { owner, taskId, fileName, item, head } = candidate;
  const storage = storages.of(owner);
  if (storage === undefined) return undefined;
  const { url } = fileView(owner, taskId, fileName, item, taskFacets(head), startedAt);
  if (isListed(storage.rule, candidate) && url === undefined) {
    const objects = await storages.objectsOf(owner, taskId);
    const base = baseName(fileName);
    const own = objects?.find(({ key }) => baseName(key) === base);
    const recovered = objects?.findLast(
      ({ key }) => storage.rule.isRecovered?.(baseName(key), base) === true,
    );
    return objects && { object: own ?? recovered };
  }
  for (const key of keysOfFile(
    { name: fileName, url },
    { bucket: storage.address.bucket, prefix: storage.prefix },
  )) {
    const answer = await storages.head(owner, key);
    if (answer === undefined || answer.object !== undefined) return answer;
  }
  return { object: undefined };
}

/** Looks for the files of a task. `false` where the bucket gave no answer. */
async function checkTask(run: Run, candidate: Candidate): Promise<boolean> {
  const storage = run.storages.of(candidate.owner);
  if (storage === undefined) return false;
  const isWhole = isListed(storage.rule, candidate)
    ? await discoverFiles(run, candidate, storage.address.bucket)
    : await checkFilesOfTask(run, candidate);
  if (isWhole === undefined) return false;
  const hasFailed = taskFacets(candidate.head).upload?.value.status === 'upload_failed';
  if (isWhole && !hasFailed) return true;
  if (!isWhole) run.result.missing += 1;
  await run.apply(candidate, filesOfTask(candidate, isWhole ? 'uploaded' : 'missing', run.startedAt));
  return true;
}

/**
 * Takes every file of the task's list into the ledger, also one that no callback named. Resolves to whether there are
 * some and no file without an upload is left; `undefined` where the bucket gave no answer.
 */
async function discoverFiles(run: Run, candidate: Candidate, bucket: string): Promise<boolean | undefined> {
  const { owner, taskId, head, key } = candidate;
  const facets = taskFacets(head);
  const objects = await run.storages.objectsOf(owner, taskId);
  if (objects === undefined) return undefined;
  const items = new Map(
    (await filesOf(run.table, key.pk)).map((item) => [baseName(idsOfItem(item).fileName), item]),
  );
  const files = objects.filter((object) => !isPlaylist(object.key) || isOver(facets));
  await forEachConcurrently(files, CONCURRENT_CHECKS, async (object) => {
    const item = items.get(baseName(object.key));
    if (isInStorage(item)) return;
    const fileName = item === undefined ? baseName(object.key) : idsOfItem(item).fileName;
    await run.apply(
      candidate,
      foundFile({ ...candidate, item: item ?? {}, fileName }, bucket, object, run.startedAt),
    );
    run.result.found += 1;
  });
  const bases = files.map((object) => baseName(object.key));
  const open = [...items].filter(([base, item]) => !bases.includes(base) && isOpen(item, facets));
  return files.length > 0 && open.length === 0;
}

/** The same where the vendor's keys do not begin with the task: looks for the known files without an upload. */
async function checkFilesOfTask(run: Run, candidate: Candidate): Promise<boolean | undefined> {
  const { key } = candidate;
  const facets = taskFacets(candidate.head);
  const before = await filesOf(run.table, key.pk);
  for (const item of before.filter((one) => isOpen(one, facets) && isDue(one, run.startedAt))) {
    const { fileName } = idsOfItem(item);
    const file = { ...candidate, item, fileName, key: { ...key, sk: item.sk?.S ?? FILE_PREFIX } };
    if (!(await checkFile(run, file))) return undefined;
  }
  return before.length > 0 && !(await filesOf(run.table, key.pk)).some((item) => isOpen(item, facets));
}

/** Whether the objects of a task can be listed: those of a client's screenshots have no task. */
function isListed(rule: { taskPrefix?: unknown }, { owner, taskId, item, head }: Candidate): boolean {
  if (rule.taskPrefix === undefined) return false;
  const { kind = 'recording' } = taskView(owner, taskId, taskFacets(head), { file: item });
  return kind === 'recording';
}

/** Whether a task has ended, so that its playlists no longer grow. */
function isOver(facets: TaskFacets): boolean {
  return facets.end !== undefined && phaseOf(facets) === facets.end;
}

function isInStorage(item: Item | undefined): boolean {
  return storageFacet(item)?.value.status === 'uploaded';
}

/** Whether nothing is known of a file's upload but what its task's failed upload says. */
function isOpen(item: Item, { upload }: TaskFacets): boolean {
  if (item.upload !== undefined || isInStorage(item)) return false;
  return upload === undefined || speaksOf(upload.value, idsOfItem(item).fileName);
}
