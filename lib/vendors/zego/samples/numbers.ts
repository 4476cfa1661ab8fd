import type { Json } from '../../../platform/json.ts';

/** The app id as a number, as some callbacks have it; one of other characters, or too many digits, as text. */
export function numericAppId(appId: string): Json {
  return /^[1-9]\d{0,14}$/.test(appId) ? Number(appId) : appId;
}
