import { setTimeout } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import type { Vendor } from '../lib/callback/callback.ts';
import { EVENT_PREFIX, FILE_PREFIX, taskKey } from '../lib/ledger/keys.ts';
import { SEEN_BY_ALL_MS } from '../lib/ledger/tombstones.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { erase, itemsOf, partitionsOfRoom } from './erasure.ts';
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
Without --yes nothing is removed. An erased task or room stays erased for 30 days: callbacks of what happened before
are counted (verdict "erased" in the log) and not kept.

Example:
  rtc-callbacks erase task tencent 1400000000 <TaskId> --stage prod --yes`;

/** Adds `erase task` and `erase room`. */
export function addErase(program: Command, session: Session): void {
  const command = program
    .command('erase')
    .description('remove a task or a room with all that is known of it');
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
          eraseAll(context, what, ids, yes),
        ),
      );
  }
}

type Ids = [vendor: Vendor, appId: string, id: string];

async function eraseAll(
  { connection, json, signal }: Context,
  what: 'task' | 'room',
  ids: Ids,
  yes: boolean,
) {
  const table = { client: connection.dynamodb, tableName: await connection.tableName() };
  const [vendor, appId, id] = ids;
  const partitions =
    what === 'task' ? [taskKey(...ids)] : await partitionsOfRoom(table, { vendor, appId }, id);
  const items = (await Promise.all(partitions.map((partition) => itemsOf(table, partition)))).flat();
  const count = (prefix: string) => items.filter(({ sk }) => sk?.S?.startsWith(prefix)).length;
  const found = {
    tasks: what === 'task' ? Math.min(items.length, 1) : partitions.length - 1,
    files: count(FILE_PREFIX),
    storedCallbacks: count(EVENT_PREFIX),
    items: items.length,
  };
  if (yes) {
    const eraseEach = () => Promise.all(partitions.map((partition) => erase(table, partition, Date.now())));
    await eraseEach();
    writeNote(
      `Removed. In ${SEEN_BY_ALL_MS / 1000} s what callbacks under way have written meanwhile is removed too …`,
    );
    await setTimeout(SEEN_BY_ALL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return EXIT.interrupted;
    await eraseEach();
  }
  if (json) writeJson({ erased: yes, ...found, outOfReach: OUT_OF_REACH });
  else {
    writeFields(found);
    writeLine(`\n${yes ? 'Removed' : 'Nothing is removed without --yes'}. Out of reach:`);
    for (const place of OUT_OF_REACH) writeLine(`- ${place}`);
  }
  return items.length === 0 ? EXIT.notFound : EXIT.ok;
}
