import type { AppSecrets, Vendor } from '../lib/callback/callback.ts';
import { parseSecrets } from '../lib/receive/secrets.ts';
import type { Connection } from './connection.ts';

/** A vendor's live secrets, or why there are none; `isMissing` when nobody has put any there. */
export type VendorSecrets =
  | { ok: true; secrets: AppSecrets }
  | { ok: false; reason: string; isMissing?: boolean };

/** Reads the secrets of vendors, each once. Rejects when their store cannot be reached. */
export function createSecretsReader(connection: Connection): (vendor: Vendor) => Promise<VendorSecrets> {
  const known = new Map<Vendor, Promise<VendorSecrets>>();
  async function read(vendor: Vendor): Promise<VendorSecrets> {
    const text = await connection.secretsText(vendor);
    if (text === undefined) return { ok: false, reason: `no secrets for ${vendor}`, isMissing: true };
    return parseSecrets(text);
  }
  return (vendor) => {
    const secrets = known.get(vendor) ?? read(vendor);
    known.set(vendor, secrets);
    return secrets;
  };
}
