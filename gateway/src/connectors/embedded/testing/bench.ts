/** An embedded helpdesk with its visitor site, its clock and its store, for tests. */
import { createHmac } from 'node:crypto';
import { ManualClock, silentLogger } from '@chat-gateway/runtime';
import type { Bus, ChatHint } from '../../../bus/port.ts';
import { limitsSchema, type MailConfig, tenantSchema, type TenantConfig } from '../../../config/schema.ts';
import type { ChatId, SharedFile, StaffId, TeamId, TenantId } from '../../../helpdesk/model.ts';
import type { Files } from '../../../helpdesk/files.ts';
import type { HelpdeskEvent } from '../../../helpdesk/port.ts';
import { createEmbeddedHelpdesk, type EmbeddedHelpdesk } from '../helpdesk.ts';
import type { Mailer } from '../mail/mailer.ts';
import { createVisitorSite } from '../visitor/site.ts';
import { createSqliteStore } from '../store/sqlite-store.ts';
import { openSqlite, type SqliteDatabase } from '../store/sqlite-database.ts';
import type { EmbeddedStore } from '../store/port.ts';
import type { StartForm, Ticket, VisitorSite } from '../visitor-site.ts';

export const TENANT = 'acme.test' as TenantId;
export const SALES = 'sales' as TeamId;
export const SUPPORT = 'support' as TeamId;
export const jesse = 'jesse' as StaffId;
export const varun = 'varun' as StaffId;
export const mia = 'mia' as StaffId;
export const boss = 'boss' as StaffId;

/** The one file that there is. */
export const FILE: SharedFile = {
  name: 'invoice 7.pdf',
  type: 'application/pdf',
  size: 17,
  url: 'https://acme.test/files/abc/invoice%207.pdf',
};
const files: Pick<Files, 'at' | 'rules' | 'takeBack'> = {
  rules: () => ({ maxBytes: 1_000, types: [FILE.type] }),
  at: async (_tenant, url) => (url === FILE.url ? FILE : undefined),
  takeBack: async () => undefined,
};

type HelpdeskOptions = Partial<TenantConfig['helpdesk']>;

export function configOf(helpdesk: HelpdeskOptions = {}, tenant: Partial<TenantConfig> = {}): TenantConfig {
  return tenantSchema.parse({
    domain: TENANT,
    name: 'Acme',
    timeZone: 'Europe/Berlin',
    ...tenant,
    helpdesk: {
      kind: 'embedded',
      teams: [
        { id: 'sales', name: 'Sales' },
        { id: 'support', name: 'Support' },
        { id: 'internal', name: 'Internal', public: false },
      ],
      staff: [
        { username: 'jesse', name: 'Jesse Stone', hash: 'x', teams: ['sales'] },
        { username: 'varun', name: 'Varun Shah', hash: 'x', teams: ['sales'] },
        { username: 'mia', name: 'Mia Wong', hash: 'x', teams: ['support'] },
        { username: 'boss', name: 'Bo Ström', hash: 'x', teams: [], permissions: ['all-teams', 'observe', 'ban'] },
      ],
      ...helpdesk,
    },
  });
}

export interface BenchOptions {
  readonly helpdesk?: HelpdeskOptions;
  readonly tenant?: Partial<TenantConfig>;
  readonly limits?: { readonly waitingChatsPerTenant?: number };
  /** Default: in memory. */
  readonly file?: string;
  readonly maxPages?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly mailer?: (config: MailConfig) => Mailer;
}

