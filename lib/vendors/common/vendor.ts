import type { CredentialForm, Parse, Vendor, Verify } from '../../callback/callback.ts';
import type { SettingDefaults } from './settings.ts';
import type { StorageRule } from './storage.ts';

/** Everything that the rest of the project knows of a vendor. */
export interface VendorDefinition {
  name: Vendor;
  /** Checks the signature of a callback of any source. The functions that receive callbacks import it by itself. */
  verify: Verify;
  /** How its credentials are read; absent where it signs the body. */
  credential?: CredentialForm;
  /** Where its callbacks come in, at least one. */
  sources: readonly SourceDefinition[];
  /** Names of its callbacks for people, by the type that its parsers give them, where that is not words already. */
  eventNames: Readonly<Record<string, string>>;
  /** The settings that an operator may change. */
  settings: SettingDefaults;
  /** How long the vendor keeps a file whose upload failed, in ms; `null` when it does not say. */
  retentionMs: number | null;
  /** How its objects are named; without a rule the name or the URL of a file is all that there is. */
  storage?: StorageRule;
  secret: SecretDefinition;
  /** The headers that carry its credentials; empty where the body does. */
  credentialNames: CredentialNames;
}

/** A callback source: one URL that the vendor calls, and the function behind it. */
export interface SourceDefinition {
  /** The name of the function and in logs: the vendor's, then a hyphen and the source where the vendor has several. */
  name: string;
  /** The route, from the root of the API. */
  path: string;
  parse: Parse;
  /** Its callbacks, as they are named in a sentence. */
  description: string;
  /** The place in the vendor's console that the URL is pasted into. */
  console: {
    /** What the console calls it. */
    name: string;
    /** How to get there. */
    where: string;
  };
}

/** The secret that signs a vendor's callbacks. */
export interface SecretDefinition {
  /** What the console calls it, and what is easily taken for it. */
  name: string;
  /** What makes an app id and its secret look unlike what the console gives; `undefined` when nothing does. */
  oddityOf(appId: string, secret: string): string | undefined;
}

/**
 * The headers that carry a vendor's credentials, each with the names that its value may go by elsewhere: in the query,
 * in the body, in headers that something on the way has renamed. All in lower case.
 */
export type CredentialNames = Readonly<Record<string, readonly string[]>>;
