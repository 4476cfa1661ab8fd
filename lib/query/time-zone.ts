const DAY_MS = 24 * 60 * 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether this is a time zone: an IANA name such as `Asia/Shanghai`, or an offset such as `+08:00`. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The date, such as `2026-01-15`, at a Unix time in ms in a time zone. */
export function dateAt(at: number, timeZone: string): string {
  return new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, 10);
}

/**
 * The Unix time in ms at which clocks of a time zone first show a time or a later one, where the clocks are changed
 * then; `local` is the Unix time in ms at which those of UTC show it.
 */
export function timeIn(timeZone: string, local: number): number {
  const candidates = [-DAY_MS, DAY_MS]
    .map((side) => local - offsetAt(local + side, timeZone))
    .sort((a, b) => a - b);
  const shown = candidates.find((at) => at + offsetAt(at, timeZone) >= local);
  return shown ?? local - offsetAt(local, timeZone);
}

/** How far the clocks of a time zone are ahead of UTC at a Unix time in ms, in ms. */
export function offsetAt(at: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = formatOf(timeZone).formatToParts(at);
  const number = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
  return local - Math.floor(at / 1000) * 1000;
}

/** Formats are slow to make. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(timeZone, format);
  return format;
}
