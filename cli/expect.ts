import { Argument, type Command, Option } from 'commander';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import type { ExpectTask, Task, TaskKind } from '../types/index.d.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { EXIT } from './failure.ts';
import { writeJson, writeLine, writeObject } from './output.ts';
import { write } from './writing.ts';

const KINDS: readonly TaskKind[] = ['recording', 'screenshot', 'live', 'player', 'moderation', 'room'];

interface ExpectOptions {
  kind?: TaskKind;
  room?: string;
  session?: string;
  label?: string;
  startedAt?: string;
  expectedBy?: string;
  withdraw?: boolean;
}

type Ids = [vendor: string, appId: string, taskId: string];

/** Adds `expect` to the commands of tasks. */
export function addExpect(tasks: Command, session: Session): void {
  tasks
    .command('expect')
    .description('announce a task that was started, so that a missing callback is noticed')
    .addArgument(new Argument('<vendor>', 'the vendor').choices(VENDOR_NAMES))
    .argument('<appId>', 'the App Key, SdkAppId or AppID')
    .argument('<taskId>', 'the id that the vendor gave when you started it')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS))
    .option('--room <id>', 'the room')
    .option('--session <id>', 'the session of the room')
    .option('--label <text>', 'your own id of it, such as that of a lesson')
    .option('--started-at <time>', 'ISO 8601 with a zone')
    .option(
      '--expected-by <time>',
      'when its first callback is overdue; 15 minutes after the start when absent',
    )
    .option('--withdraw', 'withdraw the announcement')
    .addHelpText(
      'after',
      '\nExample:\n  rtc-callbacks tasks expect tencent 1400000000 <TaskId> --kind recording --label lesson-7',
    )
    .action(
      actionOf(session, (context, options: ExpectOptions, ...ids: Ids) => expect(context, ids, options)),
    );
}

async function expect(context: Context, ids: Ids, options: ExpectOptions): Promise<number> {
  const path = `/tasks/${ids.map(encodeURIComponent).join('/')}`;
  const { kind, room: roomId, session: sessionId, label, startedAt, expectedBy, withdraw } = options;
  const body: ExpectTask = { kind, roomId, sessionId, label, startedAt, expectedBy };
  const answer =
    withdraw === true
      ? await write<{ task?: Task }>(context, 'DELETE', `${path}/expected`)
      : await write<{ task: Task }>(context, 'PUT', path, body);
  if (context.json) writeJson(answer);
  else if (answer.task === undefined) writeLine('It is expected no more, and no callback of it has come.');
  else writeObject(answer.task);
  return EXIT.ok;
}
