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
