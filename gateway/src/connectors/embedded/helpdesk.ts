import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { ChatHint } from '../../bus/port.ts';
import type { Limits, TenantConfig } from '../../config/schema.ts';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, StaffId, TeamId, TenantId, VisitorCard } from '../../helpdesk/model.ts';
import type { CallContext, Helpdesk, HelpdeskEvent, Words } from '../../helpdesk/port.ts';
import { cleanLine, cleanText, isLongerThan } from '../../text/clean.ts';
import { Directory } from './directory.ts';
import { Floor } from './floor.ts';
import { isOpenAt } from './hours.ts';
import { rulesOf } from './rules.ts';
import type { Delivery, EmbeddedStore, StoreChange } from './store/port.ts';
import { portLine, Turn } from './turn.ts';
import { WEBHOOK_LIFE_MS, WebhookQueue } from './webhook.ts';
import { readInput, readSignal, type SiteInput } from './wire.ts';

export interface EmbeddedHelpdeskDeps {
  readonly tenant: TenantId;
  readonly config: TenantConfig;
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
  readonly log: Logger;
  readonly limits: Limits;
  /** Wakes the pages that show a chat. */
  readonly wake: (chat: ChatId, hint: ChatHint) => void;
  readonly fetch?: typeof globalThis.fetch;
}

type Does<Verb extends keyof Helpdesk> = NonNullable<Helpdesk[Verb]>;

export interface EmbeddedHelpdesk extends Helpdesk {
  readonly receive: Does<'receive'>;
  readonly hear: Does<'hear'>;
  readonly leftMessages: Does<'leftMessages'>;
  readonly markMessageDone: Does<'markMessageDone'>;
  /** Staff, teams, hours and ring as they are configured now; who is gone leaves the chats. */
  reconfigure(config: TenantConfig): Promise<void>;
}

/** Typing that is not renewed for this long has stopped. */
const TYPING_MS = 30_000;
const CALLS_KEPT_MS = 48 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;
const RELOAD_PAUSE_MS = 1_000;
/** Longest text of a staff user, in characters: more than one stanza carries. */
const MAX_WORDS = 65_536;
const MAX_LINES = 1_000;

export function createEmbeddedHelpdesk(deps: EmbeddedHelpdeskDeps): EmbeddedHelpdesk {
  return new Embedded(deps);
}

/** The shell around {@link Turn}: calls become turns, turns are stored, then told. */
class Embedded implements EmbeddedHelpdesk {
  readonly #deps: EmbeddedHelpdeskDeps;
  #config: TenantConfig;
  #floor: Floor | undefined;
  #listener: ((event: HelpdeskEvent) => void) | undefined;
  #webhook: WebhookQueue | undefined;
  /** Set while the state is read again, after a write that failed. */
  #reloading: Promise<void> | undefined;
  readonly #calls = new Map<string, Promise<void>>();
  readonly #storing = new Set<Promise<void>>();
  #timer: Cancel | undefined;
  #timerAt = Infinity;
  #forgetTimer: Cancel | undefined;

  constructor(deps: EmbeddedHelpdeskDeps) {
    this.#deps = deps;
    this.#config = deps.config;
  }

