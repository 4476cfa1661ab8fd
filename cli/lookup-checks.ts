import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { REPORTS, type Report } from '../lib/lookup/report.ts';
import type { Check } from './check.ts';
import type { Connection } from './connection.ts';

/** Three times what lies between two runs, in ms. */
const STALE_MS = 45 * 60_000;

/** What to do about what a bucket or a vendor answered; the first word of a state is the key. */
const FIXES: Readonly<Record<string, string>> = {
  wrong_credentials: 'Put a key there that the service knows.',
  denied:
    'It needs s3:ListBucket and s3:GetObject: of the key, or of the role by the parameter storageBuckets.',
  no_bucket: 'Is the name right, and the endpoint?',
  wrong_region: "Give the bucket's region.",
  not_activated: 'Activate the service in the console.',
  rate_exceeded: 'It is asked again by every run.',
  unreachable: 'It is asked again by every run. Is the endpoint right?',
};

/**
 * What the functions found out that look into buckets and ask vendors: each leaves a report with every run. Without a
 * report there is no such function. `now` is Unix time in ms. Rejects with the SDK's exceptions.
 */
export async function lookupChecks(connection: Connection, now: number): Promise<Check[]> {
  const { Items = [] } = await connection.dynamodb.send(
    new QueryCommand({
      TableName: await connection.tableName(),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: REPORTS } },
    }),
  );
  return Items.flatMap(({ sk, report }) => reportChecks(sk?.S ?? '', JSON.parse(report?.S ?? '{}'), now));
}

/** The checks of one function's last report. */
export function reportChecks(name: string, { at, apps, problem }: Report, now: number): Check[] {
  const inOrder = Object.entries(apps).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const checks: Check[] = inOrder.map(([app, state]) => {
    const check = `${name} of ${app}`;
    if (state === 'ok') return { check, state: 'ok', detail: `asked ${at}` };
    const fix = FIXES[state.split(':')[0] ?? ''];
    return {
      check,
      state: 'failure',
      detail: `${state}, asked ${at}`,
      ...(fix === undefined ? {} : { fix }),
    };
  });
  if (problem !== undefined) checks.push({ check: `${name} settings`, state: 'failure', detail: problem });
  if (now - Date.parse(at) > STALE_MS)
    checks.push({
      check: `${name} runs`,
      state: 'warning',
      detail: `the last one was at ${at}`,
      fix: 'If it is still on, its log says why.',
    });
  return checks;
}
