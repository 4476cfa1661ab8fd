import { createHash } from 'node:crypto';
import { PATHS } from './address.ts';
import { SCRIPT } from './script.ts';
import { STYLES } from './styles.ts';

/** A file that pages refer to. */
export interface Asset {
  contentType: string;
  text: string;
  /** Changes with the text. */
  version: string;
}

/** A mark that is told from others in a row of tabs. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#1d5fb4"/><circle cx="8" cy="8" r="4" fill="#fff"/></svg>`;

const ASSETS: ReadonlyMap<string, Asset> = new Map([
  [PATHS.styles, assetOf('text/css; charset=utf-8', STYLES)],
  [PATHS.script, assetOf('text/javascript; charset=utf-8', SCRIPT)],
  [PATHS.icon, assetOf('image/svg+xml', ICON)],
]);

/** The file at a path; `undefined` for every other path. */
export function assetAt(path: string): Asset | undefined {
  return ASSETS.get(path);
}

/** The address of a file, which is another one when its text is. */
export function assetAddress(path: string): string {
  return `${path}?${ASSETS.get(path)?.version ?? ''}`;
}

function assetOf(contentType: string, text: string): Asset {
  const version = createHash('sha256').update(text).digest('base64url').slice(0, 12);
  return { contentType, text, version };
}
