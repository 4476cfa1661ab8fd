import type { App } from '../ledger/answers.ts';
import { type Query, WrongParameter } from '../query/parameters.ts';
import { dateAt, isTimeZone } from '../query/time-zone.ts';
import type { PageOwner } from './address.ts';
import type { Clock } from './text.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Earlier than any callback. */
const FIRST_DAY = '1970-01-02';

/** A vendor's clock may be ahead of ours by a day. */
const AHEAD_MS = 25 * HOUR_MS;

/** How many rows a page of a list has. */
const ROWS = 50;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What of an app a list page shows. */
export interface Choice {
  /** Absent where no app has called. */
  owner: PageOwner | undefined;
  /** The apps that one can choose. */
  apps: readonly PageOwner[];
  /** The first and the last day, such as `2026-01-15`, of the time zone. */
  from: string | undefined;
  through: string | undefined;
  /** Filters of the read API that are set, by its names; and the page's own. */
  filters: Readonly<Record<string, string>>;
  cursor: string | undefined;
  clock: Clock;
}

/** The name of an app in addresses; no vendor's name has a slash. */
export function appName({ vendor, appId }: PageOwner): string {
  return `${vendor}/${appId}`;
}

/**
 * Reads what a list page is asked for: the app, else the one that called last. `filterNames` are the filters that it
 * takes. Throws `WrongParameter`.
 */
export function choiceOf(
  query: Query,
  apps: readonly App[],
  filterNames: readonly string[],
  clock: Clock,
): Choice {
  const { app, from, through, cursor } = query;
  for (const [name, date] of Object.entries({ from, through })) {
    const isDate = date === undefined || (DATE.test(date) && !Number.isNaN(Date.parse(date)));
    if (!isDate) throw new WrongParameter(`${name} must be a date such as 2026-01-15`);
  }
  if (from !== undefined && through !== undefined && from > through)
    throw new WrongParameter('from must not be later than through');
  const named = app === undefined ? undefined : ownerOf(app);
  const owner = named ?? apps[0];
  const known = [...apps, ...(named === undefined ? [] : [named])].map(({ vendor, appId }) => ({
    vendor,
    appId,
  }));
  const distinct = [...new Map(known.map((one) => [appName(one), one]))].sort(([a], [b]) => (a < b ? -1 : 1));
  const filters = filterNames.flatMap((name) => {
    const value = query[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    owner: owner && { vendor: owner.vendor, appId: owner.appId },
    apps: distinct.map(([, one]) => one),
    from,
    through,
    filters: Object.fromEntries(filters),
    cursor,
    clock,
  };
}

/** The clock with the time zone that a page is asked for. Throws `WrongParameter`. */
export function clockOf({ timeZone = 'UTC' }: Query, now: number): Clock {
  if (!isTimeZone(timeZone)) throw new WrongParameter('timeZone must be a name such as Asia/Shanghai');
  return { now, timeZone };
}

function ownerOf(app: string): PageOwner {
  const index = app.indexOf('/');
  return { vendor: app.slice(0, Math.max(index, 0)), appId: app.slice(index + 1) };
}

/** How the read API is asked for a list; `own` are the filters that it does not know. */
export function listQuery(choice: Choice, own: readonly string[] = []): Query {
  const { owner, from = FIRST_DAY, through, filters, cursor, clock } = choice;
  const ofApi = Object.entries(filters).filter(([name]) => !own.includes(name));
  return {
    ...owner,
    ...Object.fromEntries(ofApi),
    from,
    to: through === undefined ? new Date(clock.now + AHEAD_MS).toISOString() : dayAfter(through, 1),
    timeZone: clock.timeZone,
    limit: String(ROWS),
    cursor,
  };
}

/** The parameters of a list page's own address, with other values of some. */
export function pageQuery(choice: Choice, changes: Query = {}): Query {
  const { owner, from, through, filters, clock } = choice;
  const app = owner && appName(owner);
  return { app, timeZone: clock.timeZone, from, through, ...filters, ...changes };
}

/** The date some days after another one. */
export function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The date of now. */
export function today({ now, timeZone }: Clock): string {
  return dateAt(now, timeZone);
}
