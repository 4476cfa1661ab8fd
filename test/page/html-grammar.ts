/** What a piece of the page consists of, as a browser would see it. */
export interface Markup {
  /** Each tag's name, in order, closing tags with their slash. */
  tags: string[];
  /** Names and unescaped values of all attributes. */
  attributes: { tag: string; name: string; value: string }[];
  /** All unescaped text, and the unescaped values of all attributes. */
  values: string[];
}

const TAG = /<(\/?[a-z][a-z0-9]*|!doctype)((?: [a-z-]+(?:="[^"<>]*")?)*)>/g;
const ATTRIBUTE = / ([a-z-]+)(?:="([^"<>]*)")?/g;
const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/**
 * Reads HTML by a grammar that is stricter than that of browsers: nothing but plain tags with quoted attributes, and
 * no other `<`, `>` or `&` than of these and of the five entities. Throws where the text is anything else.
 */
export function readMarkup(text: string): Markup {
  const markup: Markup = { tags: [], attributes: [], values: [] };
  let end = 0;
  for (const match of text.matchAll(TAG)) {
    markup.values.push(unescaped(text.slice(end, match.index)));
    end = match.index + match[0].length;
    const tag = match[1] ?? '';
    markup.tags.push(tag);
    for (const [, name = '', value = ''] of (match[2] ?? '').matchAll(ATTRIBUTE)) {
      markup.attributes.push({ tag, name, value: unescaped(value) });
      markup.values.push(unescaped(value));
    }
  }
  markup.values.push(unescaped(text.slice(end)));
  return markup;
}

function unescaped(text: string): string {
  const rest = text.replace(/&(?:amp|lt|gt|quot|#39);/g, '');
  if (/[<>&]/.test(rest)) throw new Error(`not escaped: ${JSON.stringify(text.slice(0, 200))}`);
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? '');
}
