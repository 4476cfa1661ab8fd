import type { Vendor } from '../../callback/callback.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The thresholds of the watch, with their units in ms. */
export const THRESHOLDS = {
  /** From the end of a file or task to its upload. */
  uploadMissingMinutes: MINUTE_MS,
  /** From one callback of a running task to the next. */
  taskSilentHours: HOUR_MS,
  /** From one picture of a running screenshot task to the next. */
  screenshotMissingMinutes: MINUTE_MS,
  /** How long before the vendor deletes a file whose upload failed. */
  purgeNearHours: HOUR_MS,
  /** From one callback of an app to the next. */
  appSilentHours: HOUR_MS,
} as const;

/** The name of a threshold. */
export type Threshold = keyof typeof THRESHOLDS;

/**
 * The defaults of a vendor's settings; 0 switches a threshold off. `null` where the vendor sends nothing that the
 * setting could apply to: then there is no parameter.
 */
export type SettingDefaults = Readonly<Record<Setting, number | null>>;

/** A setting that each vendor has a parameter and a variable of its own for. */
export type Setting =
  | Threshold
  /** How far a signed timestamp may be from the reception, either way, where it is all that is signed. */
  | 'timestampWindowHours';

/** The parameter of the service for a vendor's setting, such as `zegoPurgeNearHours`. */
export function parameterName(vendor: Vendor, setting: string): string {
  return `${vendor}${setting.charAt(0).toUpperCase()}${setting.slice(1)}`;
}

/** The variable of a function for a vendor's setting, such as `ZEGO_PURGE_NEAR_HOURS`. */
export function variableName(vendor: Vendor, setting: string): string {
  return `${vendor}_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();
}
