/**
 * A visitor site in memory, and the staff side of it for tests: what the page's own tests need of a helpdesk,
 * without desk, bus or store.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '@chat-gateway/runtime';
import {
  type ChatView,
  type LeaveMessageForm,
  type PageExtra,
  type PageFacts,
  type PageLine,
  type Reception,
  SiteError,
  type SiteRefusal,
  type StartForm,
  type Ticket,
  type VisitorSite,
} from '../../connectors/embedded/visitor-site.ts';
import type { ChatId, EndReason, SharedFile, TeamId, TenantId } from '../../helpdesk/model.ts';

type Hint = Parameters<Parameters<VisitorSite['watch']>[2]>[0];

export interface MemoryChat {
  readonly tenant: TenantId;
  readonly ticket: Ticket;
  readonly form: StartForm;
  phase: ChatView['phase'];
  with: string[];
  readonly lines: PageLine[];
  readonly pages: PageFacts[];
  /** Times at which the page was heard. */
  readonly heard: number[];
  /** What the visitor's typing was last told as. */
  readonly typing: boolean[];
  /** Lines that the page has shown, as it told. */
  readonly shown: number[];
  /** What staff have seen. */
  seen: number;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export class MemorySite implements VisitorSite {
  readonly chats = new Map<string, MemoryChat>();
  readonly left: { form: LeaveMessageForm; ticket: Ticket | undefined }[] = [];
  /** Calls of each verb, refused ones too. */
  readonly calls: string[] = [];
  /** Lines in one read. */
  pageSize = 200;
  open = true;
  teams = [
    { id: 'sales', name: 'Sales', available: true },
    { id: 'support', name: 'Support', available: true },
  ];
  form: Reception['form'] = { phone: false, fields: [] };
  files: Reception['files'];
  /** Files that were uploaded, by their address. */
  readonly uploaded = new Map<string, SharedFile>();
  fileAt = async (_tenant: TenantId, url: string): Promise<SharedFile | undefined> =>
    await Promise.resolve(this.uploaded.get(url));
  /** Awaited before each verb: lets a test hold or refuse it. */
  before: (verb: string) => Promise<void> | void = () => undefined;
  readonly #clock: Clock;
  readonly #watchers = new Map<string, Set<(hint: Hint) => void>>();
  readonly #started = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  // The visitor's side.

  async reception(tenant: TenantId): Promise<Reception> {
    await this.#begin('reception');
    const teams = this.teams.map((team) => ({ ...team, id: team.id as TeamId }));
    return {
      name: `Helpdesk of ${tenant}`,
      open: this.open,
      teams,
      form: this.form,
      ...(this.files !== undefined && { files: this.files }),
    };
  }

  async start(tenant: TenantId, form: StartForm): Promise<Ticket> {
    await this.#begin('start');
    const known = this.#started.get(`${tenant} ${form.messageId}`);
    if (known !== undefined) return known;
    if (!this.open) throw refused('bad-form');
    const ticket: Ticket = {
      chat: digest(`chat ${tenant} ${form.messageId}`).slice(0, 26) as ChatId,
      token: digest(`token ${tenant} ${form.messageId}`),
    };
    this.#started.set(`${tenant} ${form.messageId}`, ticket);
    const chat: MemoryChat = {
      tenant,
      ticket,
      form,
      phase: { is: 'waiting' },
      with: [],
      lines: [],
      pages: [form.page],
      heard: [],
      typing: [],
      shown: [],
      seen: 0,
    };
    this.chats.set(ticket.chat, chat);
    this.#add(chat, { is: 'you', messageId: form.messageId }, form.question);
    return ticket;
  }

  async say(tenant: TenantId, ticket: Ticket, messageId: string, text: string): Promise<void> {
    await this.#begin('say');
    const chat = this.#chat(tenant, ticket);
    if (chat.lines.some(({ from }) => from.is === 'you' && from.messageId === messageId)) return;
    if (chat.phase.is === 'ended') throw refused('ended');
    this.#add(chat, { is: 'you', messageId }, text);
  }

  async share(tenant: TenantId, ticket: Ticket, messageId: string, url: string): Promise<void> {
    await this.#begin('share');
    const chat = this.#chat(tenant, ticket);
    if (chat.lines.some(({ from }) => from.is === 'you' && from.messageId === messageId)) return;
    if (chat.phase.is === 'ended') throw refused('ended');
    const file = await this.fileAt(tenant, url);
    if (file === undefined) throw refused('bad-form');
    this.#add(chat, { is: 'you', messageId }, url, { is: 'file', file });
  }

  async end(tenant: TenantId, ticket: Ticket): Promise<void> {
    await this.#begin('end');
    const chat = this.#chat(tenant, ticket);
    if (chat.phase.is !== 'ended') this.endChat(chat, 'visitor');
  }

  async leaveMessage(tenant: TenantId, form: LeaveMessageForm, ticket?: Ticket): Promise<void> {
    await this.#begin('leaveMessage');
    if (this.left.some((message) => message.form.messageId === form.messageId)) return;
    if (ticket !== undefined) {
      const chat = this.#chat(tenant, ticket);
      if (chat.phase.is !== 'ended') this.endChat(chat, 'unanswered');
    }
    this.left.push({ form, ticket });
  }

  async visitPage(tenant: TenantId, ticket: Ticket, page: PageFacts): Promise<void> {
    await this.#begin('visitPage');
    this.#chat(tenant, ticket).pages.push(page);
  }

  typing(tenant: TenantId, ticket: Ticket, on: boolean): void {
    this.#chat(tenant, ticket).typing.push(on);
  }

  seen(tenant: TenantId, ticket: Ticket, line: number): void {
    this.#chat(tenant, ticket).shown.push(line);
  }

  heard(tenant: TenantId, ticket: Ticket): void {
    this.#chat(tenant, ticket).heard.push(this.#clock.now());
  }

  async read(tenant: TenantId, ticket: Ticket, after: number): Promise<ChatView> {
    await this.#begin('read');
    const chat = this.#chat(tenant, ticket);
    const newer = chat.lines.filter((line) => line.number > after);
    const lines = newer.slice(0, this.pageSize);
    const teamName = this.teams.find(({ id }) => id === chat.form.team)?.name ?? '';
    const more = newer.length > lines.length;
    return { phase: chat.phase, with: [...chat.with], teamName, lines, seen: chat.seen, more };
  }

  watch(tenant: TenantId, chat: ChatId, listener: (hint: Hint) => void): () => void {
    const key = `${tenant} ${chat}`;
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(listener));
    return () => {
      watchers.delete(listener);
      if (watchers.size === 0) this.#watchers.delete(key);
    };
  }

  // The staff side.

  /** The newest chat. */
  newest(): MemoryChat {
    const chat = [...this.chats.values()].at(-1);
    if (chat === undefined) throw new Error('no chat was started');
    return chat;
  }

  get watched(): number {
    return this.#watchers.size;
  }

  answer(chat: MemoryChat, name: string, text: string, extra?: PageExtra): PageLine {
    if (!chat.with.includes(name)) {
      chat.with.push(name);
      chat.phase = { is: 'running' };
      this.notice(chat, `▸ ${name} joined the chat.`);
    }
    return this.#add(chat, { is: 'staff', name }, text, extra);
  }

  leave(chat: MemoryChat, name: string): void {
    chat.with = chat.with.filter((other) => other !== name);
    this.notice(chat, `▸ ${name} left the chat.`);
  }

  /** Staff have seen the visitor's lines up to this one. */
  staffSee(chat: MemoryChat, line: number): void {
    chat.seen = line;
    this.#hint(chat, { type: 'seen', line });
  }

  notice(chat: MemoryChat, text: string): void {
    this.#add(chat, { is: 'notice' }, text);
  }

  staffTypes(chat: MemoryChat, name: string, on: boolean): void {
    this.#hint(chat, { type: 'typing', name, on });
  }

  endChat(chat: MemoryChat, why: EndReason): void {
    chat.phase = { is: 'ended', why, at: this.#clock.now() };
    this.#hint(chat, { type: 'changed' });
  }

  /** Changes without a hint, as when one is lost. */
  addSilently(chat: MemoryChat, name: string, text: string): void {
    chat.lines.push({ number: chat.lines.length + 1, at: this.#clock.now(), from: { is: 'staff', name }, text });
  }

  async #begin(verb: string): Promise<void> {
    this.calls.push(verb);
    await this.before(verb);
  }

  #chat(tenant: TenantId, ticket: Ticket): MemoryChat {
    const chat = this.chats.get(ticket.chat);
    if (chat === undefined || chat.tenant !== tenant || chat.ticket.token !== ticket.token) throw refused('not-found');
    return chat;
  }

  #add(chat: MemoryChat, from: PageLine['from'], text: string, extra?: PageExtra): PageLine {
    const number = chat.lines.length + 1;
    const line = { number, at: this.#clock.now(), from, text, ...(extra !== undefined && { extra }) };
    chat.lines.push(line);
    this.#hint(chat, { type: 'changed' });
    return line;
  }

  #hint(chat: MemoryChat, hint: Hint): void {
    for (const listener of this.#watchers.get(`${chat.tenant} ${chat.ticket.chat}`) ?? []) listener(hint);
  }
}

export function refused(refusal: SiteRefusal): SiteError {
  return new SiteError(refusal, refusal);
}
