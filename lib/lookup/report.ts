import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

/** The partition with the last report of each function that looks for itself. */
export const REPORTS = 'report';

/** What the last run of a function found out about what it asks, for the doctor. */
export interface Report {
  /** ISO time. */
  at: string;
  /** By app, `<vendor>/<appId>`: `ok`, or why nothing can be asked, with a status and a code. Empty when the settings are wrong. */
  apps: Readonly<Record<string, string>>;
  /** Why nothing was asked at all: the settings cannot be read. */
  problem?: string | undefined;
}

/** Keeps a report instead of the last one of the same name. Rejects with the SDK's exceptions. */
export type WriteReport = (report: Report) => Promise<void>;

/** Reports in the ledger table. */
export function createReports(client: DynamoDBClient, tableName: string, name: string): WriteReport {
  return async (report) => {
    const item = { pk: { S: REPORTS }, sk: { S: name }, report: { S: JSON.stringify(report) } };
    await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
  };
}
