import { damaged } from './changes-run.ts';
import type { Invoke } from './function.ts';
import { fillLedger } from './ledger.ts';
import { Random } from './random.ts';
import { countAnswer, fail } from './report.ts';
import type { Run, World } from './run.ts';
import { putItem, readTable, type StoredItem } from './table.ts';

/** What the watch may write to an item. */
const OF_WATCH = ['watch', 'watchAt', 'watchReason', 'watchSince', 'ended', 'attention', 'attentionReason'];

/** A run that finds nothing to do follows the first one at once, or after one more where a threshold has just passed. */
const MOST_RUNS = 4;

/** How many shards the index of expectations has, and those of attention items. */
const SHARDS = { open: 32, overdue: 8, attention: 8 };

/** Fills a ledger, damages items of it and puts them where the watch finds them, and runs the watch until it rests. */
export async function watchRun(world: World, requests: number): Promise<Run> {
  await fillLedger(world, requests);
  const read = () => readTable(world.engines.dynamodb, world.tableName);
  const pool = (await read()).filter(
    ({ pk, sk }) => pk.S === 'heartbeat' || (pk.S.startsWith('task#') && !sk.S.startsWith('event#')),
  );
  const watch = world.load('watch');
  const send: Run['send'] = async (indexes, report) => {
    for (const index of indexes) {
      const random = new Random(world.seed, `watch ${index}`);
      const isGenuine = random.chance(0.5) || pool.length === 0;
      report.requests += 1;
      if (isGenuine) report.verified += 1;
      else report.unverified += 1;
      const original = pool.length === 0 ? undefined : random.pick(pool);
      const item = original && placed(random, isGenuine ? original : damaged(random, original));
      // The engine refuses what no item can be.
      const isStored =
        item !== undefined &&
        (await putItem(world.engines.dynamodb, world.tableName, item).then(
          () => true,
          () => false,
        ));
      countAnswer(report, isStored ? 'stored' : 'no item');
    }
    const before = await read();
    const problem = await settle(watch);
    const first = indexes[0];
    if (problem !== undefined) {
      report.serverErrors += 1;
      fail(report, problem, first);
    }
    const after = await read();
    for (const difference of differences(before, after)) fail(report, difference, first);
    for (const item of pool) await putItem(world.engines.dynamodb, world.tableName, item);
    world.takeLines();
  };
  return { send, clear: async () => void world.takeLines() };
}

/** Runs the watch until a run changes nothing; returns what is wrong when none does, or one throws. */
async function settle(watch: Invoke): Promise<string | undefined> {
  let last = {};
  for (let run = 0; run < MOST_RUNS; run += 1) {
    try {
      const result = (await watch({}, 'watch')) as Record<'raised' | 'cleared' | 'dropped', number>;
      if (result.raised + result.cleared + result.dropped === 0) return undefined;
      last = result;
    } catch (error) {
      return `threw ${(error as Error).stack}`;
    }
  }
  return `still changes something in run ${MOST_RUNS}: ${JSON.stringify(last)}`;
}

/** The item somewhere in the indexes that the watch reads. */
function placed(random: Random, item: StoredItem): StoredItem {
  const at = new Date(Date.now() - random.below(100 * 24 * 3_600_000)).toISOString();
  const shard = (name: keyof typeof SHARDS) => ({ S: `${name}#${random.below(SHARDS[name])}` });
  return random.pick([
    () => item,
    () => ({ ...item, watch: shard('open'), watchAt: { S: at } }),
    () => ({
      ...item,
      watch: shard('overdue'),
      watchAt: { S: at },
      watchReason: { S: 'upload_missing' },
      watchSince: { S: at },
    }),
    () => ({ ...item, attention: shard('attention'), attentionAt: { S: at }, failedSince: { S: at } }),
  ])();
}

/** What the watch has written that is not its own. */
function differences(before: readonly StoredItem[], after: readonly StoredItem[]): string[] {
  const texts = (items: readonly StoredItem[]) =>
    new Map(items.map((item) => [`${item.pk.S} ${item.sk.S}`, othersText(item)]));
  const [old, current] = [texts(before), texts(after)];
  return [...new Set([...old.keys(), ...current.keys()])]
    .filter((key) => old.get(key) !== current.get(key))
    .map((key) => `the watch has changed ${key} from ${old.get(key)} to ${current.get(key)}`);
}

function othersText(item: StoredItem): string {
  return JSON.stringify(
    Object.entries(item)
      .filter(([name]) => !OF_WATCH.includes(name))
      .sort(),
  );
}
