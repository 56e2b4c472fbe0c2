/**
 * What edge and desk say to each other. Plain JSON: it crosses process borders where the bus is Redis.
 * An edge speaks for one session; a desk speaks for one tenant. No XML of one party travels to another:
 * what a client sent is read into these fields, and stanzas are built from them.
 */
import type { ChatId, StaffId, TenantId, VisitorCard } from '../helpdesk/model.ts';

declare const brand: unique symbol;
/** Identifies one bound stream with its resumed successors; unguessable. */
export type SessionId = string & { readonly [brand]: 'SessionId' };

export type Show = 'available' | 'chat' | 'away' | 'xa' | 'dnd';

/** What an app says of its user's availability. */
export interface Availability {
  readonly show: Show;
  readonly status?: string;
  /** −128…127; below 0 gets no messages addressed to the bare JID. */
  readonly priority: number;
  /** The node of the app's entity capabilities (XEP-0115): which program it is. */
  readonly capsNode?: string;
}

/** XEP-0085 */
export type ChatState = 'active' | 'composing' | 'paused' | 'inactive' | 'gone';

/** What a message says about another one, or brings along beside its text. Ids are as the app that sent it knows them. */
export interface Extras {
  /** XEP-0308: the id of the message that this one corrects. */
  readonly replaces?: string;
  /** XEP-0424: the id of the message that is taken back. There is no body then. */
  readonly retracts?: string;
  /** XEP-0444: reactions to a message, in place of earlier ones. There is no body then. */
  readonly reacts?: { readonly to: string; readonly with: readonly string[] };
  /** XEP-0461: the id of the message that this one answers. */
  readonly answers?: string;
  /** XEP-0066: the address of a file; the body is the same address. */
  readonly url?: string;
  /** XEP-0333: the app wants to know when it was shown. */
  readonly markable?: true;
}

/** A message as an app sent it, reduced to what we understand. */
export interface AppMessage extends Extras {
  /** The stanza's id. */
  readonly id?: string;
  /** XEP-0359 origin-id. */
  readonly originId?: string;
  readonly body?: string;
  readonly state?: ChatState;
  /** XEP-0184: the app asks for a receipt. */
  readonly receipt?: true;
  /** The body is only the fallback of an encrypted payload, or an OTR blob. */
  readonly encrypted?: true;
  /** Where the quotation at the start of the body ends (XEP-0461 with XEP-0428), in UTF-16 units: `body.slice(quoted)`. */
  readonly quoted?: number;
}

/** Whom an app's message is for. */
export type Target =
  | { readonly is: 'visitor'; readonly chat: ChatId }
  /** the contact `Chat Gateway` */
  | { readonly is: 'gateway' };

/** What only the desk knows and an app asks for. */
export type Question =
  | { readonly about: 'visitor-card'; readonly chat: ChatId }
  | { readonly about: 'staff-card'; readonly staff: StaffId }
  /** what can be done here and now (XEP-0050) */
  | { readonly about: 'menu'; readonly at: Target }
  /** visitors who may start no chats, and whom this staff user may let in again (XEP-0191) */
  | { readonly about: 'bans' };

/** A command as a menu shows it; `name` is that of the `$` command. */
export interface MenuEntry {
  readonly name: string;
  readonly title: string;
}

export interface MenuField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text-single' | 'text-multi' | 'list-single' | 'boolean';
  readonly required?: true;
  readonly value?: string;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

export type Answer =
  | { readonly about: 'menu'; readonly entries: readonly MenuEntry[] }
  /** what a command of a menu needs to know before it runs */
  | {
      readonly about: 'form';
      readonly title: string;
      readonly instructions: string;
      readonly fields: readonly MenuField[];
    }
  /**
   * What came of a command of a menu, as text. `failed`: nothing was done, because of a value of the `form`, or because
   * the command itself says so.
   */
  | { readonly about: 'command'; readonly text: string; readonly failed?: 'form' | 'command' }
  /** localparts of visitors' addresses */
  | { readonly about: 'bans'; readonly visitors: readonly string[] }
  | {
      readonly about: 'visitor-card';
      readonly card: VisitorCard;
      /** Seconds since the visitor was last active. */
      readonly idle: number;
      /** The chat as one line of text, as in the contact's status. */
      readonly state: string;
    }
  | {
      readonly about: 'staff-card';
      readonly name: string;
      readonly username: string;
      readonly email?: string;
      readonly teams: readonly string[];
      readonly idle: number;
    }
  /** also for what this staff user may not see */
  | { readonly about: 'nothing' };

/** What happened at an edge or at the tenant's web side, for the desk. */
export type Act =
  | {
      readonly type: 'session-opened';
      readonly session: SessionId;
      readonly staff: StaffId;
      readonly resource: string;
      /** The session that had this resource and is taken over (soft rebind): its presence and chats go on. */
      readonly replaces?: SessionId;
    }
  /** `null`: unavailable, still connected */
  | { readonly type: 'session-presence'; readonly session: SessionId; readonly availability: Availability | null }
  | { readonly type: 'session-carbons'; readonly session: SessionId; readonly on: boolean }
  /** the connection is gone, the session can be resumed or rebound until its window ends */
  | { readonly type: 'session-lost'; readonly session: SessionId }
  | { readonly type: 'session-resumed'; readonly session: SessionId }
  /** clean logout, or the window is over */
  | { readonly type: 'session-closed'; readonly session: SessionId }
  /** roster get; answered by an item of kind `roster` with the same `ask` */
  | { readonly type: 'roster-asked'; readonly session: SessionId; readonly ask: string; readonly version?: string }
  /** answered by an item of kind `answer` with the same `ask` */
  | { readonly type: 'asked'; readonly session: SessionId; readonly ask: string; readonly question: Question }
  | { readonly type: 'message'; readonly session: SessionId; readonly to: Target; readonly message: AppMessage }
  /** a command of a menu; answered by an item of kind `answer` with the same `ask` */
  | {
      readonly type: 'command';
      readonly session: SessionId;
      readonly ask: string;
      readonly at: Target;
      readonly name: string;
      /** Of a form that was filled in; absent: none was. */
      readonly values?: Readonly<Record<string, readonly string[]>>;
    }
  /** the app has proved (SM ack, ping answer) that it got the items with these `proof` marks */
  | { readonly type: 'proved'; readonly session: SessionId; readonly proofs: readonly string[] }
  /** a webhook or an act of a visitor: only the tenant's connector understands it. Ordered per `chat`. */
  | { readonly type: 'site'; readonly chat?: ChatId; readonly input: unknown };

