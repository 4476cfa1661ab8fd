import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isoTime } from '../callback/time.ts';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import { createLedgerTable, type LedgerTable } from '../ledger/table.ts';
import { createTombstones } from '../ledger/tombstones.ts';
import { AWS_CLIENT_SETTINGS } from '../platform/aws/clients.ts';
import { type ReadParameter, readParameter } from '../platform/aws/parameter.ts';
import { type Environment, required, requiredNumber } from '../platform/environment.ts';
import { createLog, type LogFields } from '../platform/log.ts';
import { createReports } from './report.ts';
import { withoutErased } from './unerased.ts';

/** What is left for requests under way, the report and the answer when the time is up, in ms. */
const MARGIN_MS = 20_000;

const DAY_MS = 24 * 60 * 60_000;

/** How a function that looks for itself is called: its report, and its log lines. */
export interface LookupNames {
  report: 'storage' | 'zego-query';
  line: string;
  /** The line that says which app could not be asked. */
  unavailable: string;
}

/** What the functions that look into buckets and ask vendors have in common. */
export interface LookupFunction {
  client: DynamoDBClient;
  tableName: string;
  services: { table: LedgerTable; ledger: Pick<Ledger, 'apply'>; now: () => number };
  /** Until when facts are kept, absent for ever, and when a run has to end. Unix times in ms. */
  limits(now: number, remainingMs: number): { keptUntil: number | undefined; deadline: number };
  /** Logs why nothing was asked, and reports it unless the run is not by schedule. Rejects with the SDK's exceptions. */
  giveUp(now: number, reason: string, isReported: boolean): Promise<void>;
  /** Logs what a run did, and reports it likewise. `apps` has `ok`, or why an app could not be asked. */
  finish(
    now: number,
    result: { apps: Readonly<Record<string, string>> } & object,
    isReported: boolean,
  ): Promise<void>;
}

/** Throws when a variable is missing. */
export function createLookupFunction(environment: Environment, names: LookupNames): LookupFunction {
  const client = new DynamoDBClient(AWS_CLIENT_SETTINGS);
  const tableName = required(environment, 'TABLE_NAME');
  const log = createLog(environment);
  const retentionMs = requiredNumber(environment, 'RETENTION_DAYS') * DAY_MS;
  const writeReport = createReports(client, tableName, names.report);
  const tombstones = createTombstones(client, tableName, Date.now);
  return {
    client,
    tableName,
    services: {
      table: createLedgerTable(client, tableName),
      ledger: withoutErased(createLedger(client, tableName), tombstones),
      now: Date.now,
    },
    limits: (now, remainingMs) => ({
      keptUntil: retentionMs > 0 ? now + retentionMs : undefined,
      deadline: now + remainingMs - MARGIN_MS,
    }),
    async giveUp(now, reason, isReported) {
      log('error', names.line, { reason });
      if (isReported) await writeReport({ at: isoTime(now), apps: {}, problem: reason });
    },
    async finish(now, { apps, ...counts }, isReported) {
      for (const [app, state] of Object.entries(apps)) {
        if (state !== 'ok') log('warn', names.unavailable, { app, reason: state });
      }
      log('info', names.line, counts as LogFields);
      if (isReported) await writeReport({ at: isoTime(now), apps });
    },
  };
}

/** Reads what `variable` has outside AWS, else the parameter of the parameter store that `parameterVariable` names. */
export function readSettings(
  environment: Environment,
  variable: string,
  parameterVariable: string,
): ReadParameter {
  const text = environment[variable];
  if (text) return async () => ({ ok: true, body: text });
  const endpoint = required(environment, 'AWS_ENDPOINT_URL_SSM');
  return readParameter(
    required(environment, parameterVariable),
    required(environment, 'AWS_REGION'),
    endpoint,
  );
}
