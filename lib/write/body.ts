import { timeMs } from '../callback/time.ts';
import { field, isObject, type Json, parseJson, text } from '../platform/json.ts';

/** How a member of a body is read: its value, or `undefined` when it has not this `form`. */
export interface FieldReader<Value> {
  read: (value: Json) => Value | undefined;
  /** For people: what follows "must be". */
  form: string;
}

/** A body's members by name. */
export type FieldReaders<Fields> = {
  readonly [Name in keyof Fields]-?: FieldReader<NonNullable<Fields[Name]>>;
};

export type ParsedBody<Fields> = { ok: true; fields: Fields } | { ok: false; reason: string };

/**
 * Reads a JSON object; every member may be absent except those in `required`. The reason for refusing it names the
 * field; an unknown member is refused, because it is a misspelt one.
 */
export function parseBody<Fields extends object>(
  body: Buffer,
  readers: FieldReaders<Fields>,
  required: readonly (keyof Fields & string)[] = [],
): ParsedBody<Fields> {
  const document = body.length === 0 ? {} : parseJson(body.toString('utf8'));
  if (!isObject(document)) return { ok: false, reason: 'the body must be a JSON object' };
  const known = Object.keys(readers) as (keyof Fields & string)[];
  for (const name of Object.keys(document)) {
    if (!known.includes(name as keyof Fields & string))
      return { ok: false, reason: `${name} is not a field; the fields are ${known.join(', ')}` };
  }
  const fields: Partial<Fields> = {};
  for (const name of known) {
    const value = field(document, name);
    const isNeeded = required.includes(name);
    if ((value === undefined || value === null) && !isNeeded) continue;
    const { read, form } = readers[name];
    const found = value === undefined ? undefined : read(value);
    if (found === undefined) return { ok: false, reason: `${name} must be ${form}` };
    fields[name] = found;
  }
  return { ok: true, fields: fields as Fields };
}

/** Text of 1 to `longest` characters; a number is taken as its digits. */
export function textOf(longest: number): FieldReader<string> {
  return {
    form: `a text of 1 to ${longest} characters`,
    read(value) {
      const read = text(value);
      return read === undefined || read.trim() === '' || read.length > longest ? undefined : read;
    },
  };
}

export function oneOf<Value extends string>(values: readonly Value[]): FieldReader<Value> {
  return { form: `one of ${values.join(', ')}`, read: (value) => values.find((one) => one === value) };
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** A moment, as Unix time in ms. A time without a zone could be any of two dozen moments. */
export const TIME: FieldReader<number> = {
  form: 'an ISO 8601 time with its zone, such as 2026-01-15T10:00:00Z',
  read(value) {
    if (typeof value !== 'string' || !ISO_TIME.test(value)) return undefined;
    return timeMs(Date.parse(value));
  },
};
