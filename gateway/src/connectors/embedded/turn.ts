import type { ChatHint } from '../../bus/port.ts';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, LeftMessage, StaffId, StaffStatus, TeamId, VisitorCard } from '../../helpdesk/model.ts';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import type { ChatLine, ChatState, ChatWords, WaitingChat } from './chat/chat.ts';
import { type ChatEvent, type Speaker, step, withLines } from './chat/step.ts';
import { chatNow, type Floor, offerNow, type OpenChat } from './floor.ts';
import { portLine } from './port-line.ts';
import { newRing, withoutOffer } from './ring/ring.ts';
import { settle } from './settle.ts';
import type { StoreChange } from './store/port.ts';
import { chatOf, isOfChat, nameIn, offerTo, participantsOf } from './told.ts';

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
  readonly #hints: [ChatId, ChatHint][] = [];
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

  get hints(): readonly (readonly [ChatId, ChatHint])[] {
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

  get now(): number {
    return this.#now;
  }

  tell(event: HelpdeskEvent): void {
    this.#events.push(event);
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
    this.put(chat);
    this.#events.push({ type: 'chat', chat: chatNow(chat) });
    this.#lines(id, lines, []);
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
    const { chat, lines, offers, opened = [] } = outcome;
    if (chat === before) return;
    this.put(chat);
    const told: HelpdeskEvent[] = isOfChat(event) ? [{ type: 'chat', chat: chatNow(chat) }] : [];
    const ends = offers.map(({ offer, end }): HelpdeskEvent => ({
      type: 'offer-ended',
      offer: offerNow(id, offer),
      end,
    }));
    // before the end of what it takes the place of: who is still asked is not out of it in between
    for (const offer of opened) this.tell({ type: 'offer', offer: offerNow(id, offer) });
    const readers = [...new Set([...participantsOf(before), ...participantsOf(chat)])];
    // who joins is in the chat before its next line, who leaves is in it until after the line that says so
    if (event.type === 'accepted' || event.type === 'joined') {
      const leavers = participantsOf(before).filter((staff) => !participantsOf(chat).includes(staff));
      const now = chatNow(chat);
      this.tell({ type: 'chat', chat: { ...now, participants: [...now.participants, ...leavers] } });
      this.#events.push(...ends);
      this.#lines(id, lines, readers);
      if (leavers.length > 0) this.#events.push(...told);
      for (const staff of leavers) this.#busyNow(staff);
    } else {
      this.#lines(id, lines, readers);
      this.#events.push(...ends, ...told);
    }
    for (const staff of participantsOf(before)) {
      // nobody else would ever tell that they do not type any more
      if (!participantsOf(chat).includes(staff))
        this.#hint(id, { type: 'typing', name: nameIn(event, staff) ?? this.speaker(staff).name, on: false });
    }
    if (lines.length > 0 || chat.is !== before.is) this.#hint(id, { type: 'changed' });
  }

  /** Does nothing for a chat that is over. */
  happenIfOpen(id: ChatId, event: ChatEvent): void {
    if (this.#floor.chats.has(id)) this.happen(id, event);
  }

  accept(id: ChatId, staff: StaffId, words: ChatWords): void {
    this.#mayEnter(id, staff);
    this.happen(id, { type: 'accepted', words, ...this.#entering(id, staff) });
    this.#busyNow(staff);
    this.settle();
  }

  join(id: ChatId, staff: StaffId, words?: ChatWords): void {
    this.#mayEnter(id, staff);
    this.happen(id, { type: 'joined', ...(words !== undefined && { words }), ...this.#entering(id, staff) });
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

  /** A staff user who is not there any more takes part in nothing of this chat. */
  lose(id: ChatId, staff: StaffId, name?: string): void {
    const chat = this.#floor.chats.get(id);
    if (chat?.is !== 'running') return;
    const offer = offerTo(chat, staff);
    if (offer !== undefined) this.happen(id, { type: 'offers-over', ends: new Map([[offer.id, { is: 'unseen' }]]) });
    if (chat.observers.includes(staff)) this.happen(id, { type: 'observing', staff, on: false });
    if (chat.participants.includes(staff)) this.depart(id, staff, 'lost', name);
  }

  decline(id: ChatId, offerId: string, why: 'declined' | 'unseen'): void {
    const chat = this.#floor.chats.get(id);
    if (chat?.is === 'running') {
      this.happen(id, { type: 'offers-over', ends: new Map([[offerId, { is: why }]]) });
    } else {
      const offer = chat?.ring.offers.find((one) => one.id === offerId);
      if (chat === undefined || offer === undefined) return;
      this.put({ ...chat, ring: withoutOffer(chat.ring, offer, why === 'declined' ? 'no' : 'asked') });
      this.tell({ type: 'offer-ended', offer: offerNow(id, offer), end: { is: why } });
    }
    this.settle();
  }

  setStatus(staff: StaffId, status: StaffStatus, text: string | undefined, mayReturn = false): void {
    if (!this.#noteStatus(staff, status, text, mayReturn)) return;
    this.tellDirectory();
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
    // after a long time off these may be all that there are: they are told of together
    const gone = floor.unaccountedAt(now).filter((staff) => this.#noteStatus(staff, 'offline', undefined, false));
    if (gone.length > 0) this.tellDirectory();
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

  /** Lets the chats ring as they should now, and ends what is not to go on. */
  settle(): void {
    settle(this, this.#floor);
  }

  speaker(staff: StaffId): Speaker {
    return { id: staff, name: this.#floor.directory.nameOf(staff) };
  }

  /** False when nothing has changed. */
  #noteStatus(staff: StaffId, status: StaffStatus, text: string | undefined, mayReturn: boolean): boolean {
    this.#floor.told(staff, mayReturn ? this.#now : undefined);
    if (!this.#floor.directory.has(staff)) return false;
    const before = this.#floor.staff.get(staff);
    if (before?.status === status && before.text === text) return false;
    const cameOnline = status === 'online' && before?.status !== 'online';
    this.#floor.staff.set(staff, {
      id: staff,
      status,
      ...(text !== undefined && { text }),
      idleSince: cameOnline ? this.#now : (before?.idleSince ?? this.#now),
    });
    this.#touchedStaff.add(staff);
    if (cameOnline && this.#floor.rules.ring.strategy === 'open-queue') this.#askAgain(staff);
    return true;
  }

  /** @throws HelpdeskError `not-found` for who neither sees this chat nor is in it */
  #mayEnter(id: ChatId, staff: StaffId): void {
    const chat = this.#floor.chats.get(id);
    if (chat === undefined) throw new HelpdeskError({ is: 'not-found' });
    if (participantsOf(chat).includes(staff) || offerTo(chat, staff) !== undefined) return;
    if (!this.#floor.directory.sees(staff, chat.team)) throw new HelpdeskError({ is: 'not-found' });
  }

  #entering(id: ChatId, staff: StaffId): { readonly staff: Speaker; readonly from?: Speaker } {
    const offer = offerTo(this.#floor.chats.get(id), staff);
    return { staff: this.speaker(staff), ...(offer?.kind === 'transfer' && { from: this.speaker(offer.by) }) };
  }

  /** Who comes back gets the requests of an open queue that were not seen. */
  #askAgain(staff: StaffId): void {
    for (const chat of this.#floor.chats.values()) {
      if (chat.is !== 'waiting' || !chat.ring.asked.includes(staff)) continue;
      this.put({ ...chat, ring: { ...chat.ring, asked: chat.ring.asked.filter((id) => id !== staff) } });
    }
  }

  #hint(chat: ChatId, hint: ChatHint): void {
    const isKnown = this.#hints.some(([id, { type }]) => id === chat && type === 'changed' && hint.type === 'changed');
    if (!isKnown) this.#hints.push([chat, hint]);
  }

  #busyNow(staff: StaffId): void {
    const record = this.#floor.staff.get(staff);
    this.#floor.staff.set(staff, { ...(record ?? { id: staff, status: 'offline' }), idleSince: this.#now });
    this.#touchedStaff.add(staff);
  }

  put(chat: ChatState): void {
    this.#touched.set(chat.id, chat);
    if (chat.is === 'ended') {
      this.#floor.chats.delete(chat.id);
      this.#floor.heard.delete(chat.id);
      this.#floor.typing.delete(chat.id);
      this.#floor.shown.delete(chat.id);
    } else {
      this.#floor.chats.set(chat.id, chat);
    }
  }

  /** `readers`: who takes part when they are said. */
  #lines(chat: ChatId, lines: readonly ChatLine[], readers: readonly StaffId[]): void {
    for (const line of lines) {
      if (line.from.is === 'visitor' && this.#floor.typing.delete(chat)) this.typing(chat, false);
      this.#changes.push({ is: 'line', chat, line, readers });
      this.#events.push({ type: 'line', chat, line: portLine(line) });
    }
  }
}
