import { expect, test } from 'vitest';
import { readVendorPage, withVendorTable } from '../../docs/vendor-table.ts';

test('docs/vendors.md says what the parsers do', async () => {
  const page = await readVendorPage();
  expect(page).toBe(withVendorTable(page));
});
