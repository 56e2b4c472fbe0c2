import type { ChatId, Line, LineExtra, StaffId, TenantId } from './model.ts';

/** A text from one staff user to another (or to their own account). */
export interface PeerMessage {
  /** The stanza id on every copy (XEP-0359). */
  readonly id: string;
  readonly at: number;
  readonly from: StaffId;
  readonly to: StaffId;
  readonly text: string;
  /** The id that the author's app gave it. */
  readonly ref?: string;
  /** `of`: as the author's app wrote it. */
  readonly extra?: LineExtra;
}

/** What one staff user's archive holds, in the order in which it was stored. */
export type Archived =
  | { readonly is: 'line'; readonly chat: ChatId; readonly line: Line }
  | { readonly is: 'peer'; readonly message: PeerMessage };

/** XEP-0313 §4, in our words. Times are inclusive; ids are stanza ids. */
export interface ArchiveQuery {
  readonly with?: { readonly is: 'chat'; readonly chat: ChatId } | { readonly is: 'staff'; readonly staff: StaffId };
  readonly start?: number;
  readonly end?: number;
  /** Only these, in the archive's order. */
  readonly ids?: readonly string[];
  /** Only what is newer than this one, and only what is older than that one. */
  readonly newerThan?: string;
  readonly olderThan?: string;
  /** The page that follows this one, or goes before that one. */
  readonly after?: string;
  readonly before?: string;
  /** The newest of what matches; otherwise the oldest. */
  readonly fromEnd?: true;
  readonly limit: number;
}

export interface ArchivePage {
  /** Oldest first. */
  readonly entries: readonly Archived[];
  /** Nothing more matches in the direction of the query. */
  readonly complete: boolean;
  /** How many match, without what names other messages, and `limit`. */
  readonly count: number;
  /** Position of the first entry among those, from 0. */
  readonly index: number;
}

/** What staff said and heard, kept for apps that were not there: used by edges, as {@link Logins} is. */
export interface Archive {
  /**
   * Keeps a text between staff; resolves when it is stored. A known id is kept once, as it is. `waits`: it is one of
   * {@link Archive.waiting} until it has arrived. `again`: an app has sent it in another stream, and there it waits: it
   * is not kept twice.
   */
  add(tenant: TenantId, message: PeerMessage, waits?: boolean): Promise<'kept' | 'again'>;
  /** Texts to this staff user that no app of theirs has got, oldest first. */
  waiting(tenant: TenantId, staff: StaffId, limit: number): Promise<readonly PeerMessage[]>;
  /** Whether one more may wait for this staff user. */
  hasRoom(tenant: TenantId, staff: StaffId): Promise<boolean>;
  /** These wait no more. */
  arrived(tenant: TenantId, staff: StaffId, ids: readonly string[]): Promise<void>;
  /**
   * A page of what this staff user may read: lines of chats that they take or took part in, up to their parting, and
   * their texts with colleagues. `after` and `before` may be ids of any lines of this tenant: an app that was only
   * asked to take a chat knows some of it. `undefined`: there is no such line or text.
   */
  page(tenant: TenantId, staff: StaffId, query: ArchiveQuery): Promise<ArchivePage | undefined>;
}
