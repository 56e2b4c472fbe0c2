/** A visitor with an open page, as the web part would act for it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { ChatView, PageFacts, PageLine, Ticket, VisitorSite } from '../../src/connectors/embedded/visitor-site.ts';
import type { TeamId, TenantId } from '../../src/helpdesk/model.ts';
import { until } from './until.ts';

const HEARTBEAT = 8_000;

export interface VisitorOptions {
  readonly name: string;
  readonly tenant: TenantId;
  readonly domain: string;
  readonly site: VisitorSite;
  readonly clock: Clock;
  readonly email?: string;
  readonly phone?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly page?: PageFacts;
}

export class Visitor {
  readonly options: VisitorOptions;
  readonly seen: PageLine[] = [];
  view: ChatView | undefined;
  staffTyping: string | undefined;
  #site: VisitorSite;
  #ticket: Ticket | undefined;
  #beat: Cancel | undefined;
  #stopWatching: (() => void) | undefined;
  #reading: Promise<void> = Promise.resolve();
  #open = false;

  constructor(options: VisitorOptions) {
    this.options = options;
    this.#site = options.site;
  }

  get ticket(): Ticket {
    assert.ok(this.#ticket, 'the visitor has not started a chat');
    return this.#ticket;
  }

  /** Bare JID of this visitor's contact. */
  get jid(): string {
    return `${this.ticket.chat}@visitors.${this.options.domain}`;
  }

  get fullJid(): string {
    return `${this.jid}/chat`;
  }

  /** Starts a chat. */
  async asks(question: string, team = 'sales'): Promise<this> {
    const { email, phone, fields, page } = this.options;
    this.#ticket = await this.#site.start(this.options.tenant, {
      messageId: randomUUID(),
      name: this.options.name,
      ...(email === undefined ? {} : { email }),
      ...(phone === undefined ? {} : { phone }),
      ...(fields === undefined ? {} : { fields }),
      team: team as TeamId,
      question,
      page: page ?? {},
    });
    await this.opensPage();
    return this;
  }

  async says(text: string, messageId: string = randomUUID()): Promise<string> {
    await this.#site.say(this.options.tenant, this.ticket, messageId, text);
    return messageId;
  }

  types(on = true): void {
    this.#site.typing(this.options.tenant, this.ticket, on);
  }

  async ends(): Promise<void> {
    await this.#site.end(this.options.tenant, this.ticket);
  }

  async visits(page: PageFacts): Promise<void> {
    await this.#site.visitPage(this.options.tenant, this.ticket, page);
  }

  /** The page is there (again, with `site`: served by another gateway) and reads what it has missed. */
  async opensPage(site?: VisitorSite): Promise<void> {
    if (site !== undefined) this.#site = site;
    this.#open = true;
    this.#stopWatching?.();
    this.#stopWatching = this.#site.watch(this.options.tenant, this.ticket.chat, (hint) => {
      if (hint.type === 'typing') this.staffTyping = hint.on ? hint.name : undefined;
      else void this.reads();
    });
    const beat = (): void => {
      if (!this.#open) return;
      this.#site.heard(this.options.tenant, this.ticket);
      this.#beat = this.options.clock.after(HEARTBEAT, beat);
    };
    this.#beat?.();
    beat();
    await this.reads();
  }

  closesPage(): void {
    this.#open = false;
    this.#beat?.();
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  /** Reads the lines after the last one seen, as often as there are more. */
  async reads(): Promise<void> {
    const before = this.#reading.catch(() => undefined);
    this.#reading = before.then(async () => {
      for (;;) {
        const view = await this.#site.read(this.options.tenant, this.ticket, this.seen.at(-1)?.number ?? 0);
        this.view = view;
        this.seen.push(...view.lines);
        if (!view.more) return;
      }
    });
    await this.#reading;
  }

  /** Waits for a line of a colleague's on the page. */
  async hears(text: string): Promise<PageLine> {
    return this.#sees((line) => line.from.is === 'staff' && line.text === text, text);
  }

  /** Waits for a notice that holds these words. */
  async isTold(words: string): Promise<PageLine> {
    return this.#sees((line) => line.from.is === 'notice' && line.text.includes(words), words);
  }

  async isIn(phase: ChatView['phase']['is']): Promise<void> {
    await until(
      () => this.view?.phase.is === phase,
      () => `${this.options.name}'s chat is ${JSON.stringify(this.view?.phase)}, not ${phase}`,
    );
  }

  /** Everything that the visitor's page shows, as text. */
  texts(from: PageLine['from']['is']): string[] {
    return this.seen.filter((line) => line.from.is === from).map((line) => line.text);
  }

  async #sees(isWanted: (line: PageLine) => boolean, what: string): Promise<PageLine> {
    return until(
      () => this.seen.find(isWanted),
      () => `${this.options.name} did not see "${what}"; the page shows\n${JSON.stringify(this.seen, null, 1)}`,
    );
  }
}
