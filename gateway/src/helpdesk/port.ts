import type {
  Ban,
  Chat,
  ChatId,
  LeftMessage,
  Line,
  LineExtra,
  Note,
  Offer,
  OfferEnd,
  Staff,
  StaffId,
  StaffStatus,
  Team,
  TeamId,
} from './model.ts';

/** What happened at the helpdesk, in the order in which it happened. */
export type HelpdeskEvent =
  /** a chat is new or has changed; the whole chat as it is now */
  | { readonly type: 'chat'; readonly chat: Chat }
  | { readonly type: 'line'; readonly chat: ChatId; readonly line: Line }
  /** one that takes the place of another, of the same staff user in the same chat, comes before the end of that */
  | { readonly type: 'offer'; readonly offer: Offer }
  | { readonly type: 'offer-ended'; readonly offer: Offer; readonly end: OfferEnd }
  | { readonly type: 'typing'; readonly chat: ChatId; readonly on: boolean }
  /** teams and staff as they are now (sent when either changes) */
  | { readonly type: 'directory'; readonly teams: readonly Team[]; readonly staff: readonly Staff[] }
  | { readonly type: 'left-message'; readonly message: LeftMessage }
  /** nobody of the team took over the chat that `by` wanted to hand over; `by` still takes part */
  | { readonly type: 'transfer-failed'; readonly chat: ChatId; readonly by: StaffId; readonly team: TeamId }
  /** a note, for the staff who are in the chat now */
  | { readonly type: 'note'; readonly chat: ChatId; readonly note: Note }
  /** the visitor's page has shown the lines up to this number */
  | { readonly type: 'seen'; readonly chat: ChatId; readonly line: number }
  /** as many chats wait as may: further visitors are asked to leave a message; told when that begins and ends */
  | { readonly type: 'queue-full'; readonly on: boolean };

/** The helpdesk as it is now. Ended chats are not in it. */
export interface Snapshot {
  readonly teams: readonly Team[];
  readonly staff: readonly Staff[];
  readonly chats: readonly Chat[];
  readonly offers: readonly Offer[];
}

/** Identifies one call for good: a call that is made again after a crash carries the same id. */
export interface CallContext {
  readonly id: string;
}

/**
 * A text that a staff user says. `id` becomes {@link Line.id}, `ref` {@link Line.ref}. In what is given to a helpdesk,
 * `extra.of` may also be the `ref` of a line of this staff user's own, and a file needs to have only its `url`.
 */
export interface Words {
  readonly id: string;
  readonly text: string;
  readonly ref?: string;
  readonly extra?: LineExtra;
}

/** Whom a chat is handed over to. */
export type Successor =
  { readonly is: 'staff'; readonly staff: StaffId } | { readonly is: 'team'; readonly team: TeamId };

/**
 * A helpdesk as its staff use it: the port that every connector implements, in chat words, never in XML.
 *
 * Verbs resolve once the helpdesk has committed what they ask for, and reject with a
 * {@link HelpdeskError} from `errors.ts` (nothing was done then). What a verb changes is told through
 * {@link Helpdesk.open}'s listener *before* the verb resolves. A verb called again with a known
 * {@link CallContext.id} does nothing and resolves. The desk makes one call at a time per chat.
 *
 * Optional methods are what only some helpdesks can do; `$help`, menus and roster follow from their presence.
 */
export interface Helpdesk {
  /** Begins to listen. Events that happen from now on are told, none of those before the snapshot. */
  open(listener: (event: HelpdeskEvent) => void): Promise<Snapshot>;
  /** Stops; no event is told after it resolves. */
  close(): Promise<void>;

