import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** A flaw that the suite must notice: one change of one file. */
export interface Flaw {
  name: string;
  /** What no longer holds. */
  breaks: string;
  /** From the root of the project; where it has moved, the one file that has the text is taken. */
  file: string;
  /** What the file has exactly once. */
  find: string;
  /** What the flawed file has there instead. */
  replacement: string;
  /** The test file that is expected to notice; from the root of the project, or moved too. */
  test: string;
  /** What the titles of its tests that notice have in common, where not all of them are to run. */
  title?: string;
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

/** Where flaws are planted, and the tests that notice them. */
const [SOURCES, TESTS] = [['lib', 'handlers', 'build', 'infrastructure', 'serverless.yml'], ['test']];

/** A flaw with the files as they are called now, in the project at `root`. */
export function placed(flaw: Flaw, root: string): Flaw {
  const { file, find, test } = flaw;
  const hasText = (path: string) => readFileSync(join(root, path), 'utf8').includes(find);
  const isThere = (path: string) => existsSync(join(root, path));
  const isNamesake = (path: string) => basename(path) === basename(test);
  return {
    ...flaw,
    file: isThere(file) && hasText(file) ? file : movedTo(file, filesOf(root, SOURCES).filter(hasText)),
    test: isThere(test) ? test : movedTo(test, filesOf(root, TESTS).filter(isNamesake)),
  };
}

/** Where a file is now, if that is clear. */
function movedTo(file: string, candidates: readonly string[]): string {
  return candidates.length === 1 ? (candidates[0] ?? file) : file;
}

/** The files in some places of the project, from its root. */
function filesOf(root: string, places: readonly string[]): string[] {
  return places.flatMap((place) => {
    if (place.includes('.')) return [place];
    const entries = readdirSync(join(root, place), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  });
}
