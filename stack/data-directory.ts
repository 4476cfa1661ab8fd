import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/** A folder that belongs to this stack until `release` or the end of the process, however it ends. */
export interface DataDirectory {
  /** The absolute path of an entry. */
  path(name: string): string;
  release(): void;
}

/** Creates the folder when needed and claims it. Throws when another running stack has it. */
export function openDataDirectory(directory: string): DataDirectory {
  mkdirSync(directory, { recursive: true });
  // SQLite's lock is the operating system's: unlike a file with a process id, none is left after a crash.
  const lock = new DatabaseSync(join(directory, 'lock.db'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new Error(
      `The data directory ${directory} is in use by another running stack. ` +
        'Stop that one, or set DATA_DIR to another folder.',
      { cause: error },
    );
  }
  return { path: (name) => join(directory, name), release: () => lock.close() };
}
