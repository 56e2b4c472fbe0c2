import type { ChatId, StaffId, TenantId } from '../helpdesk/model.ts';
import type { Availability, DeskSignal, InboxEntry, Item, SessionId } from './messages.ts';
import type { Soon } from './soon.ts';

/** The desk of this tenant has all it may have pending: stop reading, answer 429. */
export class BusyError extends Error {}
/** Nobody can store this now; hold it and try again. */
export class BusUnavailableError extends Error {}

/** One entry of a session's outbox. */
export interface OutboxEntry {
  /** Grows by one per entry of this session. */
  readonly sequence: number;
  readonly item: Item;
  /** Its XEP-0198 number on the current stream, once it has been written to a socket. */
  number?: number | undefined;
}

/** What the edge that holds a session is told. All of it comes in one order. */
export interface SessionReceiver {
  /** Entries to number and write. State items come without being kept. */
  receive(entries: readonly (OutboxEntry | { readonly item: Item })[]): void;
  /** Another stream has the session or its resource now: close the socket silently. Told after a `detach` too. */
  superseded(): void;
  /**
   * Nobody came back in the time given to {@link SessionHandle.detach}, or the session was given up earlier for another
   * one of its account. The bus tells the desk (`session-closed`); what the edge keeps of it can go.
   */
  expired(): void;
  /** Is the app there? Answered within 3 s by a ping on the socket; false when it does not answer. */
  probe(): Promise<boolean>;
}

/** Where a session is and what routing needs to know of it. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly staff: StaffId;
  /** Canonical bare JID. */
  readonly bareJid: string;
  readonly resource: string;
  readonly pod: string;
  /** Grows with every claim; a write under an older one is refused. */
  readonly epoch: number;
  /** Set once `<enable/>` was answered. */
  readonly resumption?: { readonly id: string; readonly window: number } | undefined;
  readonly availability: Availability | null;
  readonly carbons: boolean;
  readonly attached: boolean;
  /** Stanzas of this app that are handled and stored (XEP-0198 `h`), modulo 2^32. */
  readonly handled: number;
  /** Highest XEP-0198 number written to the app, modulo 2^32. */
  readonly written: number;
}

/** The holder's side of a session. Every write fails with {@link SupersededError} once another stream has it. */
export interface SessionHandle {
  readonly record: SessionRecord;
  /**
   * Adds an item of the edge's own to this session's outbox (answers to IQs): kept while this pod lives. The entry is
   * returned, not received, so that it is written in the order in which the edge made it.
   */
  add(item: Item): OutboxEntry;
  /** Notes what is about to be written to the socket, or acknowledged; nothing to wait for: that is stored. */
  note(
    change: Partial<Pick<SessionRecord, 'handled' | 'written' | 'availability' | 'carbons' | 'resumption'>> & {
      readonly numbers?: readonly OutboxEntry[];
    },
  ): Soon<void>;
  /** Forgets entries that the app has proved, and returns them. */
  proved(isProved: (entry: OutboxEntry) => boolean): readonly OutboxEntry[];
  /** Entries not proved yet, oldest first. */
  pending(): readonly OutboxEntry[];
  /** The socket is gone; the session waits `ms` for a resume or a soft rebind, then it is over. */
  detach(ms: number): void;
  /** A clean end. */
  close(): void;
}

export class SupersededError extends Error {}

/** A bind: which resource it got, and whose place it takes. */
export interface Bound {
  readonly handle: SessionHandle;
  readonly replaces?: SessionId;
}

export interface BindRequest {
  readonly tenant: TenantId;
  readonly staff: StaffId;
  readonly bareJid: string;
  /** Absent: the lowest of `app-1`, `app-2`… that is free or whose holder does not answer. */
  readonly resource?: string;
  readonly maxResources: number;
}

export type Resumed =
  | { readonly is: 'resumed'; readonly handle: SessionHandle }
  /** `handled` when the count of this account's own session is still known (24 h, over restarts) */
  | { readonly is: 'gone'; readonly handled?: number };

