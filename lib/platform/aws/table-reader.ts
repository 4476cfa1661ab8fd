import { field, type Json, parseJson } from '../json.ts';
import { callAws } from './request.ts';

/** How long one call may take, in ms. */
const CALL_MS = 5_000;

/** Calls a reading operation of DynamoDB. Rejects with why there is no answer. */
export type ReadTable = (operation: 'Query' | 'BatchGetItem', input: object) => Promise<Json | undefined>;

/**
 * Reads from tables without the SDK, for small functions.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export function tableReader(region: string, endpoint: string): ReadTable {
  return async (operation, input) => {
    const answer = await callAws({
      service: 'dynamodb',
      target: `DynamoDB_20120810.${operation}`,
      protocol: 'application/x-amz-json-1.0',
      endpoint,
      region,
      body: JSON.stringify(input),
      deadline: Date.now() + CALL_MS,
    });
    if (!answer.ok) throw new Error(`${operation}: ${answer.reason}`);
    return parseJson(answer.body);
  };
}

/** The items in a list of an answer. */
export function itemsIn(answer: Json | undefined, ...path: string[]): Json[] {
  const list = path.reduce<Json | undefined>(field, answer);
  return Array.isArray(list) ? list : [];
}
