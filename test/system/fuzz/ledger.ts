import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { type Consumed, consumerRun } from './consumer-run.ts';
import { emptyReport } from './report.ts';
import { runSteadily, type World } from './run.ts';

/** How many callbacks a ledger is filled with at most. */
const FILLED_WITH = 2_000;
const FILLED_AT_A_TIME = 200;

/** The log shortens longer ids, so that they cannot be asked for. */
const SHORTENED = '…';

/** A task or a room that callbacks were applied to. */
export interface Known {
  resource: 'tasks' | 'rooms';
  vendor: string;
  appId: string;
  id: string;
}

/**
 * Fills a ledger with callbacks, no more than there will be requests; returns the tasks and rooms that it knows then.
 * Throws when the consumer does not do with them what it should.
 */
export async function fillLedger(world: World, requests: number): Promise<Known[]> {
  const known: Known[] = [];
  const run = consumerRun(world, (line) => known.push(...knownOf(line)));
  const report = emptyReport('ledger');
  const messages = Math.min(FILLED_WITH, requests);
  for (let from = 0; from < messages; from += FILLED_AT_A_TIME) {
    const count = Math.min(FILLED_AT_A_TIME, messages - from);
    const indexes = Array.from({ length: count }, (_, offset) => from + offset);
    await runSteadily(run, indexes, report);
  }
  if (report.failureCount > 0) throw new Error(`The ledger cannot be filled: ${report.failures[0]?.reason}`);
  world.takeLines();
  return known;
}

function knownOf({ source, appId = '', verdict, taskId, roomId }: Consumed): Known[] {
  const vendor = SAMPLE_SOURCES.find(({ name }) => name === source)?.vendor ?? '';
  const [resource, id] = taskId === undefined ? (['rooms', roomId] as const) : (['tasks', taskId] as const);
  if (verdict === 'quarantined' || id === undefined) return [];
  return [id, appId].some((text) => text.endsWith(SHORTENED)) ? [] : [{ resource, vendor, appId, id }];
}
