import { fileURLToPath } from 'node:url';
import { runFramework } from '../build/framework.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** What a function answered, and the lines that it wrote to its log. */
export interface LocalInvocation {
  answer: unknown;
  lines: Record<string, unknown>[];
}

/**
 * `sls invoke local`: one run of a function, outside the stack at `url` and on its queues and table, with the event in
 * `eventFile` if there is one. Throws with what the framework printed when it fails.
 */
export async function invokeLocal(
  functionName: string,
  url: string,
  eventFile?: string,
): Promise<LocalInvocation> {
  const args = ['invoke', 'local', '--stage', 'local', '-f', functionName];
  const output = await runFramework(eventFile === undefined ? args : [...args, '-p', eventFile], PROJECT, {
    ...process.env,
    PORT: new URL(url).port,
  });
  // The answer is what comes last, over several lines.
  const answerAt = output.lastIndexOf('\n{\n') + 1;
  const lines = output.slice(0, answerAt).split('\n');
  return {
    answer: JSON.parse(output.slice(answerAt)),
    lines: lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)),
  };
}
