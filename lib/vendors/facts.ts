/*
 * What is plain data of the vendors. In a bundle this module is a constant (`build/bundle.ts`), so that functions which
 * need no parsers have none in them.
 */
import type { Vendor } from '../callback/callback.ts';
import type { SettingDefaults } from './common/settings.ts';
import { VENDORS } from './index.ts';

/** The names of the vendors, as routes, secrets and the read API use them. */
export const VENDOR_NAMES = Object.keys(VENDORS) as readonly Vendor[];

/** What each vendor's callbacks are called, by the type that its parser gives them. */
export const EVENT_NAMES = Object.fromEntries(
  Object.values(VENDORS).map(({ name, eventNames }) => [name, eventNames]),
) as Readonly<Record<Vendor, Readonly<Record<string, string>>>>;

/** The defaults of each vendor's settings. */
export const VENDOR_SETTINGS = Object.fromEntries(
  Object.values(VENDORS).map(({ name, settings }) => [name, settings]),
) as Readonly<Record<Vendor, SettingDefaults>>;
