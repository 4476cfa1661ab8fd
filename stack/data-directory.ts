import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/** A folder that belongs to this stack until `release` or the end of the process, however it ends. */
export interface DataDirectory {
  /** The absolute path of an entry. */
  path(name: string): string;
  release(): void;
}

/**
 * Creates the folder when needed, closes it to everybody else (mode 0700) and claims it. Throws when another running stack
 * has it, or when it is a folder that everybody may write to, such as /tmp.
 */
export function openDataDirectory(directory: string): DataDirectory {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (statSync(directory).mode & 0o002)
    throw new Error(`Everybody may write to ${directory}. Set DATA_DIR to a folder of your own.`);
  chmodSync(directory, 0o700);
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
