import type { Vendor } from '../callback/callback.ts';
import { type Environment, numberOr, requiredNumber } from '../platform/environment.ts';
import { THRESHOLDS, type Threshold, variableName } from '../vendors/common/settings.ts';
import { VENDOR_NAMES, VENDOR_SETTINGS } from '../vendors/facts.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** After how many ms an expected callback is overdue; 0 switches the expectation off. */
export interface ExpectationThresholds {
  /** From the end of a file or task to the callback of its upload. */
  uploadMissingMs: number;
  /** From one callback of a running task to the next. */
  taskSilentMs: number;
  /** The same for a screenshot task. */
  screenshotMissingMs: number;
}

/** The thresholds of a vendor, in ms; 0 switches one off. */
export interface Thresholds extends ExpectationThresholds {
  /** How long before its deletion a file whose upload failed gets the reason `purge_near`. */
  purgeNearMs: number;
  /** How long an app that used to call may be silent. */
  appSilentMs: number;
}

/** When something becomes an attention item, and when it stops being one. */
export interface WatchSettings {
  thresholds: (vendor: Vendor) => Thresholds;
  /** How long an attention item stays that no callback ends, in ms. */
  keepMs: number;
  /** The stage, which the commands of a notice name; absent where nobody says. */
  stage?: string | undefined;
  /** How long after its failure an upload that can still be saved counts for the alarm, in ms. */
  savableAlarmMs: number;
}

/**
 * The settings in a function's variables: `<VENDOR>_UPLOAD_MISSING_MINUTES` and so on, the vendor's defaults when unset,
 * `ATTENTION_DAYS`, without end when 0, `FAILED_UPLOAD_ALARM_MINUTES` and `STAGE`. Throws when one is not a number of at least 0.
 */
export function watchSettings(environment: Environment): WatchSettings {
  const thresholds = Object.fromEntries(
    VENDOR_NAMES.map((vendor) => [vendor, thresholdsOf(environment, vendor)]),
  ) as Record<Vendor, Thresholds>;
  const days = requiredNumber(environment, 'ATTENTION_DAYS');
  return {
    thresholds: (vendor) => thresholds[vendor],
    stage: environment.STAGE,
    savableAlarmMs: requiredNumber(environment, 'FAILED_UPLOAD_ALARM_MINUTES') * MINUTE_MS,
    keepMs: days > 0 ? days * DAY_MS : Number.POSITIVE_INFINITY,
  };
}

/** The thresholds of a vendor in the watch's variables. Throws as above. */
export function thresholdsOf(environment: Environment, vendor: Vendor): Thresholds {
  const threshold = (setting: Threshold) => {
    const fallback = VENDOR_SETTINGS[vendor][setting];
    if (fallback === null) return 0;
    return numberOr(environment, variableName(vendor, setting), fallback) * THRESHOLDS[setting];
  };
  return {
    uploadMissingMs: threshold('uploadMissingMinutes'),
    taskSilentMs: threshold('taskSilentHours'),
    screenshotMissingMs: threshold('screenshotMissingMinutes'),
    purgeNearMs: threshold('purgeNearHours'),
    appSilentMs: threshold('appSilentHours'),
  };
}
