import type { Vendor } from '../callback/callback.ts';
import { type Environment, numberOr, requiredNumber } from '../platform/environment.ts';
import { variableName } from '../vendors/common/settings.ts';
import { VENDOR_NAMES, VENDOR_SETTINGS } from '../vendors/facts.ts';
import { SOURCES } from '../vendors/index.ts';
import type { ConsumerSettings } from './consume.ts';

/**
 * The settings in the function's variables: `EVENT_HISTORY_DAYS`, `RETENTION_DAYS` and `<VENDOR>_TIMESTAMP_WINDOW_HOURS`. Throws when
 * one is not a number of at least 0.
 */
export function consumerSettings(environment: Environment): ConsumerSettings {
  return {
    sources: SOURCES,
    eventHistoryDays: requiredNumber(environment, 'EVENT_HISTORY_DAYS'),
    retentionDays: requiredNumber(environment, 'RETENTION_DAYS'),
    timestampWindowHours: timestampWindowHours(environment),
  };
}

/** How far a signed timestamp may be from the reception, in hours: the vendor's default where no variable says it. */
export function timestampWindowHours(environment: Environment): (vendor: Vendor) => number {
  const windowHours = Object.fromEntries(
    VENDOR_NAMES.map((vendor) => {
      const fallback = VENDOR_SETTINGS[vendor].timestampWindowHours ?? 0;
      return [vendor, numberOr(environment, variableName(vendor, 'timestampWindowHours'), fallback)];
    }),
  ) as Record<Vendor, number>;
  return (vendor) => windowHours[vendor];
}
