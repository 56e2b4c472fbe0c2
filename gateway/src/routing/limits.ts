/** Entries of one page of an archive, and the characters that it may have before it is cut there. */
export const ARCHIVE_PAGE = { entries: 100, characters: 200_000 } as const;
/** The same while an app has asked for more pages than this one: all together, they stay below the cap of its queue. */
export const ARCHIVE_PAGE_OF_MANY = { entries: 40, characters: 30_000 } as const;
/** Queries of one app that may be under way: they are answered one after the other. */
export const ARCHIVE_QUERIES = 10;
/** Stanza ids that one query may name. */
export const ARCHIVE_IDS = 100;
/** One text of a staff user to a colleague. */
export const PEER_CHARACTERS = 10_000;
/** Texts that waited for a staff user and are given to an app in one go. */
export const WAITING_AT_ONCE = 100;
/** One marker of an app to one contact in this time, in milliseconds. */
export const MARKER_WINDOW = 1_000;
/** Of one person to one message. */
export const REACTIONS = 20;
/** Characters of all of them, with a space between each two. */
export const REACTION_CHARACTERS = 100;
