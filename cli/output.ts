import { AsyncLocalStorage } from 'node:async_hooks';
import { styleText } from 'node:util';
import { printable, printableJson } from './terminal-text.ts';
import { textTable } from './text-table.ts';

/** Where the tool writes: `process`, or what a caller in the same process collects. */
export interface Output {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

const outputs = new AsyncLocalStorage<Output>();

/** Lets everything that `work` writes go to `output`. */
export function withOutput<Result>(output: Output, work: () => Result): Result {
  return outputs.run(output, work);
}

/** Where to write now. */
export function currentOutput(): Output {
  return outputs.getStore() ?? process;
}

/** How good or bad a word is, which is its colour on a terminal. */
export type Mood = 'good' | 'careful' | 'bad' | 'quiet';

const COLOURS = { good: 'green', careful: 'yellow', bad: 'red', quiet: 'dim' } as const;

/** The mood of the words that tables hold most. */
const MOODS: ReadonlyMap<string, Mood> = new Map(
  Object.entries({
    uploaded: 'good',
    replayed: 'good',
    removed: 'good',
    ended: 'good',
    ok: 'good',
    recording: 'careful',
    closed: 'careful',
    started: 'careful',
    warning: 'careful',
    'would be replayed': 'careful',
    'would be removed': 'careful',
    stays: 'careful',
    'came back': 'careful',
    upload_failed: 'bad',
    lost: 'bad',
    failed: 'bad',
    failure: 'bad',
  } as const),
);

/** Writes one JSON document for programs. */
export function writeJson(value: unknown): void {
  currentOutput().stdout.write(`${printableJson(value)}\n`);
}

/** Writes one JSON document of several, each on a line of its own. */
export function writeJsonLine(value: unknown): void {
  writeLine(printableJson(value, 0));
}

/** Writes a line for people, which must be printable. */
export function writeLine(line = ''): void {
  currentOutput().stdout.write(`${line}\n`);
}

/** Writes a line beside the result: progress, hints and errors. */
export function writeNote(line: string): void {
  currentOutput().stderr.write(`${line}\n`);
}

/** Writes rows under a head; an absent cell is empty. Whatever is in the cells, the terminal only shows it. */
export function writeTable(
  head: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | number | undefined>>,
): void {
  const cells = rows.map((row) => row.map((cell) => (cell === undefined ? '' : printable(String(cell)))));
  writeLine(textTable(head, cells, inItsColour));
}

/** Writes names and values, one a line; absent values are left out. */
export function writeFields(fields: Readonly<Record<string, string | number | boolean | undefined>>): void {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...present.map(([name]) => name.length));
  for (const [name, value] of present) {
    const shown = printable(String(value));
    writeLine(`${name.padEnd(width)}  ${inItsColour(shown)}`);
  }
}

function inItsColour(text: string): string {
  const mood = MOODS.get(text);
  return mood === undefined ? text : painted(text, mood);
}

/** Text in the colour of a mood where the standard output is a terminal; as it is elsewhere. */
export function painted(text: string, mood: Mood): string {
  return styleText(COLOURS[mood], text, { stream: currentOutput().stdout });
}
