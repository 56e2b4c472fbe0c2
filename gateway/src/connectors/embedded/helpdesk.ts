import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { ChatHint } from '../../bus/port.ts';
import type { Limits, MailConfig, TenantConfig } from '../../config/schema.ts';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { Files } from '../../helpdesk/files.ts';
import type { ChatId, StaffId, TeamId, TenantId } from '../../helpdesk/model.ts';
import type { CallContext, Helpdesk, HelpdeskEvent, Words } from '../../helpdesk/port.ts';
import { cleanLine } from '../../text/clean.ts';
import { banVerbs } from './bans.ts';
import { conferenceVerbs } from './conference.ts';
import { Follower } from './follow.ts';
import { PEER_MESSAGE_DAYS } from './limits.ts';
import { LiveFloor } from './live-floor.ts';
import { mailVerb } from './mail/mail.ts';
import { createSmtpMailer, type Mailer } from './mail/mailer.ts';
import { noteVerbs } from './notes.ts';
import { Calls, type Once, soft, type Work } from './once.ts';
import { portLine } from './port-line.ts';
import { rulesOf } from './rules.ts';
import { staffHaveSeen } from './visitor/seen.ts';
import type { Delivery, EmbeddedStore } from './store/port.ts';
import { isKnown, visitorActs } from './visitor/visitor-acts.ts';
import { WebhookQueue } from './webhook.ts';
import { readInput, readSignal } from './visitor/wire.ts';
import { readFirstWords, readWords, type Saying, saying, takeFileBack } from './words.ts';

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
  /** Absent: nobody sends files here. */
  readonly files?: Pick<Files, 'at' | 'takeBack'>;
  /** Where mails go; absent: to the server of the tenant's configuration. */
  readonly mailer?: (config: MailConfig) => Mailer;
}

type Does<Verb extends keyof Helpdesk> = NonNullable<Helpdesk[Verb]>;

export interface EmbeddedHelpdesk extends Helpdesk {
  readonly receive: Does<'receive'>;
  readonly hear: Does<'hear'>;
  readonly leftMessages: Does<'leftMessages'>;
  readonly markMessageDone: Does<'markMessageDone'>;
  readonly invite: Does<'invite'>;
  readonly transfer: Does<'transfer'>;
  readonly join: Does<'join'>;
  readonly observe: Does<'observe'>;
  readonly note: Does<'note'>;
  readonly notes: Does<'notes'>;
  readonly tag: Does<'tag'>;
  readonly push: Does<'push'>;
  readonly ban: Does<'ban'>;
  readonly bans: Does<'bans'>;
  readonly liftBan: Does<'liftBan'>;
  /** Staff, teams, hours and ring as they are configured now; who is gone leaves the chats. */
  reconfigure(config: TenantConfig): Promise<void>;
}

/** Typing that is not renewed for this long has stopped. */
const TYPING_MS = 30_000;
const CALLS_KEPT_MS = 48 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;
const MAX_LINES = 1_000;

export function createEmbeddedHelpdesk(deps: EmbeddedHelpdeskDeps): EmbeddedHelpdesk {
  return new Embedded(deps);
}

/** The port's verbs, each of them a turn of the floor. */
class Embedded implements EmbeddedHelpdesk {
  readonly #deps: EmbeddedHelpdeskDeps;
  #config: TenantConfig;
  #floor: LiveFloor | undefined;
  #webhook: WebhookQueue | undefined;
  readonly #calls: Calls;
  readonly #once: Once;
  readonly #saying: Saying;
  readonly #follower: Follower;
  readonly invite: Does<'invite'>;
  readonly transfer: Does<'transfer'>;
  readonly join: Does<'join'>;
  readonly observe: Does<'observe'>;
  readonly extras = true;
  readonly note: Does<'note'>;
  readonly notes: Does<'notes'>;
  readonly tag: Does<'tag'>;
  readonly ban: Does<'ban'>;
  readonly bans: Does<'bans'>;
  readonly liftBan: Does<'liftBan'>;
  /** Only where a mail server is configured. */
  mail?: Does<'mail'>;
  #mailer: Mailer | undefined;
  #stopping = new AbortController();
  #forgetTimer: Cancel | undefined;

