/**
 * The words that helpdesks and desks share. Everything here travels between pods as JSON: plain data,
 * no classes, no `undefined` that matters. Times are milliseconds since 1970 (UTC).
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
export type StaffId = Branded<'StaffId'>;
export type TeamId = Branded<'TeamId'>;
/** Unguessable (at least 128 bit), lower-case letters and digits: it is the localpart of the visitor's JID. */
export type ChatId = Branded<'ChatId'>;

export interface Team {
  readonly id: TeamId;
  readonly name: string;
}

/** What the helpdesk shows of a staff user; `offline` gets no chats. */
export type StaffStatus = 'online' | 'away' | 'busy' | 'offline';

/** `all-teams`: sees every chat; `observe`: may listen in silence; `ban`: may ban visitors. */
export type Permission = 'observe' | 'ban' | 'all-teams';

export interface Staff {
  readonly id: StaffId;
  /** Canonical login name, unescaped; the JID's localpart is its XEP-0106 form. */
  readonly username: string;
  readonly name: string;
  readonly email?: string;
  readonly teams: readonly TeamId[];
  readonly permissions: readonly Permission[];
  readonly status: StaffStatus;
  readonly statusText?: string;
}

/** What is known of a visitor; every field is the visitor's claim and has been cleaned and capped. */
export interface VisitorCard {
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly location?: string;
  readonly browser?: string;
  readonly platform?: string;
  readonly language?: string;
  /** IANA name of the visitor's time zone. */
  readonly timeZone?: string;
  readonly pageUrl?: string;
  readonly pageTitle?: string;
  readonly referrer?: string;
  readonly address?: string;
  /** Fields of the pre-chat form, in order. */
  readonly fields?: readonly { readonly label: string; readonly value: string }[];
}

export type ChatPhase =
  | { readonly is: 'waiting' }
  | { readonly is: 'running'; readonly since: number }
  | { readonly is: 'ended'; readonly at: number; readonly why: EndReason };

/** Why a chat is over, or gone from the queue. */
export type EndReason =
  /** the last staff user ended it */
  | 'staff'
  /** the visitor ended it */
  | 'visitor'
  /** the visitor's page was not heard of for too long */
  | 'visitor-away'
  /** nobody wrote for too long */
  | 'idle'
  /** nobody answered: the visitor was asked to leave a message */
  | 'unanswered';

export interface Chat {
  readonly id: ChatId;
  readonly visitor: VisitorCard;
  readonly team: TeamId;
  readonly phase: ChatPhase;
  /** When the visitor began to wait (of this round of waiting). */
  readonly waitingSince: number;
  readonly participants: readonly StaffId[];
  readonly observers: readonly StaffId[];
  /** False when the visitor's page has not been heard for 20 s. */
  readonly visitorPresent: boolean;
  /** What the visitor asked to begin with: the body of the request. */
  readonly question: string;
  /** Number of the newest line. */
  readonly lastLine: number;
  /** What staff filed it under. */
  readonly tags?: readonly string[];
}

/** A file that somebody in a chat gave to the others. */
export interface SharedFile {
  readonly name: string;
  /** Media type, of those that the tenant allows. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** `https` address under the tenant's own. */
  readonly url: string;
}

/** The line that another one speaks of. */
export interface EarlierLine {
  readonly of: string;
  /** Set by the helpdesk where that line is by a staff user and has a {@link Line.ref}: their apps know it by that. */
  readonly author?: { readonly staff: StaffId; readonly ref: string };
}

/**
 * What a line is beside its text. `of` is the {@link Line.id} of an earlier line of the same chat; a transcript is
 * only ever added to, and who shows it applies what later lines say about earlier ones.
 */
export type LineExtra =
  /** the text takes the place of that line's; by the same author */
  | ({ readonly is: 'correction' } & EarlierLine)
  /** that line was taken back by its author; the text is empty */
  | ({ readonly is: 'retraction' } & EarlierLine)
  /** the text is emoji with spaces between them, in place of this author's earlier ones; empty: none any more */
  | ({ readonly is: 'reaction' } & EarlierLine)
  /** the text answers that line */
  | ({ readonly is: 'reply' } & EarlierLine)
  /** the text is the file's address */
  | { readonly is: 'file'; readonly file: SharedFile }
  /** staff ask the visitor to look at the page whose address the text is */
  | { readonly is: 'push' };

/** One line of a chat's transcript. */
export interface Line {
  /** Position in the chat, from 1, without gaps. */
  readonly number: number;
  /** Stable over every copy (live, carbon, delayed, playback, archive): the XEP-0359 stanza id. */
  readonly id: string;
  readonly at: number;
  readonly from:
    | { readonly is: 'visitor' }
    | { readonly is: 'staff'; readonly staff: StaffId; readonly name: string }
    /** said by the helpdesk itself: joined, left, transferred… */
    | { readonly is: 'notice' };
  readonly text: string;
  readonly extra?: LineExtra;
  /** The id by which its author's app knows it. */
  readonly ref?: string;
  /** Its author has taken it, or what it corrects, back since: the text is empty. */
  readonly takenBack?: true;
}

/** What staff wrote about a chat for each other; no visitor ever sees it. */
export interface Note {
  readonly at: number;
  readonly staff: StaffId;
  readonly name: string;
  readonly text: string;
}

/** A visitor who may not start chats until then. */
export interface Ban {
  /** Short: people type it. */
  readonly id: string;
  readonly at: number;
  readonly until: number;
  /** The visitor as they called themselves. */
  readonly visitor: string;
  readonly by: StaffId;
  readonly why?: string;
  /** What they are known again by, such as an address: all of whom one of these holds are kept out. */
  readonly of?: readonly string[];
  /** The chat in which it was said. */
  readonly chat?: ChatId;
}

/**
 * Something that asks one staff user for an answer. Each kind is refused in its own way.
 * `until` is absolute, so that a restart or a move does not ring longer.
 */
export interface Offer {
  readonly id: string;
  readonly kind: 'request' | 'invitation' | 'transfer';
  readonly chat: ChatId;
  readonly staff: StaffId;
  readonly at: number;
  readonly until: number;
  readonly by?: StaffId;
  readonly why?: string;
  /** Of a transfer to a team: this one. */
  readonly team?: TeamId;
}

/** Why an offer is no longer open. */
export type OfferEnd =
  | { readonly is: 'accepted' }
  | { readonly is: 'declined' }
  | { readonly is: 'taken'; readonly by: StaffId }
  | { readonly is: 'timed-out' }
  | { readonly is: 'unseen' }
  | { readonly is: 'chat-ended' }
  | { readonly is: 'withdrawn' };

/** A message that a visitor left when nobody could answer. */
export interface LeftMessage {
  readonly id: string;
  readonly at: number;
  readonly team: TeamId;
  readonly name: string;
  readonly email: string;
  readonly text: string;
  readonly done: boolean;
}
