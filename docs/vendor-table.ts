/** `npm run vendor-table`: writes the lists of docs/vendors.md: the state that each kind of callback makes. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Observation } from '../lib/callback/observation.ts';
import { SOURCES } from '../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { signedSample } from '../stack/samples/signed-sample.ts';

const PAGE = new URL('./vendors.md', import.meta.url);
const BEGIN = '<!-- Written by `npm run vendor-table`. -->';
const END = '<!-- End of what it writes. -->';

/** Any time: the lists show no times. */
const NOW = Date.UTC(2026, 0, 1, 12);

/** The page with the lists as they follow from the parsers and their samples. */
export function withVendorTable(page: string): string {
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]];
  if (before === undefined || after === undefined)
    throw new Error(`docs/vendors.md needs "${BEGIN}" and "${END}".`);
  return `${before}${BEGIN}\n${vendorTable()}\n${END}${after}`;
}

/** The page as it is. */
export function readVendorPage(): Promise<string> {
  return readFile(PAGE, 'utf8');
}

/** For each source its states, and the samples that make them. */
function vendorTable(): string {
  const lists = SAMPLE_SOURCES.map((source) => {
    const samples = Map.groupBy(Object.keys(source.events), (sample) => stateOf(source.name, sample));
    const lines = [...samples].map(([state, names]) => `- _${names.join(', ')}_: ${state}`);
    return [`**${source.name}**`, '', ...lines].join('\n');
  });
  return lists.join('\n\n');
}

/** The state that the parser makes of a sample, in words. */
function stateOf(sourceName: string, event: string): string {
  const source = SAMPLE_SOURCES.find(({ name }) => name === sourceName);
  const parse = SOURCES.get(sourceName)?.parse;
  if (source === undefined || parse === undefined) throw new Error(`no source is named ${sourceName}`);
  const sample = signedSample(source, event, sampleSecrets({}), { now: NOW, nonce: '1' });
  if (!sample.ok) throw new Error(sample.reason);
  const parsed = parse(sample.callback.body, { appId: sample.appId, receivedAt: NOW });
  if (!parsed.ok) return `quarantined: \`${parsed.reason}\``;
  return parsed.observations.length === 0 ? 'no state' : summaries(parsed.observations).join('; ');
}

/** Equal observations of several files count once. */
function summaries(observations: readonly Observation[]): string[] {
  return [...new Set(observations.map(summary))];
}

function summary(observation: Observation): string {
  const { entity, facet, value } = observation;
  const end = 'endsTask' in value && value.endsTask === true ? ', which ends its task' : '';
  if ('status' in value) return `${entity} \`${facet}\` ${value.status}${end}`;
  return 'riskLevel' in value ? `${entity} \`${facet}\` ${value.riskLevel}` : `${entity} \`${facet}\``;
}

if (import.meta.main) await writeFile(PAGE, withVendorTable(await readVendorPage()));
