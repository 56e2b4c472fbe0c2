/** Longest text of a staff user, in characters: more than one stanza carries. */
export const WORDS_CHARACTERS = 65_536;
/** Emoji of one reaction. */
export const REACTION_EMOJI = 20;
/** One reaction, in characters. */
export const REACTION_CHARACTERS = 100;
/** One note, in characters. */
export const NOTE_CHARACTERS = 4_000;
/** Notes of one chat. */
export const NOTES = 200;
/** Tags of one chat. */
export const TAGS = 20;
/** One tag, in characters. */
export const TAG_CHARACTERS = 50;
/** Address of a page, in characters. */
export const WEB_ADDRESS_CHARACTERS = 2_000;
/** Why a visitor is banned, in characters. */
export const BAN_REASON_CHARACTERS = 200;
/** Mails of one staff user in an hour. */
export const MAILS_PER_HOUR = 10;
/** Lines of one mail. */
export const MAILED_LINES = 5_000;
/** Texts of colleagues that wait for one staff user, and their bytes. */
export const WAITING_TEXTS = { texts: 2_000, bytes: 4 * 1024 * 1024 } as const;
/** The same text with the same id counts as sent again, after a cut, for so long; in milliseconds. */
export const SENT_AGAIN_MS = 300_000;
/** Days after which a text between staff is deleted. */
export const PEER_MESSAGE_DAYS = 365;
/** Colleagues who are asked for one chat at the same time. */
export const OPEN_INVITATIONS = 20;
/** Staff who listen to one chat. */
export const OBSERVERS = 50;
/** What an inviter says to a colleague, in characters. */
export const INVITATION_CHARACTERS = 1_000;
