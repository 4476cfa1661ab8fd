/*
 * Ranks of outcomes, 0 to 9: of two values of a facet the one of the higher rank wins whatever their times. They are
 * stored with the values, so a number never changes its meaning.
 */

/** Ranks of a start, a segment, an end and an event of a room. */
export const RANK = {
  /** The latest one counts. */
  ordinary: 0,
  /** Says more than an ordinary one, which must not hide it. */
  specific: 1,
  /** Must not be hidden by a specific one either. */
  decisive: 2,
} as const;

/** Ranks of an upload by its status: one that succeeded is not undone. */
export const UPLOAD_RANK = {
  upload_failed: 0,
  uploaded: 1,
  /** Above a mere success, which knows nothing of the files that had failed before. */
  recovered: 2,
} as const;

/** Ranks of the risk levels that the moderation providers share. */
export const RISK_RANKS: ReadonlyMap<string, number> = new Map([
  ['PASS', 0],
  ['REVIEW', 1],
  ['REJECT', 2],
]);

/** Ranks of a look into the bucket: absence never undoes presence. */
export const STORAGE_RANK = { missing: 0, uploaded: 1 } as const;

/** Ranks of a vendor's answer to a question about a task or a file: both go one way. */
export const ANSWER_RANK = {
  started: 0,
  ended: 1,
  failed: 1,
  recording: 0,
  closed: 1,
  upload_failed: 2,
  uploaded: 3,
} as const;
