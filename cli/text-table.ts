/** Rows under a head, in columns as wide as they need to be on a terminal. */
export function textTable(
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const rule = head.map((title) => '─'.repeat(columnsOf(title)));
  const widths = head.map((title, column) =>
    Math.max(columnsOf(title), ...rows.map((row) => columnsOf(row[column] ?? ''))),
  );
  const line = (cells: readonly string[], paintCell: typeof paint = (cell) => cell): string =>
    cells
      .map((cell, column) => {
        const isLast = column === cells.length - 1;
        const padding = isLast ? 0 : (widths[column] ?? 0) - columnsOf(cell);
        return paintCell(cell, column) + ' '.repeat(padding);
      })
      .join('  ')
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
