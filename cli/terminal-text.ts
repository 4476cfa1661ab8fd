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
