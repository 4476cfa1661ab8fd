/** Writes docs/parameters.md out of the table of parameters: `npm run parameter-table`. */
import { writeFile } from 'node:fs/promises';
import { PARAMETERS, type Parameter } from '../infrastructure/parameters.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';

const HEAD = `# Parameters

They are set in \`stages/<stage>.yml\`; \`stages/example.yml\` is an example. Wrong names, values and combinations are refused before
deployment. Commas separate lists; \`…\` stands for a vendor. (\`npm run parameter-table\` writes this page.)

| parameter | values (default) | meaning |
|---|---|---|
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
  const values = shared === '' ? inBrief(allowed) : `${inBrief(allowed)} (${shared})`;
  return `| ${names} | ${values} | ${meaning} |\n`;
}

/** The allowed values as short as a table wants them. */
function inBrief(allowed: string): string {
  const [, first, last] = /^(\d+), \d+, .* or (\d+)$/.exec(allowed) ?? [];
  return first === undefined
    ? allowed.replace(/^a (?:whole )?number from /, '').replace(/, separated by commas$/, '')
    : `${first} to ${last}`;
}

if (import.meta.main) await writeFile(new URL('parameters.md', import.meta.url), parameterPage());