  constructor(deps: EmbeddedHelpdeskDeps) {
    this.#deps = deps;
    this.#config = deps.config;
    this.#calls = new Calls({ ...deps, turn: (work) => this.#turn(work) });
    this.#once = this.#calls.once;
    this.#saying = saying(this.#once, deps);
    this.#follower = new Follower({
      ...deps,
      config: () => this.#config,
      floor: () => this.#floor?.now,
      turn: (work) => this.#turn(work),
    });
    const { invite, transfer, join, observe } = conferenceVerbs(this.#once, this.#saying);
    this.invite = invite;
    this.transfer = transfer;
    this.join = join;
    this.observe = observe;
    const now = () => deps.clock.now();
    const { note, notes, tag } = noteVerbs(this.#once, deps);
    this.note = note;
    this.notes = notes;
    this.tag = tag;
    const { ban, bans, liftBan } = banVerbs(this.#once, { ...deps, now });
    this.ban = ban;
    this.bans = bans;
    this.liftBan = liftBan;
    this.#useMailer();
  }

  async open(listener: (event: HelpdeskEvent) => void) {
    const { store, tenant } = this.#deps;
    const stored = await soft(store.load(tenant));
    if (this.#stopping.signal.aborted) this.#stopping = new AbortController();
    const directory = this.#follower.begin(stored.people);
    const floor = new LiveFloor(this.#deps, stored, directory, rulesOf(this.#config), listener);
    this.#floor = floor;
    this.#webhook = new WebhookQueue(
      {
        ...this.#deps,
        fetch: this.#deps.fetch ?? globalThis.fetch,
        target: () => this.#config.helpdesk.webhook,
        teamName: (message) => floor.now.directory.teamName(message.team),
      },
      stored.deliveries,
    );
    this.#forget();
    const snapshot = floor.now.snapshot();
    // told after the snapshot; what fails is tried again
    void this.#follower.catchUp();
    return snapshot;
  }

  async close(): Promise<void> {
    const floor = this.#floor;
    this.#floor = undefined;
    this.#stopping.abort();
    this.#forgetTimer?.();
    this.#webhook?.close();
    await floor?.close();
    await this.#calls.settled();
  }

  async reconfigure(config: TenantConfig): Promise<void> {
    this.#config = config;
    this.#useMailer();
    await this.#follower.follow();
  }

  accept(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    return this.#saying(call, chat, staff, words, readFirstWords, (turn, said) => {
      turn.accept(chat, staff, said);
    });
  }

  decline(call: CallContext, offer: { id: string; chat: ChatId }, why: 'declined' | 'unseen'): Promise<void> {
    return this.#once(call, (turn) => {
      turn.decline(offer.chat, offer.id, why);
    });
  }

  async say(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    await this.#saying(call, chat, staff, words, readWords, (turn, said) => {
      turn.happen(chat, { type: 'staff-said', staff: turn.speaker(staff), words: said });
    });
    // also when the call is made again: it may have ended in between
    if (words.extra?.is === 'retraction') await takeFileBack(this.#deps, chat, staff, words.id);
  }

  /** A line whose text is the address; what else the words are does not matter. */
  push(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    return this.say(call, chat, staff, { ...words, extra: { is: 'push' } });
  }

  seen(chat: ChatId, staff: StaffId, line: string): void {
    const { tenant, store, wake } = this.#deps;
    const deps = { tenant, store, wake, floor: () => this.#floor?.now, turn: (work: Work) => this.#turn(work) };
    staffHaveSeen(deps, chat, staff, line).catch(() => {
      // the next one says it too
    });
  }

  typing(chat: ChatId, staff: StaffId, on: boolean): void {
    const floor = this.#floor?.now;
    const state = floor?.chats.get(chat);
    if (floor === undefined || state?.is !== 'running' || !state.participants.includes(staff)) return;
    this.#deps.wake(chat, { type: 'typing', name: floor.directory.nameOf(staff), on });
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

  setStatus(...[call, staff, status, text, mayReturn]: Parameters<Helpdesk['setStatus']>): Promise<void> {
    return this.#once(call, (turn) => {
      const clean = cleanLine(text ?? '');
      turn.setStatus(staff, status, clean === '' ? undefined : clean, mayReturn);
    });
  }

  giveBack(call: CallContext, staff: StaffId): Promise<void> {
    return this.#once(call, (turn, floor) => {
      for (const chat of [...floor.chats.values()]) turn.lose(chat.id, staff);
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
    const { store, tenant, limits, clock } = this.#deps;
    let delivery: Delivery | undefined;
    await this.#calls.together(call.id, async () => {
      if (await soft(isKnown(store, tenant, input))) return;
      await this.#turn((turn, floor) => {
        const rules = { config: this.#config, maxWaiting: limits.waitingChatsPerTenant, now: clock.now() };
        delivery = visitorActs(turn, floor, input, rules);
      });
    });
    if (delivery !== undefined) this.#webhook?.add(delivery);
  }

  hear(raw: unknown): void {
    const signal = readSignal(raw);
    const floor = this.#floor?.now;
    if (signal === undefined || floor === undefined || !floor.chats.has(signal.chat)) return;
    const { chat } = signal;
    const now = this.#deps.clock.now();
    floor.heard.set(chat, now);
    if (floor.chats.get(chat)?.awaySince !== undefined) {
      this.#turn((turn) => {
        turn.happenIfOpen(chat, { type: 'heard' });
      }).catch(() => {
        // the next heart-beat tries again
      });
    }
    if (signal.type === 'seen') {
      const line = Math.min(signal.line, floor.chats.get(chat)?.lastLine ?? 0);
      if (line <= (floor.shown.get(chat) ?? 0)) return;
      floor.shown.set(chat, line);
      this.#floor?.tell([{ type: 'seen', chat, line }]);
      return;
    }
    if (signal.type !== 'typing') return;
    const wasTyping = floor.typing.delete(chat);
    if (signal.on) {
      floor.typing.set(chat, now + TYPING_MS);
      this.#floor?.wakeAt(now + TYPING_MS);
    }
    if (wasTyping !== signal.on) this.#floor?.tell([{ type: 'typing', chat, on: signal.on }]);
  }

  /** Mails go where the configuration says now, or nowhere. */
  #useMailer(): void {
    const { clock, log, mailer } = this.#deps;
    const { mail } = this.#config;
    if (mail === undefined) {
      this.#mailer = undefined;
      delete this.mail;
      return;
    }
    this.#mailer =
      mailer?.(mail) ??
      createSmtpMailer({
        config: mail,
        clock,
        onProblem: (problem) => {
          log.warn(problem, 'embedded helpdesk: the mail server did not take a mail');
        },
      });
    this.mail ??= mailVerb(this.#once, {
      ...this.#deps,
      now: () => clock.now(),
      config: () => this.#config,
      mailer: () => this.#mailer,
      stopping: () => this.#stopping.signal,
    });
  }

  #turn(work: Work): Promise<void> {
    return this.#floor?.turn(work) ?? Promise.reject(new HelpdeskError({ is: 'unreachable' }));
  }

  async #forgetPeerMessages(): Promise<void> {
    const { store, clock } = this.#deps;
    const before = clock.now() - PEER_MESSAGE_DAYS * 86_400_000;
    while (this.#floor !== undefined && (await store.forgetPeerMessages(before))) {
      // the next ones
    }
  }

  #forget(): void {
    const { store, clock, log, tenant } = this.#deps;
    store.forgetCalls(clock.now() - CALLS_KEPT_MS).catch((error: unknown) => {
      log.warn({ tenant, err: error }, 'embedded helpdesk: old calls were not forgotten');
    });
    this.#forgetPeerMessages().catch((error: unknown) => {
      log.warn({ tenant, err: error }, 'embedded helpdesk: old texts between staff were not forgotten');
    });
    this.#forgetTimer = clock.after(FORGET_EVERY_MS, () => {
      this.#forget();
    });
  }
}
