import { setTimeout } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import type { Vendor } from '../lib/callback/callback.ts';
import { EVENT_PREFIX, FILE_PREFIX, taskKey } from '../lib/ledger/keys.ts';
import { SEEN_BY_ALL_MS } from '../lib/ledger/tombstones.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { findOfUser, OUT_OF_REACH_OF_USER } from './erase-user.ts';
import {
  type Erasable,
  type ErasableTable,
  erase,
  eraseItems,
  itemsOf,
  partitionsOfRoom,
} from './erasure.ts';
import { EXIT } from './failure.ts';
import { writeFields, writeJson, writeLine, writeNote } from './output.ts';

/** What no erasure reaches, and when it goes. */
const OUT_OF_REACH = [
  'claims of credentials, which name the task or room (60 days at most)',
  'backups of the table (point-in-time recovery, up to 35 days), and callbacks that wait in a queue (up to 14 days)',
  'large bodies that were stored beside their messages (60 days) and log lines (logRetentionDays)',
  'receivers of change events, and the files themselves in your bucket',
];

const EXAMPLES = `
Without --yes nothing is removed. An erased task or room stays erased, of RongCloud and ZEGOCLOUD for 30 days, after which
their signatures are worth nothing: callbacks of what happened before are counted (verdict "erased" in the log) and not kept.

Example:
  rtc-callbacks erase task tencent 1400000000 <TaskId> --stage prod --yes`;

const USER_EXAMPLES = `
Without --yes nothing is removed. A task that is the user's alone is erased as "erase task" does. Of a task that others
share, the user's files and the stored callbacks that name the user go; what still comes is kept, so run it again later.

Example:
  rtc-callbacks erase user tencent <UserId> --app 1400000000 --from 2026-01-01 --to 2026-02-01 --stage prod --yes`;

/** Adds `erase task`, `erase room` and `erase user`. */
export function addErase(program: Command, session: Session): void {
  const command = program.command('erase').description('remove all data about a task, a room or a user');
  for (const [what, ofRoom] of [
    ['task', 'with its files and stored callbacks'],
    ['room', 'with its stored callbacks, and the tasks in it'],
  ] as const) {
    command
      .command(what)
      .description(`remove a ${what} ${ofRoom}`)
      .addArgument(new Argument('<vendor>', 'the vendor').choices(VENDOR_NAMES))
      .argument('<appId>', 'the App Key, SdkAppId or AppID')
      .argument(`<${what}Id>`, `the ${what}`)
      .option('-y, --yes', 'remove it; otherwise only show what would be')
      .addHelpText('after', EXAMPLES)
      .action(
        actionOf(session, (context, { yes = false }: { yes?: boolean }, ...ids: Ids) =>
          eraseThing(context, what, ids, yes),
        ),
      );
  }
  command
    .command('user')
    .description('remove the tasks and files of a user, and the stored callbacks there that name the user')
    .addArgument(new Argument('<vendor>', 'the vendor').choices(VENDOR_NAMES))
    .argument('<userId>', 'the user, as the vendor calls it')
    .requiredOption('--app <appId>', 'the App Key, SdkAppId or AppID')
    .requiredOption('--from <time>', 'an ISO date or time: what began from then on')
    .requiredOption('--to <time>', 'an ISO date or time: what began before then')
    .option('-y, --yes', 'remove it; otherwise only show what would be')
    .addHelpText('after', USER_EXAMPLES)
    .action(
      actionOf(session, async (context, options: UserOptions, vendor: Vendor, userId: string) => {
        const { app: appId, from, to, yes = false } = options;
        const table = await tableOf(context);
        const found = await findOfUser(context, table, { vendor, appId }, { userId, from, to });
        return eraseFound(context, table, found, yes, [...OUT_OF_REACH_OF_USER, ...OUT_OF_REACH]);
      }),
    );
}

interface UserOptions {
  app: string;
  from: string;
  to: string;
  yes?: boolean;
}

type Ids = [vendor: Vendor, appId: string, id: string];

async function eraseThing(context: Context, what: 'task' | 'room', ids: Ids, yes: boolean) {
  const table = await tableOf(context);
  const [vendor, appId, id] = ids;
  const partitions =
    what === 'task' ? [taskKey(...ids)] : await partitionsOfRoom(table, { vendor, appId }, id);
  const tasks = what === 'task' ? partitions : partitions.slice(1);
  return eraseFound(context, table, { partitions, tasks, items: [] }, yes, OUT_OF_REACH);
}

async function tableOf({ connection }: Context): Promise<ErasableTable> {
  return { client: connection.dynamodb, tableName: await connection.tableName() };
}

async function eraseFound(
  { json, signal }: Context,
  table: ErasableTable,
  { partitions, tasks, items: single }: Erasable,
  yes: boolean,
  outOfReach: readonly string[],
): Promise<number> {
  const ofPartitions = await Promise.all(partitions.map((partition) => itemsOf(table, partition)));
  const items = [...ofPartitions.flat(), ...single];
  const count = (prefix: string) => items.filter(({ sk }) => sk?.S?.startsWith(prefix)).length;
  const found = {
    tasks: ofPartitions.filter((some, index) => some.length > 0 && tasks.includes(partitions[index] ?? ''))
      .length,
    files: count(FILE_PREFIX),
    storedCallbacks: count(EVENT_PREFIX),
    items: items.length,
  };
  if (yes) {
    const eraseEach = () => Promise.all(partitions.map((partition) => erase(table, partition, Date.now())));
    await Promise.all([eraseEach(), eraseItems(table, single)]);
    writeNote(
      `Removed. In ${SEEN_BY_ALL_MS / 1000} s what callbacks under way have written meanwhile is removed too …`,
    );
    await setTimeout(SEEN_BY_ALL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return EXIT.interrupted;
    await eraseEach();
  }
  if (json) writeJson({ erased: yes, ...found, outOfReach });
  else {
    writeFields(found);
    writeLine(`\n${yes ? 'Removed' : 'Nothing is removed without --yes'}. Out of reach:`);
    for (const place of outOfReach) writeLine(`- ${place}`);
  }
  return items.length === 0 ? EXIT.notFound : EXIT.ok;
}
