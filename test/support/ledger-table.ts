import { createRequire } from 'node:module';
import type { TableDefinition } from '../../stack/template.ts';

const { table } = createRequire(import.meta.url)('../../infrastructure/table.cjs') as {
  table(name: string, isProtected: boolean): { Properties: TableDefinition };
};

/** The table as it is deployed, under a name of its own. */
export function ledgerTableDefinition(TableName: string): TableDefinition {
  return table(TableName, false).Properties;
}