  /**
   * Takes a waiting chat and says `words` as the first thing the visitor reads; or follows an invitation or a transfer
   * that is open to them, and says `words` after the notice that tells of it. Throws `taken`, `not-found`.
   */
  accept(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void>;
  /** Refuses an offer; `unseen` when no app of theirs proved that it got it. An offer already over is no error. */
  decline(call: CallContext, offer: Offer, why: 'declined' | 'unseen'): Promise<void>;
  /**
   * Says a line in a chat that `staff` takes part in. Throws `not-found` when the chat is over or not theirs, or when
   * there is no line that {@link Words.extra} speaks of (a reply is a text then); `forbidden` to correct or take back
   * somebody else's.
   */
  say(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void>;
  /** Not durable and not awaited: who is typing now. */
  typing(chat: ChatId, staff: StaffId, on: boolean): void;
  /**
   * Ends `staff`'s part in a chat: the chat itself when nobody else takes part in it.
   * @throws HelpdeskError `not-found`
   */
  end(call: CallContext, chat: ChatId, staff: StaffId): Promise<void>;
  /** Goes without ending: the last one to leave gives the chat back to the front of its team's queue. */
  leave(call: CallContext, chat: ChatId, staff: StaffId): Promise<void>;
  /**
   * What the helpdesk shows of this staff user, and whether new chats come to them. `mayReturn`: they did not ask for
   * it, their connection dropped: what waits for them may wait until they are back or the next status is told.
   */
  setStatus(call: CallContext, staff: StaffId, status: StaffStatus, text?: string, mayReturn?: boolean): Promise<void>;
  /**
   * This staff user has been away too long: chats that nobody else is in go back to the front of their teams' queues,
   * in the others they take part no more. They observe nothing any more, and what they are asked is over.
   */
  giveBack(call: CallContext, staff: StaffId): Promise<void>;
  /** Lines with numbers greater than `after`, oldest first, at most `limit`; of running and of ended chats. */
  history(chat: ChatId, after: number, limit: number): Promise<readonly Line[]>;

  /** Can lines be corrected, taken back, reacted to, answered, and be files? Absent: lines are texts alone. */
  readonly extras?: true;
  /**
   * Asks a colleague to take part (an offer of kind `invitation`); `by` takes part. How it ends is told as the end of
   * the offer: `unseen` at once when they are offline. One who is asked already is not asked twice. The offer stays
   * open when `by` leaves, as long as the chat runs. Throws `not-found`; `taken` when `whom` is in it; `forbidden` when
   * too many are asked.
   */
  invite?(call: CallContext, chat: ChatId, by: StaffId, whom: StaffId, why?: string): Promise<void>;
  /**
   * As {@link Helpdesk.invite} (offers of kind `transfer`), and `by` leaves as soon as somebody accepts or joins on such
   * an offer. Members of a team are asked once each, as requests are; the chat is then that team's. The newer transfer
   * of `by` takes the place of their older one, and of their own invitation of `to`. Throws `taken`, too, when another
   * colleague has asked `to`, or hands the chat over to a team.
   */
  transfer?(call: CallContext, chat: ChatId, by: StaffId, to: Successor, why?: string): Promise<void>;
  /**
   * Takes part in a running chat, unasked, and says `words`; an offer that is open to them is accepted by it. An observer
   * observes no more then. Who is in it already only says `words`. Throws `not-found`, also for a chat that waits.
   */
  join?(call: CallContext, chat: ChatId, staff: StaffId, words?: Words): Promise<void>;
  /**
   * Listens in silence to a running chat, or stops to, which is no error where they did not. It stops by itself when
   * the chat goes back to its queue, and when the permission or the sight of the chat is lost. Throws `forbidden`
   * without that permission, or when too many listen; `taken` when they take part; `not-found`.
   */
  observe?(call: CallContext, chat: ChatId, staff: StaffId, on: boolean): Promise<void>;
  /** Writes down something about a chat for staff alone. */
  note?(call: CallContext, chat: ChatId, staff: StaffId, text: string): Promise<void>;
  /** Notes of a chat, oldest first. */
  notes?(chat: ChatId): Promise<readonly Note[]>;
  /** Files a chat under tags, in place of those that it had. */
  tag?(call: CallContext, chat: ChatId, staff: StaffId, tags: readonly string[]): Promise<void>;
  /** Asks the visitor to look at a page: a line whose text is the address. */
  push?(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void>;
  /**
   * Ends the chat, if it goes on, and lets this visitor start none for a time. Also for some minutes after the end, for
   * those who were in it then. Who can be known again by nothing is not banned. Throws `forbidden` without that
   * permission; `not-found`.
   */
  ban?(call: CallContext, chat: ChatId, staff: StaffId, why?: string): Promise<void>;
  /** Bans in force, newest first. */
  bans?(limit: number): Promise<readonly Ban[]>;
  /** `ban`: its id, or the chat in which it was said. Throws `forbidden`, `not-found`. */
  liftBan?(call: CallContext, staff: StaffId, ban: string): Promise<void>;
  /** Sends the transcript to an e-mail address. Absent: no mail is configured. Throws `refused` when it is not taken. */
  mail?(call: CallContext, chat: ChatId, staff: StaffId, address: string): Promise<void>;
  /** Not durable and not awaited: an app of `staff` has shown the lines up to this one. */
  seen?(chat: ChatId, staff: StaffId, line: string): void;

  /** Hands over what came in by the tenant's web side: a webhook, or the embedded helpdesk's visitor page. */
  receive?(call: CallContext, input: unknown): Promise<void>;
  /** As {@link Helpdesk.receive} for what is not durable: a visitor types, a page is alive. */
  hear?(signal: unknown): void;
  /** Messages that visitors left for these teams and that nobody has marked as done, newest first. */
  leftMessages?(teams: readonly TeamId[], limit: number): Promise<readonly LeftMessage[]>;
  /** Marks a left message as read and dealt with. Throws `not-found`. */
  markMessageDone?(call: CallContext, id: string, teams: readonly TeamId[]): Promise<void>;
}

/** A login that the helpdesk said yes to. */
export interface Login {
  readonly staff: StaffId;
  readonly username: string;
}

/** Checks passwords; used by the edge pod that got one, which never sends it on. */
export interface Logins {
  /**
   * @throws HelpdeskError `refused` (unknown, wrong or disabled), or a soft fault: the login is then held.
   */
  verify(username: string, password: string): Promise<Login>;
  /**
   * One form for all the ways to type what {@link Logins.verify} takes for the same name: guesses are counted by it.
   * Asks nobody and says nothing about whether anybody has that name.
   */
  canonical(username: string): string;
}