export class Bench {
  readonly clock = new ManualClock();
  readonly events: HelpdeskEvent[] = [];
  readonly hints: { readonly chat: ChatId; readonly hint: ChatHint }[] = [];
  readonly tickets = new Map<ChatId, Ticket>();
  database: SqliteDatabase;
  store: EmbeddedStore;
  site: VisitorSite;
  config: TenantConfig;
  helpdesk: EmbeddedHelpdesk;
  readonly #options: BenchOptions;
  /** Chats whose page sends heart-beats. */
  readonly #pages = new Set<ChatId>();
  #ids = 0;

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    this.config = configOf(options.helpdesk, options.tenant);
    this.database = this.#openDatabase();
    this.store = createSqliteStore(this.database);
    this.helpdesk = this.#make();
    this.site = this.#makeSite();
  }

  async open(): Promise<this> {
    await this.helpdesk.open((event) => this.events.push(event));
    return this;
  }

  /** All anew over what is kept, as after a restart of the program. */
  async restart(): Promise<EmbeddedHelpdesk> {
    await this.helpdesk.close();
    if (this.#options.file !== undefined) {
      await this.database.close();
      this.database = this.#openDatabase();
      this.store = createSqliteStore(this.database);
      this.site = this.#makeSite();
    }
    this.helpdesk = this.#make();
    return this.helpdesk;
  }

  async close(): Promise<void> {
    await this.helpdesk.close();
    await this.database.close();
  }

  /** Repeatable, and never the same twice. */
  random(bytes: number): string {
    return createHmac('sha512', 'test')
      .update(String(++this.#ids))
      .digest('hex')
      .slice(0, bytes * 2);
  }

  uuid(): string {
    return this.random(16).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/u, '$1-$2-4$3-8$4-$5');
  }

  call(): { id: string } {
    return { id: `call-${++this.#ids}` };
  }

  words(text: string): { id: string; text: string } {
    return { id: `line-${++this.#ids}`, text };
  }

  async online(...staff: StaffId[]): Promise<void> {
    for (const one of staff) {
      await this.helpdesk.setStatus(this.call(), one, 'online');
      await this.advance(1);
    }
  }

  form(question: string, more: Partial<StartForm> = {}): StartForm {
    return { messageId: this.uuid(), name: 'Chris', team: SALES, question, page: {}, ...more };
  }

  /** A visitor starts a chat; the page stays open until {@link Bench.closesPage}. */
  async asks(question: string, more: Partial<StartForm> = {}): Promise<ChatId> {
    const ticket = await this.site.start(TENANT, this.form(question, more));
    this.tickets.set(ticket.chat, ticket);
    this.opensPage(ticket.chat);
    return ticket.chat;
  }

  ticket(chat: ChatId): Ticket {
    return this.tickets.get(chat) ?? { chat, token: 'none' };
  }

  says(chat: ChatId, text: string, messageId: string = this.uuid()): Promise<void> {
    return this.site.say(TENANT, this.ticket(chat), messageId, text);
  }

  async leavesMessage(text: string): Promise<void> {
    const form = { messageId: this.uuid(), name: 'Dana', email: 'dana@example.com', team: SALES, text };
    await this.site.leaveMessage(TENANT, form);
  }

  opensPage(chat: ChatId): void {
    this.#pages.add(chat);
    this.site.heard(TENANT, this.ticket(chat));
  }

  closesPage(chat: ChatId): void {
    this.#pages.delete(chat);
  }

  /** Moves time on, with a heart-beat of each open page every 10 s. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 10_000) {
      await this.clock.advance(Math.min(left, 10_000), () => this.settled());
      for (const chat of this.#pages) this.site.heard(TENANT, this.ticket(chat));
      await this.settled();
    }
  }

  async settled(): Promise<void> {
    for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  async phase(chat: ChatId): Promise<string> {
    const { phase } = await this.site.read(TENANT, this.ticket(chat), 0);
    return phase.is === 'ended' ? `ended: ${phase.why}` : phase.is;
  }

  async texts(chat: ChatId, from: 'you' | 'staff' | 'notice'): Promise<string[]> {
    const { lines } = await this.site.read(TENANT, this.ticket(chat), 0);
    return lines.filter((line) => line.from.is === from).map((line) => line.text);
  }

  /** Who is asked for this chat now. */
  asked(chat: ChatId): StaffId[] {
    const over = new Set(this.events.flatMap((event) => (event.type === 'offer-ended' ? [event.offer.id] : [])));
    return this.events.flatMap((event) =>
      event.type === 'offer' && event.offer.chat === chat && !over.has(event.offer.id) ? [event.offer.staff] : [],
    );
  }

  offerOf(chat: ChatId, staff: StaffId) {
    const event = this.events.findLast(
      (one) => one.type === 'offer' && one.offer.chat === chat && one.offer.staff === staff,
    );
    if (event?.type !== 'offer') throw new Error(`${staff} was not asked`);
    return event.offer;
  }

  #make(): EmbeddedHelpdesk {
    return createEmbeddedHelpdesk({
      tenant: TENANT,
      config: this.config,
      store: this.store,
      clock: this.clock,
      random: (bytes) => this.random(bytes),
      log: silentLogger,
      limits: limitsSchema.parse(this.#options.limits ?? {}),
      wake: (chat, hint) => this.hints.push({ chat, hint }),
      fetch: this.#options.fetch ?? (() => Promise.reject(new Error('no network'))),
      files,
      ...(this.#options.mailer !== undefined && { mailer: this.#options.mailer }),
    });
  }

  #openDatabase(): SqliteDatabase {
    const { file = ':memory:', maxPages } = this.#options;
    return openSqlite(file, maxPages === undefined ? {} : { maxPages });
  }

  #makeSite(): VisitorSite {
    return createVisitorSite({
      bus: this.#bus(),
      store: this.store,
      tenants: {
        get: (id) =>
          id === TENANT ? { id, domain: TENANT, visitorsDomain: `visitors.${TENANT}`, config: this.config } : undefined,
      },
      clock: this.clock,
      random: (bytes) => this.random(bytes),
      log: silentLogger,
      limits: limitsSchema.parse(this.#options.limits ?? {}),
      files,
    });
  }

  /** Hands on to the helpdesk what a desk would, without one. */
  #bus(): Pick<Bus, 'put' | 'signal' | 'watch'> {
    return {
      put: async ({ id, act }) => {
        if (act.type === 'site') await this.helpdesk.receive({ id }, structuredClone(act.input));
      },
      signal: (_tenant, signal) => {
        if (signal.type === 'site') this.helpdesk.hear(signal.signal);
      },
      watch: () => () => undefined,
    };
  }
}
