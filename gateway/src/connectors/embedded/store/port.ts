/**
 * Where the embedded helpdesk keeps what must outlive the process. Several tenants in one store, each apart.
 * One helpdesk writes for a tenant; any number of visitor sites read.
 */
import type { ArchivePage, ArchiveQuery, PeerMessage } from '../../../helpdesk/archive.ts';
import type {
  Ban,
  ChatId,
  LeftMessage,
  Note,
  StaffId,
  StaffStatus,
  TeamId,
  TenantId,
} from '../../../helpdesk/model.ts';
import type { ChatLine, ChatState } from '../chat/chat.ts';
import type { FileStore } from './file-store.ts';

/** What the helpdesk shows of a staff user, kept so that it is the same after a restart. */
export interface StaffRecord {
  readonly id: StaffId;
  readonly status: StaffStatus;
  readonly text?: string;
  /** When this staff user last took or ended a chat, or came online. */
  readonly idleSince: number;
}

/** Who has, or had last, a username. */
export interface KnownPerson {
  readonly id: StaffId;
  readonly name: string;
  /** The same as long as the password is, and nobody else's. */
  readonly account: string;
  /** Is staff no more: the archive under this username is closed. */
  readonly gone: boolean;
}

/** A left message on its way to the tenant's webhook. */
export interface Delivery {
  readonly message: string;
  readonly attempts: number;
  readonly nextAt: number;
  /** Given up then. */
  readonly expires: number;
}

/** Somebody who was added to a lab tenant while it ran. */
export interface LabAccount {
  /** Canonical. */
  readonly username: string;
  readonly name: string;
  readonly email?: string;
  /** Of the password. */
  readonly hash: string;
}

/** By what a banned visitor is known again, each in one form for all the ways to write it. */
export interface Banned {
  readonly address?: string;
  readonly email?: string;
}

/** A line by its id, or by the id that its author's app gave it. */
export type LineName = { readonly id: string } | { readonly staff: StaffId; readonly ref: string };

export type StoreChange =
  /** `ticket` (hexadecimal SHA-256 of the visitor's token) comes with the first one of a chat */
  | { readonly is: 'chat'; readonly chat: ChatState; readonly ticket?: string }
  /** `readers` have it, and all lines of this chat before it, in their archives */
  | { readonly is: 'line'; readonly chat: ChatId; readonly line: ChatLine; readonly readers?: readonly StaffId[] }
  | { readonly is: 'note'; readonly chat: ChatId; readonly note: Note }
  /** a known id is kept once; `waits`: until it has arrived */
  | { readonly is: 'peer-message'; readonly message: PeerMessage; readonly waits?: boolean }
  | { readonly is: 'peer-messages-arrived'; readonly staff: StaffId; readonly ids: readonly string[] }
  | { readonly is: 'ban'; readonly ban: Omit<Ban, 'id' | 'of'>; readonly who: Banned }
  | { readonly is: 'ban-lifted'; readonly id: string; readonly at: number }
  | { readonly is: 'staff'; readonly staff: StaffRecord }
  /** `isAnother`: not the one who had the username before, of whom nothing is theirs to read */
  | { readonly is: 'person'; readonly person: KnownPerson; readonly isAnother?: true }
  | { readonly is: 'call'; readonly id: string; readonly at: number }
  | { readonly is: 'left-message'; readonly message: LeftMessage; readonly messageId: string }
  | { readonly is: 'message-done'; readonly id: string; readonly at: number }
  | { readonly is: 'delivery'; readonly delivery: Delivery }
  | { readonly is: 'delivered'; readonly message: string }
  /** does nothing when the username is taken: what is stored then says whose it is */
  | { readonly is: 'account'; readonly account: LabAccount }
  /** with the status that was kept of them */
  | { readonly is: 'account-gone'; readonly username: string };

/** What a helpdesk starts from. */
export interface StoredTenant {
  /** Those that are not over. */
  readonly chats: readonly ChatState[];
  readonly staff: readonly StaffRecord[];
  readonly deliveries: readonly Delivery[];
  readonly people: readonly KnownPerson[];
  /** Number of the newest left message, 0 if there is none. */
  readonly lastMessage: number;
}

