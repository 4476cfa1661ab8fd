import { html as tagged } from 'hono/html';

/** A piece of HTML whose values are escaped. */
export type Html = Awaited<ReturnType<typeof tagged>>;

/** What a template may hold: text and numbers are escaped; `undefined` and `false` are left out. */
export type Part = string | number | undefined | false | Html | readonly Part[];

/** A template with every value escaped, for text and for attributes in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return tagged(strings, ...parts.map(safePart)) as Html;
}

/**
 * A template's own pieces are `String` objects. Any other object comes from JSON where its type promised text: as
 * JSON it is shown, and not taken for HTML whatever properties it has.
 */
function safePart(part: Part): unknown {
  if (Array.isArray(part)) return part.map(safePart);
  const isForeign = typeof part === 'object' && part !== null && !(part instanceof String);
  return isForeign ? JSON.stringify(part) : part;
}