/** Sessions: the directory, binding and resuming. */
export interface Sessions {
  /**
   * Takes a resource. One in use is probed; alive, the new one gets a suffix; no answer in 3 s, it is taken over.
   * @throws TooManyResourcesError
   */
  bind(request: BindRequest, pod: string, receiver: SessionReceiver): Promise<Bound>;
  /**
   * Claims the session with this resumption id, if it is this account's; the old stream is superseded. `accept`
   * looks at the record and refuses (then nothing is claimed) when the client's count cannot be right.
   */
  resume(
    resumption: string,
    account: { readonly tenant: TenantId; readonly staff: StaffId },
    pod: string,
    receiver: SessionReceiver,
    accept: (record: SessionRecord) => boolean,
  ): Promise<Resumed>;
  /** Sessions of one account, attached or waiting to be resumed. */
  of(tenant: TenantId, staff: StaffId): Soon<readonly SessionRecord[]>;
  /** Edge to edge: a durable item for a session. False when there is no such session. */
  deliver(session: SessionId, item: Item): Soon<boolean>;
}

export class TooManyResourcesError extends Error {}

/** One output of a desk: the same item for one or many sessions, in order. */
export interface Delivery {
  readonly sessions: readonly SessionId[];
  readonly item: Item;
}

/** What one handled entry changes; stored as a whole or not at all. */
export interface Commit {
  /** Fields of the desk's state: JSON, or `null` to remove. */
  readonly changes: ReadonlyMap<string, string | null>;
  readonly deliveries: readonly Delivery[];
}

/** What a desk starts from and writes to. */
export interface DeskSeat {
  /** The last committed state. */
  readonly state: ReadonlyMap<string, string>;
  /** Sessions that are attached or may be resumed, with what routing knows of them; none after a restart of everything. */
  readonly sessions: readonly SessionRecord[];
  /** Deliveries go out at once and in order; resolves when the changes are stored. */
  commit(step: Commit): Promise<void>;
}

/** The pod's side of desks: told which tenants are its own. */
export interface DeskHost {
  /** This pod's turn. Resolves when the desk can handle entries. */
  start(tenant: TenantId, desk: DeskSeat): Promise<void>;
  /** Hand over, also in the middle of a start: resolves when nothing more will be committed. Open entries are rejected. */
  stop(tenant: TenantId): Promise<void>;
  /**
   * Called in the order of the entries, without waiting for the one before: the step that an entry causes runs
   * before this returns, the helpdesk calls that it asks for run beside those of other chats. Resolves when all
   * of it is committed (a refusal that was told to the staff user counts), so that the entry may be acknowledged.
   */
  handle(entry: InboxEntry): Promise<void>;
  signal(tenant: TenantId, signal: DeskSignal): void;
}

/** Something to look at again in a chat; a page that misses one is repaired by its next read. */
export type ChatHint =
  | { readonly type: 'changed' }
  | { readonly type: 'typing'; readonly name: string; readonly on: boolean }
  /** staff have seen the visitor's lines up to this number */
  | { readonly type: 'seen'; readonly line: number };

/** What a desk's state and the counts of ended streams are kept in. */
export interface Checkpoints {
  load(tenant: TenantId): Promise<ReadonlyMap<string, string>>;
  write(tenant: TenantId, changes: ReadonlyMap<string, string | null>): Promise<void>;
  /** Keeps the `h` of a stream by its resumption id until `expires`. */
  saveCount(
    resumption: string,
    count: { readonly tenant: TenantId; readonly staff: StaffId; readonly handled: number },
    expires: number,
  ): Promise<void>;
  findCount(
    resumption: string,
    now: number,
  ): Promise<{ readonly tenant: TenantId; readonly staff: StaffId; readonly handled: number } | undefined>;
}

/** How edges, desks and web sides reach each other, on one machine or over Redis. */
export interface Bus {
  /** Edge or web → desk. Resolves when stored; a known id is dropped and resolves. */
  put(entry: InboxEntry): Promise<void>;
  /** Edge or web → desk, not durable. */
  signal(tenant: TenantId, signal: DeskSignal): void;
  readonly sessions: Sessions;
  /** Joins the pods that host desks; resolves to what leaves again, handing the desks over. */
  join(pod: string, host: DeskHost): Promise<() => Promise<void>>;
  /** The tenants that exist now. Desks that are gone have stopped when it resolves; starts go on by themselves. */
  setTenants(tenants: readonly TenantId[]): Promise<void>;
  /** Web: wakes those who watch a chat. */
  wake(tenant: TenantId, chat: ChatId, hint: ChatHint): void;
  watch(tenant: TenantId, chat: ChatId, listener: (hint: ChatHint) => void): () => void;
}
