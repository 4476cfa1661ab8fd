import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { TableDefinition } from '../../local/stack/template.ts';

/** The table as `serverless.yml` deploys it, under another name. */
export function ledgerTableDefinition(TableName: string): TableDefinition {
  const service = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  // Unknown tags (`!Ref`) are only warnings, and the table has none.
  const { resources } = parse(service, { logLevel: 'error' });
  return { ...resources.Resources.LedgerTable.Properties, TableName };
}
