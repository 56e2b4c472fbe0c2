/**
 * The visitor's side of the embedded helpdesk: what its web pages do and read. Any pod serves any page:
 * acts go through the bus to the desk that owns the tenant, reads come from the store.
 */
import type { ChatHint } from '../../bus/port.ts';
import type { FileRules } from '../../helpdesk/files.ts';
import type { ChatId, EndReason, SharedFile, TeamId, TenantId } from '../../helpdesk/model.ts';

/** What the start form asks beside name, e-mail address and question. */
export interface FormFields {
  readonly phone: boolean;
  readonly fields: readonly { readonly id: string; readonly label: string; readonly required: boolean }[];
}

/** What the start form needs to know. */
export interface Reception {
  /** Name of the helpdesk, as the page's title. */
  readonly name: string;
  /** False outside business hours, or when the helpdesk takes no chats: the form leaves a message. */
  readonly open: boolean;
  readonly teams: readonly {
    readonly id: TeamId;
    readonly name: string;
    /** somebody can answer now */ readonly available: boolean;
  }[];
  readonly form: FormFields;
  /** What visitors may send of files; absent: none. */
  readonly files?: FileRules;
}

/** Facts of the page; every one is a claim of the browser's. */
export interface PageFacts {
  readonly url?: string;
  readonly title?: string;
  readonly referrer?: string;
  readonly userAgent?: string;
  readonly language?: string;
  readonly timeZone?: string;
  /** Seen by the web side, not claimed. */
  readonly address?: string;
}

export interface StartForm {
  /** Client-made id (UUID): the same one again starts no second chat and gets the same answer. */
  readonly messageId: string;
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  /** By the field's id; those that the helpdesk does not ask for are left out. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly team: TeamId;
  readonly question: string;
  readonly page: PageFacts;
}

export interface LeaveMessageForm {
  readonly messageId: string;
  readonly name: string;
  readonly email: string;
  readonly team: TeamId;
  readonly text: string;
  /** Seen by the web side, not claimed. */
  readonly address?: string;
}

/** A visitor's right to one chat: the page keeps it (never in a URL) and shows it with every call. */
export interface Ticket {
  readonly chat: ChatId;
  /** At least 128 bit; the store keeps only its hash. */
  readonly token: string;
}

/** One line as the visitor's page shows it. */
export interface PageLine {
  readonly number: number;
  readonly at: number;
  readonly from:
    | { readonly is: 'you'; /** the client's id of this message */ readonly messageId: string }
    | { readonly is: 'staff'; readonly name: string }
    | { readonly is: 'notice' };
  readonly text: string;
  readonly extra?: PageExtra;
}

/** As {@link LineExtra}, by the numbers that a page knows. */
export type PageExtra =
  | { readonly is: 'correction' | 'retraction' | 'reaction' | 'reply'; readonly of: number }
  | { readonly is: 'file'; readonly file: SharedFile }
  | { readonly is: 'push' };

/** What a page shows: read by line number, so that nothing is lost or doubled over a reconnect. */
export interface ChatView {
  readonly phase:
    | { readonly is: 'waiting' }
    | { readonly is: 'running' }
    | { readonly is: 'ended'; readonly why: EndReason; readonly at: number };
  /** Names of the staff who take part. */
  readonly with: readonly string[];
  readonly teamName: string;
  readonly lines: readonly PageLine[];
  /** Staff have seen the visitor's lines up to this number; 0: none. */
  readonly seen?: number;
  /** True when there are more lines than were asked for. */
  readonly more: boolean;
}

export type SiteRefusal =
  /** no such chat, or not with this token: not told apart */
  | 'not-found'
  | 'ended'
  /** no chat can be started now (hours, or too many wait): leave a message instead */
  | 'closed'
  /** this visitor is banned: no chat, no message, and no reason either */
  | 'banned'
  /** a field is missing, too long, or not of its form */
  | 'bad-form'
  /** the desk has too much to do: try again in a moment */
  | 'busy';

export class SiteError extends Error {
  readonly refusal: SiteRefusal;

  constructor(refusal: SiteRefusal, text: string) {
    super(text);
    this.refusal = refusal;
  }
}

export interface VisitorSite {
  reception(tenant: TenantId): Promise<Reception>;
  /** Resolves when the chat is stored. @throws SiteError */
  start(tenant: TenantId, form: StartForm): Promise<Ticket>;
  /** Resolves when the line is stored. A known `messageId` of this chat is stored once. @throws SiteError */
  say(tenant: TenantId, ticket: Ticket, messageId: string, text: string): Promise<void>;
  /**
   * Says the file that this address leads to (its line has the address as text). Resolves when the line is stored; a
   * known `messageId` of this chat is stored once. @throws SiteError `bad-form` when there is no such file
   */
  share?(tenant: TenantId, ticket: Ticket, messageId: string, url: string): Promise<void>;
  end(tenant: TenantId, ticket: Ticket): Promise<void>;
  /** Resolves when stored. With a ticket it closes that waiting chat. @throws SiteError */
  leaveMessage(tenant: TenantId, form: LeaveMessageForm, ticket?: Ticket): Promise<void>;
  /** Not awaited: the page has shown the lines up to this number. */
  seen?(tenant: TenantId, ticket: Ticket, line: number): void;
  /** The visitor went to another page of the website. */
  visitPage(tenant: TenantId, ticket: Ticket, page: PageFacts): Promise<void>;
  /** Not awaited: the visitor types or stopped; the page is alive. */
  typing(tenant: TenantId, ticket: Ticket, on: boolean): void;
  heard(tenant: TenantId, ticket: Ticket): void;
  /** Lines with numbers greater than `after`. @throws SiteError `not-found` */
  read(tenant: TenantId, ticket: Ticket, after: number): Promise<ChatView>;
  /** Calls back when there is something to read, or when staff type. The ticket has been read with before. */
  watch(tenant: TenantId, chat: ChatId, listener: (hint: ChatHint) => void): () => void;
}
