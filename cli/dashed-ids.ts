import type { Command } from 'commander';

/** An option is a dash and a letter, or two dashes and a name in lower case: `-h`, `--json`, `--limit=5`. */
const OPTION = /^(?:-[a-zA-Z]|--[a-z][a-z-]*(?:=.*)?)$/s;

/**
 * Makes ids that begin with a dash, as some of Tencent do, arguments instead of options: they and what follows them go
 * behind `--`. An id that looks like an option, such as `-h`, still needs a `--` before it.
 */
export function withDashedIds(program: Command, args: readonly string[]): string[] {
  const flags = flagsWithValue(program);
  const words: string[] = [];
  const ids: string[] = [];
  const rest = args.values();
  for (const word of rest) {
    if (word === '--') return [...words, word, ...ids, ...rest];
    if (OPTION.test(word)) words.push(word, ...(flags.has(word) ? rest.take(1) : []));
    else if (ids.length > 0 || word.startsWith('-')) ids.push(word);
    else words.push(word);
  }
  return ids.length === 0 ? words : [...words, '--', ...ids];
}

/** The flags of all commands whose next word is their value. */
function flagsWithValue(command: Command): Set<string | undefined> {
  const own = command.options.filter(({ required }) => required).map(({ long }) => long);
  return new Set([...own, ...command.commands.flatMap((child) => [...flagsWithValue(child)])]);
}
