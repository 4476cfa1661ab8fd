import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { TableDefinition } from '../../local/stack/template.ts';

interface ResourcePart {
  Resources?: Record<string, { Properties: object }>;
}

/** The ledger table as `serverless.yml` deploys it, under another name. */
export function ledgerTableDefinition(TableName: string): TableDefinition {
  const service = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  // Unknown tags (`!Ref`) are only warnings, and the table has none.
  const { resources } = parse(service, { logLevel: 'error' }) as { resources: ResourcePart[] };
  const table = resources.find((part) => part.Resources?.LedgerTable)?.Resources?.LedgerTable;
  return { ...table?.Properties, TableName };
}
