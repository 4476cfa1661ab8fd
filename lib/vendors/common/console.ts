/** A place in a vendor's console that a callback URL is pasted into. */
export interface ConsolePlace {
  /** The name of the callback source that the URL belongs to. */
  source: string;
  /** What the console calls it. */
  name: string;
  /** How to get there. */
  where: string;
  /** What the console calls the secret that signs, and what is easily taken for it. */
  secret: string;
}

/**
 * The headers that carry a vendor's credentials, each with the names that its value may go by elsewhere: in the query,
 * in the body, in headers that something on the way has renamed. All in lower case.
 */
export type CredentialNames = Readonly<Record<string, readonly string[]>>;
