/** A helpdesk of plain objects: it does what it is asked, and fails as it is told. */
import { type Fault, HelpdeskError } from '../../helpdesk/errors.ts';
import type {
  Chat,
  ChatId,
  EndReason,
  LeftMessage,
  Line,
  LineExtra,
  Offer,
  OfferEnd,
  Staff,
  StaffId,
  StaffStatus,
  Team,
  TeamId,
} from '../../helpdesk/model.ts';
import type { CallContext, Helpdesk, HelpdeskEvent, Snapshot, Successor, Words } from '../../helpdesk/port.ts';

export const SALES = 'sales' as TeamId;
export const SUPPORT = 'support' as TeamId;

export function staffUser(username: string, name: string, rest: Partial<Staff> = {}): Staff {
  return { id: username as StaffId, username, name, teams: [SALES], permissions: [], status: 'offline', ...rest };
}

export class FakeHelpdesk implements Helpdesk {
  teams: Team[] = [
    { id: SALES, name: 'Sales' },
    { id: SUPPORT, name: 'Support' },
  ];
  readonly staff = new Map<StaffId, Staff>();
  readonly chats = new Map<ChatId, Chat>();
  readonly lines = new Map<ChatId, Line[]>();
  readonly offers = new Map<string, Offer>();
  readonly left: LeftMessage[] = [];
  readonly statuses: string[] = [];
  readonly typed: string[] = [];
  readonly declined: string[] = [];
  readonly received: unknown[] = [];
  readonly reads: string[] = [];
  readonly givenBack: StaffId[] = [];
  readonly shown: string[] = [];
  extras?: true;
  seen?: Helpdesk['seen'] & {};
  /** Faults of the next calls, by verb; `hang` never answers. */
  readonly faults = new Map<string, (Fault | 'hang' | 'answer-lost')[]>();
  #known = new Set<string>();
  #tell: (event: HelpdeskEvent) => void = () => undefined;
  readonly #now: () => number;

  constructor(now: () => number, ...staff: readonly Staff[]) {
    this.#now = now;
    for (const one of staff) this.staff.set(one.id, one);
  }

  open(listener: (event: HelpdeskEvent) => void): Promise<Snapshot> {
    this.#tell = listener;
    return Promise.resolve({
      teams: this.teams,
      staff: [...this.staff.values()],
      chats: [...this.chats.values()].filter(({ phase }) => phase.is !== 'ended'),
      offers: [...this.offers.values()],
    });
  }

  close(): Promise<void> {
    this.#tell = () => undefined;
    return Promise.resolve();
  }

  tells(event: HelpdeskEvent): void {
    this.#tell(event);
  }

  /** As every verb: it fails as it is told, and does `act` once for a call. */
  does(call: CallContext, verb: string, act: () => void): Promise<void> {
    return this.#do(call, verb, act);
  }

  says(chat: ChatId, staff: StaffId, words: Words): void {
    this.#say(chat, staff, words);
  }

