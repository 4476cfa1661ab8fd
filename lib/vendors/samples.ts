import type { SampleSource, VendorSamples } from './common/sample.ts';
import { VENDOR_NAMES } from './facts.ts';
import { SOURCES } from './index.ts';

/** The samples of each vendor, from its folder: no function that is deployed has them in it. */
const SAMPLES = await Promise.all(
  VENDOR_NAMES.map(async (vendor) => {
    const { samples } = (await import(`./${vendor}/samples/index.ts`)) as { samples: VendorSamples };
    return [vendor, samples] as const;
  }),
);

/** The sample callbacks of every source, in the order of the sources. */
export const SAMPLE_SOURCES: readonly SampleSource[] = [...SOURCES.values()].map(({ name, path, vendor }) => {
  const samples = SAMPLES.flatMap(([, { sources }]) => sources).find((source) => source.name === name);
  if (samples === undefined) throw new Error(`lib/vendors/${vendor}/samples/ has no samples of ${name}.`);
  return { ...samples, path, vendor };
});

/** The secrets of the vendors' published samples, by vendor and app id: the form of `CALLBACK_SECRETS`. */
export const SAMPLE_SECRETS: Readonly<Record<string, Record<string, string[]>>> = Object.fromEntries(
  SAMPLES.map(([vendor, { secrets }]) => [vendor, secrets]),
);
