import type { ChangeEvent } from '../../types/index.d.ts';
import { linesWith } from './log-file.ts';

/** The changes of a task and its files that a stack has printed into its log file, in their order. */
export async function changesPrinted(logFile: string, taskId: string): Promise<ChangeEvent[]> {
  return (await linesWith(logFile, `tasks/${taskId}`))
    .map((line) => JSON.parse(line) as { message: string; event: ChangeEvent })
    .filter(({ message, event }) => message === 'change' && event.subject.startsWith(`tasks/${taskId}`))
    .map(({ event }) => event);
}