  async #do(call: CallContext, verb: string, act: () => void): Promise<void> {
    await Promise.resolve();
    const fault = this.faults.get(verb)?.shift();
    if (fault === 'hang') return new Promise(() => undefined);
    const isKnown = this.#known.has(call.id);
    if (fault !== undefined && fault !== 'answer-lost') {
      const error = new HelpdeskError(fault);
      // what is done is not refused when it is asked for again
      if (!isKnown || error.soft) throw error;
    }
    if (!isKnown) {
      act();
      this.#known.add(call.id);
    }
    if (fault === 'answer-lost') throw new HelpdeskError({ is: 'unreachable' });
  }

  #chat(id: ChatId): Chat {
    const chat = this.chats.get(id);
    if (chat === undefined || chat.phase.is === 'ended') throw new HelpdeskError({ is: 'not-found' });
    return chat;
  }

  #put(chat: Chat): void {
    this.chats.set(chat.id, chat);
    this.#tell({ type: 'chat', chat });
  }

  #line(chat: ChatId, from: Line['from'], text: string, id?: string, more: Pick<Line, 'ref' | 'extra'> = {}): void {
    const lines = this.lines.get(chat) ?? [];
    const number = lines.length + 1;
    const line: Line = { number, id: id ?? `${chat}.${number}`, at: this.#now(), from, text, ...more };
    this.lines.set(chat, [...lines, line]);
    const known = this.chats.get(chat);
    if (known !== undefined) this.chats.set(chat, { ...known, lastLine: number });
    this.#tell({ type: 'line', chat, line });
  }

  /** A visitor begins to wait. */
  waits(id: string, name = 'Chris', question = 'Where is my order?', rest: Partial<Chat> = {}): ChatId {
    const chat = id as ChatId;
    this.#put({
      id: chat,
      visitor: { name },
      team: SALES,
      phase: { is: 'waiting' },
      waitingSince: this.#now(),
      participants: [],
      observers: [],
      visitorPresent: true,
      question,
      lastLine: 0,
      ...rest,
    });
    this.#line(chat, { is: 'visitor' }, question);
    return chat;
  }

  asks(chat: ChatId, staff: string, ms = 60_000, id = `${chat}-${staff}-${this.#now()}`): Offer {
    const at = this.#now();
    const offer: Offer = { id, kind: 'request', chat, staff: staff as StaffId, at, until: at + ms };
    this.offers.set(id, offer);
    this.#tell({ type: 'offer', offer });
    return offer;
  }

  endOffer(offer: Offer, end: OfferEnd): void {
    if (this.offers.delete(offer.id)) this.#tell({ type: 'offer-ended', offer, end });
  }

  visitorSays(chat: ChatId, text: string): void {
    this.#line(chat, { is: 'visitor' }, text);
  }

  notice(chat: ChatId, text: string): void {
    this.#line(chat, { is: 'notice' }, text);
  }

  visitorTypes(chat: ChatId, on: boolean): void {
    this.#tell({ type: 'typing', chat, on });
  }

  change(chat: ChatId, change: Partial<Chat>): void {
    const known = this.chats.get(chat);
    if (known !== undefined) this.#put({ ...known, ...change });
  }

  ends(chat: ChatId, why: EndReason): void {
    for (const offer of this.offers.values()) if (offer.chat === chat) this.endOffer(offer, { is: 'chat-ended' });
    this.change(chat, { phase: { is: 'ended', at: this.#now(), why } });
  }

  leaves(message: LeftMessage): void {
    this.left.unshift(message);
    this.#tell({ type: 'left-message', message });
  }

  directory(change: () => void): void {
    change();
    this.#tell({ type: 'directory', teams: this.teams, staff: [...this.staff.values()] });
  }

  accept(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    return this.#do(call, 'accept', () => {
      const known = this.#chat(chat);
      const [by] = known.participants;
      const offer = [...this.offers.values()].find((one) => one.chat === chat && one.staff === staff);
      if (known.phase.is === 'running' && offer !== undefined && offer.kind !== 'request') {
        this.#comeIn(known, staff, offer);
        return this.#say(chat, staff, words);
      }
      if (known.phase.is === 'running')
        throw new HelpdeskError(by === undefined ? { is: 'taken' } : { is: 'taken', by });
      this.#put({ ...known, phase: { is: 'running', since: this.#now() }, participants: [staff] });
      for (const offer of [...this.offers.values()])
        if (offer.chat === chat)
          this.endOffer(offer, offer.staff === staff ? { is: 'accepted' } : { is: 'taken', by: staff });
      this.#say(chat, staff, words);
    });
  }

  #say(chat: ChatId, staff: StaffId, { id, text, ref, extra }: Words): void {
    const about = extra !== undefined && 'of' in extra ? this.#about(chat, staff, extra) : extra;
    const more = { ...(ref === undefined ? {} : { ref }), ...(about === undefined ? {} : { extra: about }) };
    this.#line(chat, { is: 'staff', staff, name: this.staff.get(staff)?.name ?? '' }, text, id, more);
  }

  #about(chat: ChatId, staff: StaffId, extra: Extract<LineExtra, { readonly of: string }>): LineExtra | undefined {
    const isOwn = ({ from }: Line) => from.is === 'staff' && from.staff === staff;
    const line = this.lines
      .get(chat)
      ?.findLast((one) => one.id === extra.of || (isOwn(one) && one.ref !== undefined && one.ref === extra.of));
    if (line === undefined || line.from.is === 'notice') {
      if (extra.is === 'reply') return undefined;
      throw new HelpdeskError({ is: 'not-found' });
    }
    const isChange = extra.is === 'correction' || extra.is === 'retraction';
    if (isChange && !isOwn(line)) throw new HelpdeskError({ is: 'forbidden' });
    const { from, ref } = line;
    const author = from.is === 'staff' && ref !== undefined ? { author: { staff: from.staff, ref } } : {};
    return { is: extra.is, of: line.id, ...author };
  }

  /** Lines can say something of others, and what was seen is told. */
  knowsExtras(): this {
    this.extras = true;
    this.seen = (chat, staff, line) => this.shown.push(`${chat} ${staff} ${line}`);
    return this;
  }

  visitorHasSeen(chat: ChatId, line: number): void {
    this.#tell({ type: 'seen', chat, line });
  }

  decline(call: CallContext, offer: Offer, why: 'declined' | 'unseen'): Promise<void> {
    return this.#do(call, 'decline', () => {
      this.declined.push(`${offer.staff} ${why}`);
      this.endOffer(offer, { is: why });
    });
  }

  say(call: CallContext, chat: ChatId, staff: StaffId, words: Words): Promise<void> {
    return this.#do(call, 'say', () => {
      if (!this.#chat(chat).participants.includes(staff)) throw new HelpdeskError({ is: 'not-found' });
      this.#say(chat, staff, words);
    });
  }

  typing(chat: ChatId, staff: StaffId, on: boolean): void {
    this.typed.push(`${chat} ${staff} ${on ? 'on' : 'off'}`);
  }

  end(call: CallContext, chat: ChatId, staff: StaffId): Promise<void> {
    return this.#do(call, 'end', () => {
      const known = this.#chat(chat);
      if (!known.participants.includes(staff)) throw new HelpdeskError({ is: 'not-found' });
      const participants = known.participants.filter((one) => one !== staff);
      this.#withdraw(chat, staff);
      if (participants.length === 0) this.#endOffers(chat, { is: 'chat-ended' });
      if (participants.length === 0) this.change(chat, { phase: { is: 'ended', at: this.#now(), why: 'staff' } });
      else this.change(chat, { participants });
    });
  }

  leave(call: CallContext, chat: ChatId, staff: StaffId): Promise<void> {
    return this.#do(call, 'leave', () => {
      const known = this.#chat(chat);
      if (!known.participants.includes(staff)) throw new HelpdeskError({ is: 'not-found' });
      const participants = known.participants.filter((one) => one !== staff);
      this.#withdraw(chat, staff);
      if (participants.length > 0) return this.change(chat, { participants });
      this.#endOffers(chat, { is: 'withdrawn' });
      this.change(chat, { phase: { is: 'waiting' }, participants, waitingSince: this.#now() });
    });
  }

  /** Comes in, by an offer or without one; whoever handed over goes. */
  #comeIn(known: Chat, staff: StaffId, offer?: Offer): void {
    const gone = offer?.kind === 'transfer' ? offer.by : undefined;
    const name = this.staff.get(staff)?.name ?? '';
    this.#put({
      ...known,
      participants: [...known.participants.filter((one) => one !== gone), staff],
      observers: known.observers.filter((one) => one !== staff),
      ...(offer?.team === undefined ? {} : { team: offer.team }),
    });
    if (offer !== undefined) this.endOffer(offer, { is: 'accepted' });
    if (offer?.team !== undefined) this.#endOffers(known.id, { is: 'taken', by: staff }, offer.team);
    this.notice(known.id, `${name} joined the chat.`);
  }

  #endOffers(chat: ChatId, end: OfferEnd, team?: TeamId): void {
    for (const offer of [...this.offers.values()])
      if (offer.chat === chat && (team === undefined || offer.team === team)) this.endOffer(offer, end);
  }

  /** What only somebody who is in the chat can hand over. */
  #withdraw(chat: ChatId, by: StaffId): void {
    for (const offer of [...this.offers.values()])
      if (offer.chat === chat && offer.kind === 'transfer' && offer.by === by)
        this.endOffer(offer, { is: 'withdrawn' });
  }

  #offer(kind: 'invitation' | 'transfer', chat: ChatId, by: StaffId, staff: StaffId, rest: Partial<Offer>): void {
    const at = this.#now();
    const id = `${chat}-${kind}-${staff}-${at}`;
    const offer: Offer = { id, kind, chat, staff, at, until: at + 60_000, by, ...rest };
    this.offers.set(id, offer);
    this.#tell({ type: 'offer', offer });
  }

  invite(call: CallContext, chat: ChatId, by: StaffId, whom: StaffId, why?: string): Promise<void> {
    return this.#do(call, 'invite', () => {
      const { participants } = this.#chat(chat);
      if (!participants.includes(by) || !this.staff.has(whom)) throw new HelpdeskError({ is: 'not-found' });
      if (participants.includes(whom)) throw new HelpdeskError({ is: 'taken' });
      this.#offer('invitation', chat, by, whom, why === undefined ? {} : { why });
    });
  }

  /** All available members of a team are asked at once. */
  transfer(call: CallContext, chat: ChatId, by: StaffId, to: Successor, why?: string): Promise<void> {
    return this.#do(call, 'transfer', () => {
      const { participants } = this.#chat(chat);
      if (!participants.includes(by)) throw new HelpdeskError({ is: 'not-found' });
      const rest = why === undefined ? {} : { why };
      if (to.is === 'staff') {
        const invitation = [...this.offers.values()].find((one) => one.chat === chat && one.staff === to.staff);
        this.#offer('transfer', chat, by, to.staff, rest);
        if (invitation !== undefined) this.endOffer(invitation, { is: 'withdrawn' });
        return;
      }
      const members = [...this.staff.values()].filter(
        ({ id, teams, status }) => teams.includes(to.team) && status === 'online' && !participants.includes(id),
      );
      for (const { id } of members) this.#offer('transfer', chat, by, id, { ...rest, team: to.team });
      if (members.length === 0) this.failsTransfer(chat, by, to.team);
    });
  }

  failsTransfer(chat: ChatId, by: StaffId, team: TeamId): void {
    this.#tell({ type: 'transfer-failed', chat, by, team });
  }

  join(call: CallContext, chat: ChatId, staff: StaffId, words?: Words): Promise<void> {
    return this.#do(call, 'join', () => {
      const known = this.#chat(chat);
      if (known.phase.is !== 'running') throw new HelpdeskError({ is: 'not-found' });
      if (!known.participants.includes(staff)) {
        const offer = [...this.offers.values()].find((one) => one.chat === chat && one.staff === staff);
        this.#comeIn(known, staff, offer);
      }
      if (words !== undefined) this.#say(chat, staff, words);
    });
  }

  observe(call: CallContext, chat: ChatId, staff: StaffId, on: boolean): Promise<void> {
    return this.#do(call, 'observe', () => {
      const known = this.#chat(chat);
      if (this.staff.get(staff)?.permissions.includes('observe') !== true) throw new HelpdeskError({ is: 'forbidden' });
      const others = known.observers.filter((one) => one !== staff);
      this.change(chat, { observers: on ? [...others, staff] : others });
    });
  }

  setStatus(call: CallContext, staff: StaffId, status: StaffStatus, text?: string, mayReturn?: boolean): Promise<void> {
    return this.#do(call, 'setStatus', () => {
      const back = mayReturn === true ? ' (may return)' : '';
      this.statuses.push(`${staff} ${status}${text === undefined ? '' : ` ${text}`}${back}`);
      const known = this.staff.get(staff);
      if (known === undefined) return;
      const { statusText: _, ...rest } = known;
      this.directory(() =>
        this.staff.set(staff, { ...rest, status, ...(text === undefined ? {} : { statusText: text }) }),
      );
    });
  }

  giveBack(call: CallContext, staff: StaffId): Promise<void> {
    return this.#do(call, 'giveBack', () => {
      this.givenBack.push(staff);
      for (const chat of [...this.chats.values()])
        if (chat.phase.is === 'running' && chat.participants.includes(staff))
          this.change(chat.id, { phase: { is: 'waiting' }, participants: [], waitingSince: this.#now() });
    });
  }

  async history(chat: ChatId, after: number, limit: number): Promise<readonly Line[]> {
    this.reads.push(`${chat} ${after}`);
    let lines: readonly Line[] = [];
    await this.#do({ id: `read ${this.reads.length}` }, 'history', () => {
      lines = (this.lines.get(chat) ?? []).filter(({ number }) => number > after).slice(0, limit);
    });
    return lines;
  }

  receive(call: CallContext, input: unknown): Promise<void> {
    return this.#do(call, 'receive', () => this.received.push(input));
  }

  hear(signal: unknown): void {
    this.received.push(signal);
  }

  async leftMessages(teams: readonly TeamId[], limit: number): Promise<readonly LeftMessage[]> {
    await Promise.resolve();
    return this.left.filter(({ team, done }) => !done && teams.includes(team)).slice(0, limit);
  }

  markMessageDone(call: CallContext, id: string, teams: readonly TeamId[]): Promise<void> {
    return this.#do(call, 'markMessageDone', () => {
      const index = this.left.findIndex((one) => one.id === id && !one.done && teams.includes(one.team));
      const message = this.left[index];
      if (message === undefined) throw new HelpdeskError({ is: 'not-found' });
      this.left[index] = { ...message, done: true };
    });
  }
}