export interface InboxEntry {
  readonly tenant: TenantId;
  /**
   * Known for as long as its writer may write it again; an entry with a known id is dropped.
   * `<session>:<number of the stanza>`, or the visitor's message id.
   */
  readonly id: string;
  readonly act: Act;
}

/** What is state, not a message: it may be lost, and the next one of its kind repairs it. */
export type DeskSignal =
  | { readonly type: 'typing'; readonly session: SessionId; readonly chat: ChatId; readonly state: ChatState }
  /** XEP-0333: the app has shown the messages up to the one with this id */
  | { readonly type: 'displayed'; readonly session: SessionId; readonly chat: ChatId; readonly of: string }
  | { readonly type: 'site'; readonly signal: unknown };

export interface RosterItem {
  /** Bare JID. */
  readonly jid: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a colleague's app said of its message beside the text. */
export interface PeerFacts extends Extras {
  /** The stanza's id: what receipts and corrections refer to. */
  readonly id?: string;
  readonly headline?: true;
  /** XEP-0184: that app asks for a receipt. */
  readonly receipt?: true;
  /** A copy of what was addressed to another app of this staff user, for apps with carbons (XEP-0280). */
  readonly copyOf?: { readonly to: string };
}

/**
 * What a session must get. `from` is a bare JID or full JID of this tenant, already escaped (XEP-0106).
 * Kinds `message`, `refusal` and `receipt` are durable: kept in the outbox until the app proves them. The others are state.
 */
export type Item =
  | {
      readonly kind: 'message';
      readonly from: string;
      readonly body: string;
      /** XEP-0359 id: the same on every copy of a line. */
      readonly stanzaId: string;
      /** Said by the gateway in passing: in no transcript and no archive, so no app may ask what came after it. */
      readonly passing?: true;
      /** Set when this is not said now: when it was (XEP-0203). */
      readonly at?: number;
      /**
       * This staff user's own line: `from` is the app that it was written in, `to` the contact that it was sent to.
       * Other apps with carbons get a `<sent/>` carbon, those without a message from the contact marked "You:".
       * `ref`: the id that the app gave it.
       */
      readonly own?: { readonly to: string; readonly ref?: string };
      /**
       * Reported back once the app has proved that it got this: to the desk in an act `proved`, or to the edge for a
       * colleague's text that is kept. Nothing else repeats it; who gave it this mark does.
       */
      readonly proof?: string;
      /** Ask the app to prove at once that it got this. */
      readonly urgent?: true;
      /** What the line says about another one, by the ids that this app knows. A retraction or reaction has the body that stands in for it. */
      readonly extras?: Extras;
      /** Set when a colleague's app wrote it (edge to edge). */
      readonly peer?: PeerFacts;
    }
  /** a stanza error for a message of this app; `from` is whom it was for */
  | {
      readonly kind: 'refusal';
      readonly from: string;
      /** The id of the refused stanza. */
      readonly of?: string;
      readonly condition:
        'item-not-found' | 'forbidden' | 'not-acceptable' | 'service-unavailable' | 'resource-constraint';
      readonly text?: string;
    }
  /** XEP-0184 receipt for a message of this app */
  | { readonly kind: 'receipt'; readonly from: string; readonly of: string }
  /**
   * XEP-0333: the contact has shown the message of this app with this id, and those before it. `own`: another app of
   * this staff user has shown what that contact wrote; for apps with carbons.
   */
  | { readonly kind: 'marker'; readonly from: string; readonly of: string; readonly own?: { readonly to: string } }
  | { readonly kind: 'chat-state'; readonly from: string; readonly state: ChatState }
  | {
      readonly kind: 'presence';
      readonly from: string;
      readonly show: Show | 'unavailable';
      readonly status?: string;
      readonly priority?: number;
      readonly caps?: 'visitor' | 'staff' | 'gateway';
    }
  /** `items` absent: the version asked for is the current one */
  | { readonly kind: 'roster'; readonly ask: string; readonly version: string; readonly items?: readonly RosterItem[] }
  | {
      readonly kind: 'roster-push';
      readonly version: string;
      readonly item: RosterItem | { readonly jid: string; readonly removed: true };
    }
  | { readonly kind: 'answer'; readonly ask: string; readonly answer: Answer }
  /** a visitor (localpart) was banned, or let in again; for apps that have asked for the list (XEP-0191) */
  | { readonly kind: 'blocked'; readonly change: 'block' | 'unblock'; readonly visitor: string }
  /** built by the edge that holds the session (answers to IQs), or by another edge from typed fields */
  | { readonly kind: 'stanza'; readonly xml: string };
