import type { Owner } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { isMedia, type StorageRule } from '../vendors/common/storage.ts';
import { VENDORS } from '../vendors/index.ts';
import type { Bucket, BucketAddress, BucketAnswer, BucketObject } from './bucket.ts';
import type { AppStorage } from './storage-settings.ts';

/** Requests to buckets in one run. */
export const MOST_REQUESTS = 2_000;

/** Pages of one task's list: twenty thousand objects. */
const MOST_PAGES = 20;

/** The bucket of an app, while it answers. */
export interface OpenStorage extends AppStorage {
  rule: StorageRule;
  bucket: Bucket;
}

/** The buckets of a run. One that fails to answer is not asked again; `undefined` is the answer of such a one. */
export interface OpenStorages {
  of(owner: Owner): OpenStorage | undefined;
  head(owner: Owner, key: string): Promise<{ object: BucketObject | undefined } | undefined>;
  /** Every object of a task that is a file of its own, once in a run. */
  objectsOf(owner: Owner, taskId: string): Promise<readonly BucketObject[] | undefined>;
  requests(): number;
  /** By app, `ok` or why its bucket gives no answer. */
  states: Readonly<Record<string, string>>;
}

export const appName = ({ vendor, appId }: Owner) => `${vendor}/${appId}`;

/** Asks each bucket for one key, which needs the same permission as a list, and leaves those that answer. */
export async function openStorages(
  apps: ReadonlyMap<string, AppStorage>,
  open: (address: BucketAddress) => Bucket,
): Promise<OpenStorages> {
  const storages = new Map<string, OpenStorage>();
  const lists = new Map<string, Promise<readonly BucketObject[] | undefined>>();
  const states: Record<string, string> = {};
  let requests = 0;

  async function ask<Value>(name: string, asked: Promise<BucketAnswer<Value>>) {
    requests += 1;
    const answer = await asked;
    if (answer.ok) return { value: answer.value };
    storages.delete(name);
    states[name] = [answer.failure, answer.detail].filter(Boolean).join(': ');
    return undefined;
  }

  async function list(name: string, taskId: string): Promise<readonly BucketObject[] | undefined> {
    const objects: BucketObject[] = [];
    let from: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const storage = storages.get(name);
      if (storage?.rule.taskPrefix === undefined) return undefined;
      const prefix = withPrefix(storage, storage.rule.taskPrefix(taskId));
      const answer = await ask(name, storage.bucket.list(prefix, { from }));
      if (answer === undefined) return undefined;
      objects.push(...answer.value.objects.filter(({ key }) => isMedia(key)));
      from = answer.value.next;
      if (from === undefined) break;
    }
    return objects;
  }

  await forEachConcurrently([...apps], apps.size, async ([name, app]) => {
    const bucket = open(app.address);
    storages.set(name, { ...app, bucket, rule: VENDORS[app.vendor].storage ?? {} });
    const answer = await ask(name, bucket.list(app.prefix, { limit: 1 }));
    if (answer !== undefined) states[name] = 'ok';
  });

  return {
    of: (owner) => storages.get(appName(owner)),
    async head(owner, key) {
      const name = appName(owner);
      const bucket = storages.get(name)?.bucket;
      const answer = bucket && (await ask(name, bucket.head(key)));
      return answer && { object: answer.value };
    },
    objectsOf(owner, taskId) {
      const key = JSON.stringify([appName(owner), taskId]);
      const listed = lists.get(key) ?? list(appName(owner), taskId);
      lists.set(key, listed);
      return listed;
    },
    requests: () => requests,
    states,
  };
}

/** A key after the console's prefix. */
function withPrefix({ prefix }: AppStorage, key: string): string {
  return prefix === '' ? key : `${prefix}/${key}`;
}
