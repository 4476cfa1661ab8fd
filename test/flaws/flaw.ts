/** A flaw that the suite must notice: one change of one file. */
export interface Flaw {
  name: string;
  /** What no longer holds. */
  breaks: string;
  /** From the root of the project. */
  file: string;
  /** What the file has exactly once. */
  find: string;
  /** What the flawed file has there instead. */
  replacement: string;
  /** The test files that are expected to notice, quickest first; from the root of the project. */
  tests: readonly string[];
}

/** The flawed text of a file; throws when the flaw does not fit it. */
export function flawedText(text: string, { name, file, find, replacement }: Flaw): string {
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new Error(
      `The flaw "${name}" does not fit: ${file} has its text ${count} times, not once: ${find}`,
    );
  }
  // A function, because `$` has a meaning in a replacement that is text.
  return text.replace(find, () => replacement);
}
