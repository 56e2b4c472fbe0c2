import type { ChatHint } from '../../bus/port.ts';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, LeftMessage, Line, StaffId, StaffStatus, TeamId, VisitorCard } from '../../helpdesk/model.ts';
import type { HelpdeskEvent, Words } from '../../helpdesk/port.ts';
import { type ChatLine, type ChatState, compareWaiting, type WaitingChat } from './chat/chat.ts';
import { type ChatEvent, type Speaker, step, withLines } from './chat/step.ts';
import { chatNow, type Floor, offerNow, type OpenChat } from './floor.ts';
import { settleQueue } from './ring/queue.ts';
import { newRing, withoutOffer } from './ring/ring.ts';
import type { StoreChange } from './store/port.ts';

export interface NewChat {
  readonly id: ChatId;
  /** Hexadecimal SHA-256 of the visitor's token. */
  readonly ticket: string;
  readonly team: TeamId;
  readonly card: VisitorCard;
  readonly question: string;
  readonly messageId: string;
}

/**
 * One synchronous change of a floor: what it is now, and what is to be stored and told because of it.
 * A refusal is thrown before anything is changed.
 */
export class Turn {
  readonly #floor: Floor;
  readonly #now: number;
  readonly #changes: StoreChange[] = [];
  #events: HelpdeskEvent[] = [];
  readonly #hints = new Map<ChatId, ChatHint>();
  /** In the state that is to be stored. */
  readonly #touched = new Map<ChatId, ChatState>();
  readonly #tickets = new Map<ChatId, string>();
  readonly #touchedStaff = new Set<StaffId>();

  constructor(floor: Floor, now: number) {
    this.#floor = floor;
    this.#now = now;
  }

  /** Chats that are still open and have changed: their deadlines may be new. */
  get open(): readonly OpenChat[] {
    return [...this.#touched.keys()].flatMap((id) => this.#floor.chats.get(id) ?? []);
  }

  get events(): readonly HelpdeskEvent[] {
    return this.#events;
  }

  get hints(): ReadonlyMap<ChatId, ChatHint> {
    return this.#hints;
  }

  /** What is to be stored, as one. */
  changes(): readonly StoreChange[] {
    const chats = [...this.#touched].map(([id, chat]): StoreChange => {
      const ticket = this.#tickets.get(id);
      return { is: 'chat', chat, ...(ticket !== undefined && { ticket }) };
    });
    const staff = [...this.#touchedStaff].flatMap((id): StoreChange[] => {
      const record = this.#floor.staff.get(id);
      return record === undefined ? [] : [{ is: 'staff', staff: record }];
    });
    return [...chats, ...staff, ...this.#changes];
  }

  store(change: StoreChange): void {
    this.#changes.push(change);
  }

