import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { styleText } from 'node:util';

/** Where the tool writes: `process`, or what a caller in the same process collects. */
export interface Output {
  /** `columns` where it is a terminal. */
  stdout: NodeJS.WritableStream & { columns?: number };
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
    applied: 'good',
    retrying: 'careful',
    'not seen': 'careful',
    quarantined: 'bad',
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

/** Writes text as it is, once what reads it has room for it. */
export async function writeText(text: string): Promise<void> {
  const { stdout } = currentOutput();
  if (!stdout.write(text)) await once(stdout, 'drain');
}

/** Writes a line beside the result: progress, hints and errors. */
export function writeNote(line: string): void {
  currentOutput().stderr.write(`${line}\n`);
}

/**
 * Writes rows under a head, cut to the width of a terminal; an absent cell is empty. Whatever is in the cells, the
 * terminal only shows it.
 */
export function writeFittingTable(
  head: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | number | undefined>>,
): void {
  const { columns } = currentOutput().stdout;
  const cells = printableCells(rows);
  const shown = columns === undefined ? cells : fitted(head, cells, columns);
  writeLine(textTable(head, shown, inItsColour));
  if (shown.some((row, index) => row.some((cell, column) => cell !== cells[index]?.[column])))
    writeNote('Long cells are cut; --json and a pipe have them whole.');
}

/** Writes rows under a head; an absent cell is empty. Whatever is in the cells, the terminal only shows it. */
export function writeTable(
  head: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | number | undefined>>,
): void {
  writeLine(textTable(head, printableCells(rows), inItsColour));
}

function printableCells(rows: ReadonlyArray<ReadonlyArray<string | number | undefined>>): string[][] {
  return rows.map((row) => row.map((cell) => (cell === undefined ? '' : printable(String(cell)))));
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

/** The members of a task or room, one a line; what is nested as JSON. */
export function writeObject(value: object): void {
  const entries = Object.entries(value).map(([name, member]) => [
    name,
    typeof member === 'object' && member !== null ? JSON.stringify(member) : member,
  ]);
  writeFields(Object.fromEntries(entries));
}

function inItsColour(text: string): string {
  const mood = MOODS.get(text);
  return mood === undefined ? text : painted(text, mood);
}

/** Text in the colour of a mood where the standard output is a terminal; as it is elsewhere. */
export function painted(text: string, mood: Mood): string {
  return styleText(COLOURS[mood], text, { stream: currentOutput().stdout });
}

/** Shows the progress of long work. */
export interface Progress {
  step(): void;
  stepTo(count: number): void;
  done(): void;
}

/**
 * Reports how far long work has come, on one line of a terminal that is rewritten; elsewhere only at the end, and
 * only where the total is known.
 */
export function createProgress(what: string, total?: number): Progress {
  const { stderr } = currentOutput();
  const isTerminal = stderr.isTTY === true;
  let count = 0;
  const line = (): string => `${what} ${count}${total === undefined ? '' : `/${total}`}`;
  const stepTo = (newCount: number): void => {
    count = newCount;
    if (isTerminal) stderr.write(`\r${line()}`);
  };
  return {
    stepTo,
    step: () => stepTo(count + 1),
    done() {
      if (isTerminal && count > 0) stderr.write(`\r${line()}\n`);
      else if (!isTerminal && total !== undefined) stderr.write(`${line()}\n`);
    },
  };
}

/** The end of a cell that was cut. */
const CUT = '…';

/** Columns between two cells. */
const GAP = 2;

/** Rows whose widest cells are cut until a line has at most `columns` columns. Titles are not cut. */
export function fitted(
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  columns: number,
): string[][] {
  const widths = head.map((title, column) =>
    rows.reduce((widest, row) => Math.max(widest, columnsOf(row[column] ?? '')), columnsOf(title)),
  );
  const titles = head.map(columnsOf);
  const widthsUnder = (most: number) =>
    widths.map((width, column) => Math.max(Math.min(width, most), titles[column] ?? 0));
  const room = columns - GAP * (head.length - 1);
  let most = Math.min(Math.max(0, ...widths), columns);
  while (most > 1 && widthsUnder(most).reduce((sum, width) => sum + width, 0) > room) most -= 1;
  const allowed = widthsUnder(most);
  return rows.map((row) => row.map((cell, column) => cutTo(cell, allowed[column] ?? 0)));
}

function cutTo(cell: string, width: number): string {
  if (columnsOf(cell) <= width) return cell;
  let kept = '';
  let left = width - 1;
  for (const character of cell) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return kept + CUT;
}

/** The most columns that a cell is padded to: one long id must not pad every row. */
const WIDEST_PADDING = 60;

/** Rows under a head, in columns as wide as they need to be on a terminal. */
export function textTable(
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const rule = head.map((title) => '─'.repeat(columnsOf(title)));
  const widths = head.map((title, column) =>
    rows
      .map((row) => Math.min(columnsOf(row[column] ?? ''), WIDEST_PADDING))
      .reduce((widest, width) => Math.max(widest, width), columnsOf(title)),
  );
  const line = (cells: readonly string[], paintCell: typeof paint = (cell) => cell): string =>
    cells
      .map((cell, column) => {
        const isLast = column === cells.length - 1;
        const padding = isLast ? 0 : Math.max(0, (widths[column] ?? 0) - columnsOf(cell));
        return paintCell(cell, column) + ' '.repeat(padding);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [line(head), line(rule), ...rows.map((row) => line(row, paint))].join('\n');
}

/** Characters that take two columns: Chinese, Japanese and Korean ones, their wide forms, and most emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const COMBINING = /[\p{Mn}\p{Me}\u200c\u200d]/u;

/** How many columns a text without control characters takes on a terminal. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : COMBINING.test(character) ? 0 : 1;
  return columns;
}

/**
 * What a terminal acts on instead of showing it (controls, escape sequences, changes of the writing direction, line
 * ends) or cannot show (lone surrogates, private characters). The joiners of scripts and emoji are harmless.
 */
const NOT_PRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Text on one line that a terminal only shows: every other character becomes its JSON escape, `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(NOT_PRINTABLE, escaped);
}

/** JSON of any value that a terminal only shows, and that parses to the same value. */
export function printableJson(value: unknown, indent = 2): string {
  const json = JSON.stringify(value, null, indent);
  // The line ends are those of the indentation: in strings they are escaped already.
  return json.replaceAll(NOT_PRINTABLE, (character) => (character === '\n' ? character : escaped(character)));
}

/** Text of several lines, each of them printable. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
