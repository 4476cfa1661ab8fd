/** Bytes for people. */
export function size(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A duration in ms for people. */
export function duration(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours, minutes, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** How long there is until an ISO time, at `now` (Unix time in ms). */
export function timeLeft(time: string | undefined, now: number): string {
  if (time === undefined) return 'not stated';
  const minutes = Math.floor((Date.parse(time) - now) / 60_000);
  return minutes < 0 ? 'gone' : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
