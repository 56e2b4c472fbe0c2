/** Every number that bounds what files can cost, beside what a tenant sets (`files` in its configuration). */

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A place that nobody begins to fill is given up. */
export const SLOT_MS = 5 * 60 * 1000;
/** An upload that has been slower than this since it began, a minute after that or later, is given up. */
export const SLOWEST_BYTES_PER_SECOND = 16 * 1024;
export const UNHURRIED_MS = 60_000;
/** How long the upload of so many bytes may take at most. */
export const uploadMs = (size: number): number => UNHURRIED_MS + Math.ceil(size / SLOWEST_BYTES_PER_SECOND) * 1000;
/** True of an upload of which so many bytes have come in that time. */
export const isTooSlow = (bytes: number, ms: number): boolean =>
  ms >= UNHURRIED_MS && bytes < (ms / 1000) * SLOWEST_BYTES_PER_SECOND;

/** Places that one staff user, or the visitor of one chat, gets: at once, and then so many a minute. */
export const SLOTS = {
  staff: { burst: 20, perMinute: 10 },
  visitor: { burst: 5, perMinute: 5 },
} as const;

/** Bytes of one staff user, or of one chat's visitor, in {@link BRINGER_MS}. */
export const BRINGER_BYTES = { staff: 1024 * MIB, visitor: 100 * MIB } as const;
export const BRINGER_MS = DAY_MS;
/** Of a tenant's room: staff can send files also when visitors have brought all they can. */
export const SHARE = { staff: 1, visitor: 0.5 } as const;
/** When it is worth to ask again, where that depends on what goes away. */
export const FULL_RETRY_MS = 60 * 60 * 1000;

export const NAME_CHARACTERS = 100;

export const SWEEP_MS = 10 * 60_000;
/** Files that one sweep takes away before it looks again. */
export const SWEEP_FILES = 100;
