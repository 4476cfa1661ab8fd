/** Writes docs/parameters.md out of the table of parameters: `npm run parameter-table`. */
import { writeFile } from 'node:fs/promises';
import { PARAMETERS, type Parameter } from '../infrastructure/parameters.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';

const HEAD = `# Parameters

A stage's parameters are in \`stages/<stage>.yml\`; \`stages/example.yml\` shows one. A wrong name, value or combination is refused
before anything is deployed. \`…\` stands for a vendor. (\`npm run parameter-table\` writes this page.)

| parameter | may be | default | meaning |
| --- | --- | --- | --- |
`;

/** The page; the same parameter of several vendors is one row. */
export function parameterPage(): string {
  const rows = Map.groupBy(PARAMETERS, ({ name }) => familyOf(name));
  return HEAD + [...rows].map(([family, members]) => row(family, members)).join('');
}

function vendorOf(name: string): string | undefined {
  return VENDOR_NAMES.find((vendor) => name.startsWith(vendor));
}

function familyOf(name: string): string {
  return name.replace(vendorOf(name) ?? '', vendorOf(name) === undefined ? '' : '…');
}

function row(family: string, members: readonly Parameter[]): string {
  const [{ allowed, meaning }] = members as [Parameter];
  const defaults = new Set(members.map(({ default: value }) => `${value ?? ''}`));
  const ofVendors = members.map(({ name, default: value }) => `${vendorOf(name)} ${value}`);
  const shared = defaults.size === 1 ? [...defaults][0] : ofVendors.join(', ');
  const names =
    members.length < VENDOR_NAMES.length
      ? members.map(({ name }) => `\`${name}\``).join(', ')
      : `\`${family}\``;
  return `| ${names} | ${allowed} | ${shared} | ${meaning} |\n`;
}

if (import.meta.main) await writeFile(new URL('parameters.md', import.meta.url), parameterPage());
