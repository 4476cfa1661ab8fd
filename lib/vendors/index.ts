import type { Source, Vendor } from '../callback/callback.ts';
import * as all from './all.ts';
import type { SourceDefinition, VendorDefinition } from './common/vendor.ts';

/** Every vendor by its name. It does not compile while one of the type `Vendor` is missing. */
export const VENDORS: Readonly<Record<Vendor, VendorDefinition>> = { ...all };

/** Every callback source by its name, which is also the name of the function that receives it. */
export const SOURCES: ReadonlyMap<string, Source & SourceDefinition> = new Map(
  Object.values(VENDORS).flatMap(({ name, credential, sources }) =>
    sources.map((source) => [source.name, { ...source, vendor: name, credential }]),
  ),
);
