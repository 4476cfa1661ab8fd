import { parseArgs } from 'node:util';

/** Options of a command that are whole numbers from 1 on, with their defaults. */
export type NumberOptions = Record<string, number>;

/**
 * Reads `--<name> <number>` for each of the options. Returns the exit code instead when there is nothing to run: 0
 * after `--help`, 2 when the command is wrong; what is to be said is printed.
 */
export function numbersOf<Options extends NumberOptions>(
  args: string[],
  defaults: Options,
  help: string,
): Options | number {
  try {
    const names = Object.keys(defaults);
    const isAsking = args.some((argument) => argument === '--help' || argument === '-h');
    if (isAsking) {
      console.log(help);
      return 0;
    }
    const { values } = parseArgs({
      args,
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    });
    const given = Object.entries(values).map(([name, value]) => [name, wholeNumber(name, value)]);
    return { ...defaults, ...Object.fromEntries(given) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

function wholeNumber(name: string, value: unknown): number {
  if (typeof value !== 'string' || !/^[1-9]\d{0,8}$/.test(value))
    throw new Error(`--${name} takes a whole number from 1 on, not "${value}"`);
  return Number(value);
}
