/** A record of RFC 4180; an absent cell is empty. */
export function csvRecord(cells: ReadonlyArray<string | number | boolean | undefined>): string {
  return `${cells.map((cell) => quoted(String(cell ?? ''))).join(',')}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
