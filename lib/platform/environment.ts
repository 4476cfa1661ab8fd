/** The variables that configure a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable `name`; throws an error that names it when it is missing, so that a function fails at load. */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** The variable `name` as a number of at least 0; `fallback` when unset; throws when it is anything else. */
export function numberOr(environment: Environment, name: string, fallback: number): number {
  return environment[name] ? requiredNumber(environment, name) : fallback;
}

/** The variable `name` as a number of at least 0; throws an error that names it when it is missing or anything else. */
export function requiredNumber(environment: Environment, name: string): number {
  const value = required(environment, name);
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) {
    throw new Error(`The environment variable ${name} must be a number of at least 0, not "${value}".`);
  }
  return number;
}
