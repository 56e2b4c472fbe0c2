/** What one tenant may have pending at its helpdesk, in calls and in bytes. */
export const PENDING = { calls: 1_000, bytes: 4 * 1024 * 1024 } as const;
/** Commands of one staff user, written or from menus. */
export const COMMANDS = { burst: 10, perSecond: 2 } as const;
/** A helpdesk counts as away when it has answered nothing for so long, and was asked all the while; in milliseconds. */
export const AWAY_AFTER = 4_000;
