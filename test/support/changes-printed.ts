import { readFile } from 'node:fs/promises';
import type { ChangeEvent } from '../../types/index.d.ts';

/** The changes of a task and its files that a stack has printed into its log file, in their order. */
export async function changesPrinted(logFile: string, taskId: string): Promise<ChangeEvent[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as { message: string; event: ChangeEvent })
    .filter(({ message, event }) => message === 'change' && event.subject.startsWith(`tasks/${taskId}`))
    .map(({ event }) => event);
}