/** Why a store cannot be opened: one line that says what to do. */
export class StoreOpenError extends Error {}

export interface EmbeddedStore {
  readonly files: FileStore;
  load(tenant: TenantId): Promise<StoredTenant>;
  /**
   * All of it or nothing. What is written for one tenant in the same run of the event loop is one transaction,
   * and a tenant's writes resolve in their order. When one fails, all of this tenant's in that run fail.
   */
  write(tenant: TenantId, changes: readonly StoreChange[]): Promise<void>;
  /** Was this call committed? Known for at least 24 hours. */
  knowsCall(tenant: TenantId, id: string): Promise<boolean>;
  /** Forgets calls older than `before`. */
  forgetCalls(before: number): Promise<void>;

  /** A chat, over or not, with the hash of its ticket. */
  chat(tenant: TenantId, chat: ChatId): Promise<{ readonly chat: ChatState; readonly ticket: string } | undefined>;
  /** Chats that wait now. */
  countWaiting(tenant: TenantId): Promise<number>;
  staff(tenant: TenantId): Promise<readonly StaffRecord[]>;
  /** Lines with numbers greater than `after`, oldest first; of what was taken back there is no text. */
  lines(tenant: TenantId, chat: ChatId, after: number, limit: number): Promise<readonly ChatLine[]>;
  /** Is there a line with this id ({@link ChatLine.id})? */
  hasLine(tenant: TenantId, chat: ChatId, id: string): Promise<boolean>;
  findLine(tenant: TenantId, chat: ChatId, name: LineName): Promise<ChatLine | undefined>;
  /** Has its author taken the line with this id back? */
  isTakenBack(tenant: TenantId, chat: ChatId, id: string): Promise<boolean>;
  /** Is there a line with this message id of the visitor's? */
  knowsLine(tenant: TenantId, chat: ChatId, messageId: string): Promise<boolean>;
  /** Is there a left message with this message id of the visitor's? */
  knowsLeftMessage(tenant: TenantId, messageId: string): Promise<boolean>;
  leftMessage(tenant: TenantId, id: string): Promise<LeftMessage | undefined>;
  /** Of these teams, not done, newest first. */
  leftMessages(tenant: TenantId, teams: readonly TeamId[], limit: number): Promise<readonly LeftMessage[]>;
  /** Oldest first. */
  notes(tenant: TenantId, chat: ChatId): Promise<readonly Note[]>;
  /** In force at `now`, newest first. */
  bans(tenant: TenantId, now: number, limit: number): Promise<readonly Ban[]>;
  /** One that is in force at `now`, by its id or by its chat. */
  ban(tenant: TenantId, id: string, now: number): Promise<Ban | undefined>;
  isBanned(tenant: TenantId, who: Banned, now: number): Promise<boolean>;
  /** As {@link Archive.waiting}. */
  waitingPeerMessages(tenant: TenantId, staff: StaffId, limit: number): Promise<readonly PeerMessage[]>;
  /** Does another one in the same words, with the same {@link PeerMessage.ref}, wait since then? */
  waitsAlready(tenant: TenantId, message: PeerMessage, since: number): Promise<boolean>;
  /** How many wait, `most` at most, and the bytes of those. */
  waitingPeerSize(
    tenant: TenantId,
    staff: StaffId,
    most: number,
  ): Promise<{ readonly texts: number; readonly bytes: number }>;
  /** As {@link Archive.page}. */
  archivePage(tenant: TenantId, staff: StaffId, query: ArchiveQuery): Promise<ArchivePage | undefined>;
  /** Forgets texts between staff that are older than `before`, some at a time; true when there are more. */
  forgetPeerMessages(before: number): Promise<boolean>;
  /** Accounts of a lab tenant, by username. */
  accounts(tenant: TenantId): Promise<readonly LabAccount[]>;
  /** Tells when a tenant's accounts have changed, whoever changed them; returns what stops it. */
  onAccounts(listener: (tenant: TenantId) => void): () => void;
  /** A secret of this tenant's own, made with `fresh` (hexadecimal) the first time. */
  secret(tenant: TenantId, fresh: () => string): Promise<string>;
}
