/** What one stream may take. Bytes and milliseconds; those of the parser are in `xmpp/limits.ts`. */

/** From the first byte to a bound session, whatever the app does. */
export const NEGOTIATION_TIME = 30_000;
export const HANDSHAKE_TIME = 10_000;
/** A login or bind that nobody can decide now. */
export const HOLD_TIME = 10_000;
/** Silence after which an app is asked whether it is there, and then given up. Together below 90 s. */
export const SILENCE = 60_000;
export const ANSWER_TIME = 25_000;
/** A stanza that has begun must end. */
export const STANZA_TIME = 120_000;
/** Whether the app of a session is there, when another one wants its resource. */
export const PROBE_TIME = 3_000;
/** A stream that we have closed: the connection goes then at the latest. */
export const CLOSING_TIME = 5_000;
/** For a resume or a soft rebind. */
export const RESUME_WINDOW = 300_000;

/** Stanzas of an app that are not stored yet; above it nothing more is read. */
export const UNSTORED_STANZAS = 100;
export const UNSTORED_BYTES = 262_144;
/** Stored entries that an app has not acknowledged; above it the connection is closed, and can be resumed. */
export const UNPROVED_ENTRIES = 500;
export const UNPROVED_CHARACTERS = 1_048_576;
/** What waits in the socket of an app that reads too slowly. */
export const OUTBOUND_BYTES = 1_048_576;

export const BYTES_PER_SECOND = 262_144;
export const BYTES_BURST = 1_048_576;
/** What TLS may add in a minute: so much for each byte, and as much again. Records of one byte have less. */
export const TLS_OVERHEAD = { perByte: 40, bytes: 1_048_576 };