  /** A chat begins to wait; one that finds no place is over at once, and its visitor asked to leave a message. */
  start({ id, ticket, team, card, question, messageId }: NewChat, hasPlace: boolean): void {
    const at = this.#now;
    const waiting: WaitingChat = {
      is: 'waiting',
      id,
      team,
      card,
      question,
      startedAt: at,
      since: at,
      isFront: false,
      lastLine: 0,
      lastWordsAt: at,
      requests: 0,
      ring: newRing(0),
    };
    const { chat, lines } = withLines(waiting, at, [[{ is: 'visitor', messageId }, question]]);
    this.#tickets.set(id, ticket);
    this.#floor.heard.set(id, at);
    this.#put(chat);
    this.#events.push({ type: 'chat', chat: chatNow(chat) });
    this.#lines(id, lines);
    if (hasPlace) this.settle();
    else this.happen(id, { type: 'unanswered' });
    // a chat that is over as it begins appears nowhere
    if (!this.#floor.chats.has(id)) this.#events = this.#events.filter((event) => chatOf(event) !== id);
  }

  /** @throws HelpdeskError when the chat refuses it */
  happen(id: ChatId, event: ChatEvent): void {
    const before = this.#floor.chats.get(id);
    if (before === undefined) throw new HelpdeskError({ is: 'not-found' });
    const outcome = step(before, event, this.#now);
    if (outcome.is === 'refused') throw new HelpdeskError(outcome.fault);
    const { chat, lines, offers } = outcome;
    if (chat === before) return;
    this.#put(chat);
    const told: HelpdeskEvent[] = [];
    if (event.type !== 'visitor-said' && event.type !== 'staff-said') told.push({ type: 'chat', chat: chatNow(chat) });
    const ends = offers.map(({ offer, end }): HelpdeskEvent => ({
      type: 'offer-ended',
      offer: offerNow(id, offer),
      end,
    }));
    // who joins is in the chat before its next line, who leaves is in it until after the line that says so
    if (event.type === 'accepted') {
      this.#events.push(...told, ...ends);
      this.#lines(id, lines);
    } else {
      this.#lines(id, lines);
      this.#events.push(...ends, ...told);
    }
    this.#hints.set(id, { type: 'changed' });
  }

  /** Does nothing for a chat that is over. */
  happenIfOpen(id: ChatId, event: ChatEvent): void {
    if (this.#floor.chats.has(id)) this.happen(id, event);
  }

  accept(id: ChatId, staff: StaffId, words: Words): void {
    const chat = this.#floor.chats.get(id);
    if (chat === undefined) throw new HelpdeskError({ is: 'not-found' });
    const isIn = chat.is === 'running' && chat.participants.includes(staff);
    if (!isIn && !this.#floor.directory.sees(staff, chat.team)) throw new HelpdeskError({ is: 'not-found' });
    this.happen(id, { type: 'accepted', staff: this.speaker(staff), words });
    this.#busyNow(staff);
    this.settle();
  }

  /** The staff user goes from one chat; what becomes of the chat is its own affair. */
  depart(id: ChatId, staff: StaffId, how: 'ended' | 'left' | 'lost', name?: string): void {
    const speaker = name === undefined ? this.speaker(staff) : { id: staff, name };
    this.happen(
      id,
      how === 'ended' ? { type: 'staff-ended', staff: speaker } : { type: 'staff-left', staff: speaker, why: how },
    );
    this.#busyNow(staff);
  }

  decline(id: ChatId, offerId: string, why: 'declined' | 'unseen'): void {
    const chat = this.#floor.chats.get(id);
    const offer = chat?.is === 'waiting' ? chat.ring.offers.find((one) => one.id === offerId) : undefined;
    if (chat?.is !== 'waiting' || offer === undefined) return;
    this.#put({ ...chat, ring: withoutOffer(chat.ring, offer, why === 'declined' ? 'no' : 'asked') });
    this.#events.push({ type: 'offer-ended', offer: offerNow(id, offer), end: { is: why } });
    this.settle();
  }

  setStatus(staff: StaffId, status: StaffStatus, text: string | undefined, mayReturn = false): void {
    this.#floor.told(staff, mayReturn ? this.#now : undefined);
    if (!this.#floor.directory.has(staff)) return;
    const before = this.#floor.staff.get(staff);
    if (before?.status === status && before.text === text) return;
    const cameOnline = status === 'online' && before?.status !== 'online';
    this.#floor.staff.set(staff, {
      id: staff,
      status,
      ...(text !== undefined && { text }),
      idleSince: cameOnline ? this.#now : (before?.idleSince ?? this.#now),
    });
    this.#touchedStaff.add(staff);
    this.tellDirectory();
    if (cameOnline && this.#floor.rules.ring.strategy === 'open-queue') this.#askAgain(staff);
    this.settle();
  }

  leaveMessage(message: Omit<LeftMessage, 'id' | 'at' | 'done'>, messageId: string): LeftMessage {
    const left = { ...message, id: String(++this.#floor.lastMessage), at: this.#now, done: false };
    this.#changes.push({ is: 'left-message', message: left, messageId });
    this.#events.push({ type: 'left-message', message: left });
    return left;
  }

  tellDirectory(): void {
    this.#events.push({ type: 'directory', teams: this.#floor.directory.teams, staff: this.#floor.staffNow() });
  }

  typing(id: ChatId, on: boolean): void {
    this.#events.push({ type: 'typing', chat: id, on });
  }

  /** What time has brought about. */
  lapse(): void {
    const floor = this.#floor;
    const now = this.#now;
    for (const staff of floor.unaccountedAt(now)) this.setStatus(staff, 'offline', undefined);
    const limits = { away: floor.rules.awayMinutes, idle: floor.rules.idleMinutes };
    for (const [id, until] of floor.typing) {
      if (now < until) continue;
      floor.typing.delete(id);
      this.typing(id, false);
    }
    for (const chat of [...floor.chats.values()]) {
      const isUnheard = chat.awaySince === undefined && now >= floor.unheardAt(chat);
      if (isUnheard) this.happen(chat.id, { type: 'unheard', since: floor.heardAt(chat) });
      const awaySince = isUnheard ? floor.heardAt(chat) : chat.awaySince;
      if (awaySince !== undefined && now >= floor.goneAt(awaySince)) {
        this.happen(chat.id, { type: 'visitor-gone', limits });
      } else if (chat.is === 'running' && now >= floor.idleAt(chat)) {
        this.happen(chat.id, { type: 'idle', limits });
      }
    }
    this.settle();
  }

  /** Lets the waiting chats ring as they should now. */
  settle(): void {
    const floor = this.#floor;
    for (const chat of floor.chats.values()) if (chat.is === 'waiting') this.#ringAnew(chat);
    const queue = [...floor.chats.values()].filter((chat) => chat.is === 'waiting').sort(compareWaiting);
    if (queue.length === 0) return;
    const running = floor.running();
    const members = new Map<TeamId, ReturnType<Floor['members']>>();
    const steps = settleQueue(queue, {
      now: this.#now,
      rules: floor.rules.ring,
      members: (team) => {
        const known = members.get(team) ?? floor.members(team, running);
        members.set(team, known);
        return known;
      },
      mayReturnUntil: (team) => floor.mayReturnUntil(team, this.#now),
    });
    for (const { id, step: ringStep } of steps) {
      const chat = floor.chats.get(id);
      if (chat?.is !== 'waiting') continue;
      this.#put({ ...chat, ring: ringStep.ring });
      for (const { offer, end } of ringStep.ended) {
        this.#events.push({ type: 'offer-ended', offer: offerNow(id, offer), end });
      }
      for (const offer of ringStep.opened) this.#events.push({ type: 'offer', offer: offerNow(id, offer) });
      if (ringStep.gaveUp) this.happen(id, { type: 'unanswered' });
    }
  }

  /** A ring that began under the other strategy (only an open queue has an end) begins again under this one. */
  #ringAnew(chat: WaitingChat): void {
    const { offers, made, declined, until } = chat.ring;
    const began = until !== undefined ? 'open-queue' : offers.length > 0 ? 'round-robin' : undefined;
    if (began === undefined || began === this.#floor.rules.ring.strategy) return;
    for (const offer of offers) {
      this.#events.push({ type: 'offer-ended', offer: offerNow(chat.id, offer), end: { is: 'withdrawn' } });
    }
    this.#put({ ...chat, ring: { ...newRing(made), declined } });
  }

  speaker(staff: StaffId): Speaker {
    return { id: staff, name: this.#floor.directory.nameOf(staff) };
  }

  /** Who comes back gets the requests of an open queue that were not seen. */
  #askAgain(staff: StaffId): void {
    for (const chat of this.#floor.chats.values()) {
      if (chat.is !== 'waiting' || !chat.ring.asked.includes(staff)) continue;
      this.#put({ ...chat, ring: { ...chat.ring, asked: chat.ring.asked.filter((id) => id !== staff) } });
    }
  }

  #busyNow(staff: StaffId): void {
    const record = this.#floor.staff.get(staff);
    this.#floor.staff.set(staff, { ...(record ?? { id: staff, status: 'offline' }), idleSince: this.#now });
    this.#touchedStaff.add(staff);
  }

  #put(chat: ChatState): void {
    this.#touched.set(chat.id, chat);
    if (chat.is === 'ended') {
      this.#floor.chats.delete(chat.id);
      this.#floor.heard.delete(chat.id);
      this.#floor.typing.delete(chat.id);
    } else {
      this.#floor.chats.set(chat.id, chat);
    }
  }

  #lines(chat: ChatId, lines: readonly ChatLine[]): void {
    for (const line of lines) {
      if (line.from.is === 'visitor' && this.#floor.typing.delete(chat)) this.typing(chat, false);
      this.#changes.push({ is: 'line', chat, line });
      this.#events.push({ type: 'line', chat, line: portLine(line) });
    }
  }
}

function chatOf(event: HelpdeskEvent): ChatId | undefined {
  switch (event.type) {
    case 'chat':
      return event.chat.id;
    case 'offer':
    case 'offer-ended':
      return event.offer.chat;
    case 'line':
    case 'typing':
    case 'transfer-failed':
    case 'note':
    case 'seen':
      return event.chat;
    case 'directory':
    case 'left-message':
    case 'queue-full':
      return undefined;
  }
}

/** A line in the port's words, as staff read it: a visitor's message ids are theirs alone. */
export function portLine({ number, id, at, from, text }: ChatLine): Line {
  switch (from.is) {
    case 'visitor':
      return { number, id, at, from: { is: 'visitor' }, text };
    case 'staff':
      return { number, id, at, from, text };
    case 'notice':
      return { number, id, at, from: { is: 'notice' }, text: from.forStaff ?? text };
  }
}