  async open(listener: (event: HelpdeskEvent) => void) {
    const { store, tenant, clock } = this.#deps;
    const stored = await soft(store.load(tenant));
    const floor = new Floor(stored, new Directory(this.#config), rulesOf(this.#config), clock.now());
    this.#floor = floor;
    this.#listener = listener;
    this.#webhook = new WebhookQueue(
      {
        ...this.#deps,
        fetch: this.#deps.fetch ?? globalThis.fetch,
        target: () => this.#config.helpdesk.webhook,
        teamName: (message) => floor.directory.teamName(message.team),
      },
      stored.deliveries,
    );
    this.#forget();
    const snapshot = floor.snapshot();
    // what became due while nobody ran happens after the snapshot
    this.#wakeAt(clock.now());
    return snapshot;
  }

  async close(): Promise<void> {
    this.#timer?.();
    this.#forgetTimer?.();
    this.#webhook?.close();
    this.#floor = undefined;
    await Promise.allSettled([...this.#storing, ...this.#calls.values()]);
    this.#listener = undefined;
  }

  async reconfigure(config: TenantConfig): Promise<void> {
    const before = rulesOf(this.#config);
    this.#config = config;
    if (this.#floor === undefined) return;
    await this.#turn((turn, floor) => {
      const old = floor.directory;
      floor.directory = new Directory(config);
      floor.rules = rulesOf(config);
      turn.tellDirectory();
      for (const chat of [...floor.chats.values()]) {
        if (chat.is !== 'running') continue;
        for (const staff of chat.participants) {
          if (!floor.directory.has(staff)) turn.depart(chat.id, staff, 'lost', old.nameOf(staff));
        }
      }
      if (floor.rules.ring.strategy !== before.ring.strategy) turn.restartRings();
      turn.settle();
    });
  }

  accept(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    return this.#once(call, (turn) => {
      turn.accept(chat, staff, cleaned(words));
    });
  }

  decline(call: CallContext, offer: { id: string; chat: ChatId }, why: 'declined' | 'unseen'): Promise<void> {
    return this.#once(call, (turn) => {
      turn.decline(offer.chat, offer.id, why);
    });
  }

  say(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    return this.#once(call, (turn) => {
      turn.happen(chat, { type: 'staff-said', staff: turn.speaker(staff), words: cleaned(words) });
    });
  }

  typing(chat: ChatId, staff: StaffId, on: boolean): void {
    const state = this.#floor?.chats.get(chat);
    if (state?.is !== 'running' || !state.participants.includes(staff)) return;
    this.#deps.wake(chat, { type: 'typing', name: this.#floor?.directory.nameOf(staff) ?? '', on });
  }

  end(call: CallContext, chat: ChatId, staff: StaffId): Promise<void> {
    return this.#once(call, (turn) => {
      turn.depart(chat, staff, 'ended');
      turn.settle();
    });
  }

  leave(call: CallContext, chat: ChatId, staff: StaffId): Promise<void> {
    return this.#once(call, (turn) => {
      turn.depart(chat, staff, 'left');
      turn.settle();
    });
  }

  setStatus(...[call, staff, status, text]: Parameters<Helpdesk['setStatus']>): Promise<void> {
    return this.#once(call, (turn) => {
      const clean = cleanLine(text ?? '');
      turn.setStatus(staff, status, clean === '' ? undefined : clean);
    });
  }

  giveBack(call: CallContext, staff: StaffId): Promise<void> {
    return this.#once(call, (turn, floor) => {
      for (const chat of [...floor.chats.values()]) {
        if (chat.is === 'running' && chat.participants.includes(staff)) turn.depart(chat.id, staff, 'lost');
      }
      turn.settle();
    });
  }

  async history(chat: ChatId, after: number, limit: number) {
    const { store, tenant } = this.#deps;
    const lines = await soft(store.lines(tenant, chat, after, Math.min(Math.max(limit, 0), MAX_LINES)));
    return lines.map(portLine);
  }

  async leftMessages(teams: readonly TeamId[], limit: number) {
    const { store, tenant } = this.#deps;
    return soft(store.leftMessages(tenant, teams, Math.min(Math.max(limit, 0), MAX_LINES)));
  }

  markMessageDone(call: CallContext, id: string, teams: readonly TeamId[]): Promise<void> {
    const { store, tenant, clock } = this.#deps;
    return this.#once(
      call,
      (turn) => {
        turn.store({ is: 'message-done', id, at: clock.now() });
      },
      async () => {
        const message = await soft(store.leftMessage(tenant, id));
        if (message === undefined || message.done || !teams.includes(message.team)) {
          throw new HelpdeskError({ is: 'not-found' });
        }
        return true;
      },
    );
  }

  async receive(call: CallContext, raw: unknown): Promise<void> {
    const input = readInput(raw);
    if (input === undefined) throw new HelpdeskError({ is: 'protocol' });
    let delivery: Delivery | undefined;
    await this.#together(call.id, async () => {
      if (await soft(this.#knows(input))) return;
      await this.#turn((turn, floor) => {
        delivery = this.#visitorDoes(turn, floor, input);
      });
    });
    if (delivery !== undefined) this.#webhook?.add(delivery);
  }

  hear(raw: unknown): void {
    const signal = readSignal(raw);
    const floor = this.#floor;
    const chat = signal && floor?.chats.get(signal.chat);
    if (signal === undefined || floor === undefined || chat === undefined) return;
    const now = this.#deps.clock.now();
    this.#heard(floor, chat.id);
    if (signal.type !== 'typing') return;
    const wasTyping = floor.typing.delete(chat.id);
    if (signal.on) {
      floor.typing.set(chat.id, now + TYPING_MS);
      this.#wakeAt(now + TYPING_MS);
    }
    if (wasTyping !== signal.on) this.#tell([{ type: 'typing', chat: chat.id, on: signal.on }]);
  }

  #heard(floor: Floor, id: ChatId): void {
    floor.heard.set(id, this.#deps.clock.now());
    if (floor.chats.get(id)?.awaySince === undefined) return;
    this.#turn((turn) => {
      turn.happenIfOpen(id, { type: 'heard' });
    }).catch(() => {
      // the next heart-beat tries again
    });
  }

  /** What a visitor does that was done before changes nothing: their message ids are known for good. */
  async #knows(input: SiteInput): Promise<boolean> {
    const { store, tenant } = this.#deps;
    switch (input.type) {
      case 'start':
        return (await store.chat(tenant, input.chat)) !== undefined;
      case 'say':
        return store.knowsLine(tenant, input.chat, input.messageId);
      case 'leave-message':
        return store.knowsLeftMessage(tenant, input.messageId);
      case 'end':
      case 'visit':
        return false;
    }
  }

  #visitorDoes(turn: Turn, floor: Floor, input: SiteInput): Delivery | undefined {
    const now = this.#deps.clock.now();
    if (input.chat !== undefined && floor.chats.has(input.chat)) {
      floor.heard.set(input.chat, now);
      turn.happen(input.chat, { type: 'heard' });
    }
    switch (input.type) {
      case 'start': {
        const { chat, ticket, messageId, team, question, name, email, phone, page } = input;
        const card: VisitorCard = {
          name,
          ...(email !== undefined && { email }),
          ...(phone !== undefined && { phone }),
          ...defined(page),
        };
        turn.start({ id: chat, ticket, team, card, question, messageId }, this.#hasPlace(floor, team, now));
        return undefined;
      }
      case 'say':
        turn.happenIfOpen(input.chat, { type: 'visitor-said', messageId: input.messageId, text: input.text });
        return undefined;
      case 'end':
        turn.happenIfOpen(input.chat, { type: 'visitor-ended' });
        turn.settle();
        return undefined;
      case 'visit': {
        const chat = floor.chats.get(input.chat);
        if (chat === undefined) return undefined;
        turn.happen(input.chat, { type: 'visited', card: { ...chat.card, ...defined(input.page) } });
        return undefined;
      }
      case 'leave-message': {
        const { team, name, email, text, messageId, chat } = input;
        const left = turn.leaveMessage({ team, name, email, text }, messageId);
        if (chat !== undefined) turn.happenIfOpen(chat, { type: 'message-left' });
        if (this.#config.helpdesk.webhook === undefined) return undefined;
        const delivery = { message: left.id, attempts: 0, nextAt: now, expires: now + WEBHOOK_LIFE_MS };
        turn.store({ is: 'delivery', delivery });
        return delivery;
      }
    }
  }

  #hasPlace(floor: Floor, team: TeamId, now: number): boolean {
    const { helpdesk, timeZone } = this.#config;
    let waiting = 0;
    for (const chat of floor.chats.values()) if (chat.is === 'waiting') waiting++;
    return (
      floor.directory.isPublic(team) &&
      isOpenAt(helpdesk.hours, timeZone, now) &&
      waiting < this.#deps.limits.waitingChatsPerTenant
    );
  }

  /** A call with this id is made once, however often it is asked for. */
  #once(
    { id }: CallContext,
    work: (turn: Turn, floor: Floor) => void,
    check: () => Promise<boolean> = async () => true,
  ): Promise<void> {
    const { store, tenant, clock } = this.#deps;
    return this.#together(id, async () => {
      if (await soft(store.knowsCall(tenant, id))) return;
      await check();
      await this.#turn((turn, floor) => {
        work(turn, floor);
        turn.store({ is: 'call', id, at: clock.now() });
      });
    });
  }

  /** Joins a call of the same id that is still being made. */
  #together(id: string, make: () => Promise<void>): Promise<void> {
    const known = this.#calls.get(id);
    if (known !== undefined) return known;
    const call = make().finally(() => {
      this.#calls.delete(id);
    });
    this.#calls.set(id, call);
    return call;
  }

  async #turn(work: (turn: Turn, floor: Floor) => void): Promise<void> {
    while (this.#reloading !== undefined) await this.#reloading;
    const floor = this.#floor;
    if (floor === undefined) throw new HelpdeskError({ is: 'unreachable' });
    const turn = new Turn(floor, this.#deps.clock.now());
    try {
      work(turn, floor);
    } catch (error) {
      if (error instanceof HelpdeskError) throw error;
      this.#deps.log.error({ tenant: this.#deps.tenant, err: error }, 'embedded helpdesk: a turn failed');
      this.#reload();
      throw new HelpdeskError({ is: 'unreachable' }, { cause: error });
    }
    for (const chat of turn.open) this.#wakeAt(floor.deadlineOf(chat));
    const stored = this.#store(turn.changes(), floor).then(() => {
      this.#tell(turn.events);
      for (const [chat, hint] of turn.hints) this.#deps.wake(chat, hint);
    });
    this.#storing.add(stored);
    try {
      await stored;
    } finally {
      this.#storing.delete(stored);
    }
  }

  async #store(changes: readonly StoreChange[], floor: Floor): Promise<void> {
    const { store, tenant, log } = this.#deps;
    try {
      await store.write(tenant, changes);
    } catch (error) {
      if (this.#floor === floor) {
        log.error({ tenant, err: error }, 'embedded helpdesk: the store refused a write; reading its state again');
        this.#reload();
      }
      throw new HelpdeskError({ is: 'unreachable' }, { cause: error });
    }
  }

  /** Nothing of what was not stored is true any more. */
  #reload(): void {
    if (this.#reloading !== undefined || this.#floor === undefined) return;
    this.#reloading = this.#loadAgain().finally(() => {
      this.#reloading = undefined;
    });
  }

  async #loadAgain(): Promise<void> {
    const { store, tenant, clock, log } = this.#deps;
    for (;;) {
      const before = this.#floor;
      if (before === undefined) return;
      try {
        const stored = await store.load(tenant);
        const now = clock.now();
        this.#floor = new Floor(stored, before.directory, before.rules, now, before);
        this.#wakeAt(now + RELOAD_PAUSE_MS);
        return;
      } catch (error) {
        log.error({ tenant, err: error }, 'embedded helpdesk: the store cannot be read');
        await new Promise<void>((resolve) => {
          clock.after(RELOAD_PAUSE_MS, resolve);
        });
      }
    }
  }

  #tell(events: readonly HelpdeskEvent[]): void {
    for (const event of events) {
      try {
        this.#listener?.(event);
      } catch (error) {
        const { tenant, log } = this.#deps;
        log.error({ tenant, event: event.type, err: error }, 'embedded helpdesk: a listener failed');
      }
    }
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt || this.#floor === undefined) return;
    this.#timer?.();
    this.#timerAt = at;
    this.#timer = this.#deps.clock.after(at - this.#deps.clock.now(), () => {
      this.#timerAt = Infinity;
      this.#lapse().catch(() => {
        this.#wakeAt(this.#deps.clock.now() + RELOAD_PAUSE_MS);
      });
    });
  }

  async #lapse(): Promise<void> {
    await this.#turn((turn) => {
      turn.lapse();
    });
    if (this.#floor !== undefined) this.#wakeAt(this.#floor.deadline());
  }

  #forget(): void {
    const { store, clock, log, tenant } = this.#deps;
    store.forgetCalls(clock.now() - CALLS_KEPT_MS).catch((error: unknown) => {
      log.warn({ tenant, err: error }, 'embedded helpdesk: old calls were not forgotten');
    });
    this.#forgetTimer = clock.after(FORGET_EVERY_MS, () => {
      this.#forget();
    });
  }
}

/** A store that does not answer may do so later. */
async function soft<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new HelpdeskError({ is: 'unreachable' }, { cause: error });
  }
}

function cleaned({ id, text }: Words): Words {
  if (isLongerThan(text, MAX_WORDS)) throw new HelpdeskError({ is: 'forbidden' });
  const clean = cleanText(text, MAX_WORDS);
  if (clean.trim() === '') throw new HelpdeskError({ is: 'forbidden' });
  return { id, text: clean };
}

function defined<T extends object>(facts: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
