import type { JsonObject } from '../../../lib/platform/json.ts';
import type { Random } from './random.ts';

const NOT_ASCII = /[^\0-~]/g;

/** A JSON document as one of the texts that mean it, with `depth` lists inside each other as one more member. */
export function documentText(random: Random, document: JsonObject, depth = 0): string {
  const text = JSON.stringify(document, null, random.pick(['', '', '', '  ', '\t']));
  const deep = depth === 0 ? text : withDeepMember(text, depth);
  return random.chance(0.1) ? deep.replace(NOT_ASCII, escaped) : deep;
}

/** The text filled up with white space to `size` bytes, as JSON allows. */
export function padded(text: string, size = 0): Buffer {
  const bytes = Buffer.from(text);
  return bytes.length >= size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - bytes.length, ' ')]);
}

function withDeepMember(text: string, depth: number): string {
  const separator = text === '{}' ? '' : ',';
  return `${text.replace(/\s*\}$/, '')}${separator}"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
