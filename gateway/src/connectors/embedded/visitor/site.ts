import type { Clock, Logger } from '@chat-gateway/runtime';
import { type Bus, BusUnavailableError, BusyError, type ChatHint } from '../../../bus/port.ts';
import type { Limits, TenantConfig } from '../../../config/schema.ts';
import type { Tenant, Tenants } from '../../../config/tenants.ts';
import { HelpdeskError } from '../../../helpdesk/errors.ts';
import type { Files } from '../../../helpdesk/files.ts';
import type { ChatId, TenantId } from '../../../helpdesk/model.ts';
import { bannedOf } from '../bans.ts';
import type { ChatState } from '../chat/chat.ts';
import { Directory } from '../staff/directory.ts';
import { factsOf, leftMessageOf, messageIdOf, startOf, textOf } from './forms.ts';
import { isOpenAt } from '../hours.ts';
import { pageLine } from './page-line.ts';
import type { Banned, EmbeddedStore } from '../store/port.ts';
import { hashToken, isToken, ticketOf } from './tickets.ts';
import {
  type ChatView,
  type LeaveMessageForm,
  type PageFacts,
  type Reception,
  SiteError,
  type StartForm,
  type Ticket,
  type VisitorSite,
} from '../visitor-site.ts';
import type { SiteInput, SiteSignal } from './wire.ts';

export interface VisitorSiteDeps {
  readonly bus: Pick<Bus, 'put' | 'signal' | 'watch'>;
  readonly store: EmbeddedStore;
  readonly tenants: Pick<Tenants, 'get'>;
  readonly clock: Clock;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
  readonly log: Logger;
  readonly limits: Limits;
  /** Absent: nobody sends files here. */
  readonly files?: Pick<Files, 'at' | 'rules'>;
}

/** Lines of one read. */
const PAGE_LINES = 200;
/** Tickets whose hash is kept in memory, for what comes every few seconds. */
const MAX_HASHES = 20_000;

const notFound = () => new SiteError('not-found', 'There is no such chat.');
const banned = () => new SiteError('banned', 'No chat can be started now.');
const ended = () => new SiteError('ended', 'This chat is over.');

export function createVisitorSite(deps: VisitorSiteDeps): VisitorSite {
  return new EmbeddedSite(deps);
}

class EmbeddedSite implements VisitorSite {
  readonly #deps: VisitorSiteDeps;
  readonly #directories = new WeakMap<TenantConfig, Directory>();
  readonly #hashes = new Map<string, string>();

  constructor(deps: VisitorSiteDeps) {
    this.#deps = deps;
  }

  async reception(id: TenantId): Promise<Reception> {
    const { store } = this.#deps;
    const tenant = this.#tenant(id);
    const directory = this.#directory(tenant);
    const staff = await store.staff(id);
    const online = new Set(staff.filter((one) => one.status === 'online').map((one) => one.id));
    const files = this.#deps.files?.rules(id);
    return {
      name: tenant.config.name ?? tenant.domain,
      open: await this.#isOpen(tenant),
      teams: directory.publicTeams.map((team) => ({
        ...team,
        available: directory.members(team.id).some((member) => online.has(member)),
      })),
      form: tenant.config.helpdesk.form,
      ...(files !== undefined && { files }),
    };
  }

