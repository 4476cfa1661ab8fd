import type { Context } from 'aws-lambda';
import { type QueryResult, queryZego } from '../lib/lookup/ask-zego.ts';
import { createLookupFunction, readSettings } from '../lib/lookup/lookup-function.ts';
import { parseServerSecrets } from '../lib/lookup/query-settings.ts';

const lookup = createLookupFunction(process.env, {
  report: 'zego-query',
  line: 'zego_query',
  unavailable: 'zego_query_failed',
});
const readSecrets = readSettings(process.env, 'ZEGO_SERVER_SECRETS', 'SECRETS_PARAMETER');

/** Asks ZEGOCLOUD about tasks whose callbacks did not come; runs on a schedule. */
export async function handler(
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<QueryResult | undefined> {
  const now = Date.now();
  const answer = await readSecrets();
  const settings = answer.ok ? parseServerSecrets(answer.body, process.env.ZEGO_QUERY_ENDPOINT) : answer;
  if (!settings.ok) {
    await lookup.giveUp(now, settings.reason, true);
    return undefined;
  }
  const limits = lookup.limits(now, context.getRemainingTimeInMillis());
  const result = await queryZego(lookup.services, { apps: settings.apps, ...limits });
  await lookup.finish(now, result, true);
  return result;
}
