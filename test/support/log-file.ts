import { open } from 'node:fs/promises';

/** What was read of a log file. */
interface ReadLog {
  bytes: number;
  lines: string[];
  reading: Promise<void>;
}

const logs = new Map<string, ReadLog>();

/** The lines of a log file that hold `text`. What was read before is not read again: tests ask until a line is there. */
export async function linesWith(file: string, text: string): Promise<string[]> {
  const log = logs.get(file) ?? { bytes: 0, lines: [], reading: Promise.resolve() };
  logs.set(file, log);
  log.reading = log.reading.then(() => readOn(file, log));
  await log.reading;
  return log.lines.filter((line) => line.includes(text));
}

async function readOn(file: string, log: ReadLog): Promise<void> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const { buffer } = await handle.read({ buffer: Buffer.alloc(size - log.bytes), position: log.bytes });
  // What follows the last line feed is a line that is being written.
  const end = buffer.lastIndexOf('\n') + 1;
  log.bytes += end;
  log.lines.push(...buffer.toString('utf8', 0, end).split('\n').slice(0, -1));
}