  async start(id: TenantId, form: StartForm): Promise<Ticket> {
    const { store } = this.#deps;
    const tenant = this.#tenant(id);
    const messageId = messageIdOf(form.messageId);
    const fields = startOf(form, tenant.config.helpdesk.form.fields);
    if (!this.#directory(tenant).isPublic(fields.team)) throw new SiteError('bad-form', 'There is no such team.');
    const ticket = ticketOf(await this.#secret(id), messageId);
    if ((await store.chat(id, ticket.chat)) !== undefined) return ticket;
    if (await this.#isBanned(id, bannedOf({ address: fields.page.address, email: fields.email }))) throw banned();
    if (!(await this.#isOpen(tenant))) throw new SiteError('closed', 'No chat can be started now: leave a message.');
    await this.#put(id, `start:${messageId}`, {
      type: 'start',
      chat: ticket.chat,
      ticket: hashToken(ticket.token),
      messageId,
      ...fields,
    });
    return ticket;
  }

  async say(id: TenantId, ticket: Ticket, clientId: string, raw: string): Promise<void> {
    await this.#says(id, ticket, clientId, async (chat, messageId) => {
      return { type: 'say', chat, messageId, text: textOf(raw, 'The message') };
    });
  }

  async share(id: TenantId, ticket: Ticket, clientId: string, url: string): Promise<void> {
    await this.#says(id, ticket, clientId, async (chat, messageId) => {
      const found = await this.#deps.files?.at(id, url);
      if (found === undefined) throw new SiteError('bad-form', 'There is no such file.');
      const { name, type, size } = found;
      return { type: 'share', chat, messageId, file: { name, type, size, url: found.url } };
    });
  }

  async end(id: TenantId, ticket: Ticket): Promise<void> {
    const chat = await this.#chat(id, ticket);
    if (chat.is === 'ended') return;
    await this.#put(id, `end:${chat.id}:${this.#deps.random(8)}`, { type: 'end', chat: chat.id });
  }

  async leaveMessage(id: TenantId, form: LeaveMessageForm, ticket?: Ticket): Promise<void> {
    const { store } = this.#deps;
    const directory = this.#directory(this.#tenant(id));
    const messageId = messageIdOf(form.messageId);
    const fields = leftMessageOf(form);
    if (!directory.isPublic(fields.team)) throw new SiteError('bad-form', 'There is no such team.');
    const chat = ticket && (await this.#chat(id, ticket));
    if (await store.knowsLeftMessage(id, messageId)) return;
    const { email } = fields;
    const address = form.address ?? chat?.card.address;
    if (await this.#isBanned(id, bannedOf({ email, address }))) throw banned();
    await this.#put(id, `leave:${messageId}`, {
      type: 'leave-message',
      messageId,
      ...fields,
      ...(chat !== undefined && { chat: chat.id }),
    });
  }

  async visitPage(id: TenantId, ticket: Ticket, page: PageFacts): Promise<void> {
    const chat = await this.#chat(id, ticket);
    if (chat.is === 'ended') return;
    const facts = factsOf(page);
    await this.#put(id, `visit:${chat.id}:${this.#deps.random(8)}`, { type: 'visit', chat: chat.id, page: facts });
  }

  typing(id: TenantId, ticket: Ticket, on: boolean): void {
    this.#signal(id, ticket, { type: 'typing', chat: ticket.chat, on });
  }

  seen(id: TenantId, ticket: Ticket, line: number): void {
    if (!Number.isSafeInteger(line) || line < 1) return;
    this.#signal(id, ticket, { type: 'seen', chat: ticket.chat, line });
  }

  heard(id: TenantId, ticket: Ticket): void {
    this.#signal(id, ticket, { type: 'heard', chat: ticket.chat });
  }

  async read(id: TenantId, ticket: Ticket, after: number): Promise<ChatView> {
    const directory = this.#directory(this.#tenant(id));
    const chat = await this.#chat(id, ticket);
    const lines = await this.#deps.store.lines(id, chat.id, after, PAGE_LINES + 1);
    return {
      phase: chat.is === 'ended' ? { is: 'ended', why: chat.why, at: chat.at } : { is: chat.is },
      with: chat.is === 'running' ? chat.participants.map((staff) => directory.nameOf(staff)) : [],
      teamName: directory.teamName(chat.team),
      lines: lines.slice(0, PAGE_LINES).map(pageLine),
      ...(chat.seen !== undefined && { seen: chat.seen }),
      more: lines.length > PAGE_LINES,
    };
  }

  watch(id: TenantId, chat: ChatId, listener: (hint: ChatHint) => void): () => void {
    return this.#deps.bus.watch(id, chat, listener);
  }

  #tenant(id: TenantId): Tenant {
    const tenant = this.#deps.tenants.get(id);
    if (tenant === undefined) throw new SiteError('not-found', 'There is no such helpdesk.');
    return tenant;
  }

  #directory({ config }: Tenant): Directory {
    const known = this.#directories.get(config) ?? new Directory(config);
    this.#directories.set(config, known);
    return known;
  }

  /** Says what `inputOf` makes of it, once for a message id. */
  async #says(
    id: TenantId,
    ticket: Ticket,
    clientId: string,
    inputOf: (chat: ChatId, messageId: string) => Promise<SiteInput>,
  ): Promise<void> {
    const { store } = this.#deps;
    const chat = await this.#chat(id, ticket);
    const messageId = messageIdOf(clientId);
    if (await store.knowsLine(id, chat.id, messageId)) return;
    if (chat.is === 'ended') throw ended();
    await this.#put(id, `say:${chat.id}:${messageId}`, await inputOf(chat.id, messageId));
    // it may have ended in between; then nothing was said
    if (await store.knowsLine(id, chat.id, messageId)) return;
    if ((await this.#chat(id, ticket)).is === 'ended') throw ended();
  }

  #isBanned(id: TenantId, who: Banned): Promise<boolean> {
    return this.#deps.store.isBanned(id, who, this.#deps.clock.now());
  }

  async #isOpen({ id, config }: Tenant): Promise<boolean> {
    const { store, clock, limits } = this.#deps;
    if (!isOpenAt(config.helpdesk.hours, config.timeZone, clock.now())) return false;
    return (await store.countWaiting(id)) < limits.waitingChatsPerTenant;
  }

  #secret(id: TenantId): Promise<string> {
    return this.#deps.store.secret(id, () => this.#deps.random(32));
  }

  /** @throws SiteError `not-found` for a chat that does not exist as for a wrong token */
  async #chat(id: TenantId, ticket: Ticket): Promise<ChatState> {
    this.#tenant(id);
    const kept = await this.#deps.store.chat(id, ticket.chat);
    // the work is the same either way (J19)
    if (!isToken(ticket.token, kept?.ticket ?? NO_HASH) || kept === undefined) throw notFound();
    this.#remember(id, ticket.chat, kept.ticket);
    return kept.chat;
  }

  #remember(id: TenantId, chat: ChatId, hash: string): void {
    this.#hashes.delete(`${id} ${chat}`);
    this.#hashes.set(`${id} ${chat}`, hash);
    if (this.#hashes.size <= MAX_HASHES) return;
    for (const oldest of this.#hashes.keys()) {
      this.#hashes.delete(oldest);
      break;
    }
  }

  async #put(tenant: TenantId, id: string, input: SiteInput): Promise<void> {
    try {
      const ordered = input.chat === undefined ? {} : { chat: input.chat };
      await this.#deps.bus.put({ tenant, id, act: { type: 'site', ...ordered, input } });
    } catch (error) {
      const isLater = error instanceof HelpdeskError && error.soft;
      if (isLater || error instanceof BusyError || error instanceof BusUnavailableError) {
        throw new SiteError('busy', 'The helpdesk has too much to do: try again in a moment.');
      }
      throw error;
    }
  }

  #signal(tenant: TenantId, ticket: Ticket, signal: SiteSignal): void {
    const hash = this.#hashes.get(`${tenant} ${ticket.chat}`);
    if (hash !== undefined) {
      if (isToken(ticket.token, hash)) this.#deps.bus.signal(tenant, { type: 'site', signal });
      return;
    }
    this.#chat(tenant, ticket).then(
      () => {
        this.#deps.bus.signal(tenant, { type: 'site', signal });
      },
      (error: unknown) => {
        if (!(error instanceof SiteError)) this.#deps.log.warn({ tenant, err: error }, 'site: a ticket was not read');
      },
    );
  }
}

const NO_HASH = '0'.repeat(64);
