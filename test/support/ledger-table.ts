import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { TableDefinition } from '../../stack/template.ts';

interface ResourcePart {
  Resources?: Record<string, { Properties: object }>;
}

let ledgerTable: object | undefined;

/** The table as `serverless.yml` deploys it, under another name. */
export function ledgerTableDefinition(TableName: string): TableDefinition {
  ledgerTable ??= readLedgerTable();
  return { ...ledgerTable, TableName };
}

function readLedgerTable(): object {
  const service = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  // Unknown tags (`!Ref`) are only warnings, and the table has none.
  const { resources } = parse(service, { logLevel: 'error' }) as { resources: ResourcePart[] };
  const part = resources.find(({ Resources }) => Resources?.LedgerTable !== undefined);
  return part?.Resources?.LedgerTable?.Properties ?? {};
}
