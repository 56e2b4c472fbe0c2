/** Every number that bounds what a visitor's browser, or somebody who is none, can ask of the web part. */

export const BODY_BYTES = 64 * 1024;
export const HEADER_BYTES = 16 * 1024;
export const TEXT_CHARACTERS = 4_000;
export const NAME_CHARACTERS = 100;
export const EMAIL_CHARACTERS = 254;
/** Of an answer to a question of the start form, and how many such questions there are at most. */
export const FIELD_CHARACTERS = 200;
export const FIELDS = 10;
export const URL_CHARACTERS = 2_048;
export const TITLE_CHARACTERS = 300;
/** Objects and arrays inside each other in a request. */
export const JSON_DEPTH = 4;

/** Lines that one visitor may say: a second's share and what may be saved up. */
export const SAY = { perSecond: 5, burst: 20 } as const;
/** Any call of one address: an office behind one address is still far below it. */
export const CALLS = { perSecond: 100, burst: 400 } as const;
/** Messages over one socket (typing, signs of life). */
export const SIGNALS = { perSecond: 5, burst: 40 } as const;

export const SOCKETS = 20_000;
export const SOCKETS_PER_TICKET = 4;
export const SOCKETS_PER_ADDRESS = 200;
/** Reads that wait for something new. */
export const WAITING_READS = 20_000;
export const WAITING_READS_PER_TICKET = 4;
export const CONNECTIONS = 45_000;

/** How long a read may wait: below the 10 s in which a living page has to be heard. */
export const WAITING_READ_MS = 8_000;
export const HELLO_MS = 10_000;
/** Browsers answer pings also for hidden pages, whose timers sleep: this is how those are heard. */
export const PING_MS = 8_000;
/** A socket that answered no ping for so long is cut. */
export const SILENCE_MS = 20_000;
/** A lost hint is repaired by the next read after this time. */
export const REPAIR_MS = 2_000;
/** One write that a browser does not take for so long ends its socket. */
export const WRITE_MS = 30_000;
/** Bytes waiting in a socket above which signs of typing are left out. */
export const BUFFERED_BYTES = 64 * 1024;
/** A staff user who stopped typing without saying so. */
export const TYPING_MS = 30_000;
/** Between two reads of a polling page its chat is still watched. */
export const LINGER_MS = 15_000;
export const DRAIN_MS = 3_000;
export const HANDSHAKE_MS = 10_000;

/** Of node:http; real time, checked every `checkMs`. */
export interface HttpTimes {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly checkMs: number;
}
export const HTTP_TIMES: HttpTimes = { headersMs: 10_000, requestMs: 15_000, keepAliveMs: 15_000, checkMs: 2_000 };

/** Places for files that visitors at one address get, and the bytes of those files. */
export const SLOTS = { perSecond: 20 / 60, burst: 40 } as const;
export const SLOT_BYTES = { perSecond: (500 * 1024 * 1024) / 86_400, burst: 500 * 1024 * 1024 } as const;
export const FILE_NAME_CHARACTERS = 255;
/** Files that come, and that go, at the same time. */
export const UPLOADS = 64;
export const UPLOADS_PER_TENANT = 32;
export const UPLOADS_PER_ADDRESS = 16;
export const DOWNLOADS = 1_000;
export const DOWNLOADS_PER_ADDRESS = 100;
/** A file of which nothing moves for so long is given up. */
export const FILE_STALL_MS = 30_000;
/** How long what is still sent of a refused file is read, and thrown away. */
export const REFUSED_MS = 15_000;
