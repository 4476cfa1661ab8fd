import { readFileSync } from 'node:fs';

/** A callback's body as a vendor documents it, byte for byte: a file of `test/vendors/documents/` without `.json`. */
export function document(name: string): string {
  return readFileSync(new URL(`../vendors/documents/${name}.json`, import.meta.url), 'utf8');
}
