import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createItemChanges } from '../../lib/attention/item-changes.ts';
import type { Notice } from '../../lib/attention/notice.ts';
import type { WatchResult } from '../../lib/attention/run.ts';
import type { Thresholds, WatchSettings } from '../../lib/attention/settings.ts';
import { watch } from '../../lib/attention/watch.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { HOUR, NOW } from './callbacks.ts';
import type { ConsumerTable, LogLine } from './consumer.ts';
import type { Reader } from './reader.ts';

export const MINUTE = 60_000;
export const DAY = 24 * HOUR;

/** The thresholds that are deployed. */
const THRESHOLDS: Thresholds = {
  uploadMissingMs: HOUR,
  taskSilentMs: DAY,
  screenshotMissingMs: 30 * MINUTE,
  purgeNearMs: 6 * HOUR,
  appSilentMs: DAY,
};

/** Settings with the same thresholds for every vendor. */
export function settingsOf(changes: Partial<Thresholds> = {}, keepMs = 7 * DAY): WatchSettings {
  return {
    thresholds: () => ({ ...THRESHOLDS, ...changes }),
    keepMs,
    savableAlarmMs: 30 * MINUTE,
    stage: 'prod',
  };
}

/** A watch whose clock a test sets and whose log it can look into. */
export interface TestWatch {
  /** One run, `at` ms after `NOW`; without a deadline unless `timeMs` says how long it has. */
  run(at: number, timeMs?: number): Promise<WatchResult>;
  lines: LogLine[];
  /** The notices. */
  notices: Notice[];
}

export function startWatch(
  { client, tableName }: ConsumerTable & { client: DynamoDBClient },
  settings: WatchSettings = settingsOf(),
  isOut = false,
): TestWatch {
  const lines: LogLine[] = [];
  const notices: Notice[] = [];
  const services = {
    table: createLedgerTable(client, tableName),
    change: createItemChanges(client, tableName),
    publish: async (notice: Notice) => {
      if (isOut) return { ok: false as const, reason: 'out' };
      notices.push(notice);
      return { ok: true as const };
    },
    log: (level: string, message: string, fields: LogLine['fields']) => {
      lines.push({ level, message, fields });
    },
  };
  return {
    run: (at, timeMs = Number.POSITIVE_INFINITY) =>
      watch({ ...services, now: () => NOW + at }, settings, NOW + at + timeMs),
    lines,
    notices,
  };
}

/** The entries of `/attention` `at` ms after `NOW`, each as its reason and ids, in order within their list. */
export async function attentionItemsOf(reader: Reader, at: number, limit = 500): Promise<string[]> {
  const pages = await reader.attention({ now: NOW + at, limit });
  return pages.flatMap(({ files, tasks = [], apps = [] }) => [
    ...files.map(({ reason, taskId, name }) => `${reason} ${taskId} ${name}`),
    ...tasks.map(({ reason, taskId }) => `${reason} ${taskId}`),
    ...apps.map(({ reason, vendor, appId }) => `${reason} ${vendor} ${appId}`),
  ]);
}
