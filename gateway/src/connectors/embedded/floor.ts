import type { Chat, ChatId, Offer, Staff, StaffId, StaffStatus, TeamId } from '../../helpdesk/model.ts';
import type { Snapshot } from '../../helpdesk/port.ts';
import type { ChatState, Invitation, RunningChat, WaitingChat } from './chat/chat.ts';
import type { Directory } from './staff/directory.ts';
import { type Member, NOBODY_MS, type RingOffer, ringDeadline } from './ring/ring.ts';
import type { Rules } from './rules.ts';
import type { StaffRecord, StoredTenant } from './store/port.ts';

export type OpenChat = WaitingChat | RunningChat;

/** A page that is not heard for this long is away. */
export const HEARD_MS = 20_000;
/** After a start of the gateway, or a time in which it stood still, every page has this long to be heard again. */
const RETURN_MS = 30_000;

/** The chats and the staff of one tenant as they are now: what the store holds, and what is only in memory. */
export class Floor {
  readonly chats = new Map<ChatId, OpenChat>();
  readonly staff = new Map<StaffId, StaffRecord>();
  /** When the visitor's page was last heard of; not kept. */
  readonly heard = new Map<ChatId, number>();
  /** Up to which line each visitor's page has shown the chat, as far as that was told; not kept. */
  readonly shown = new Map<ChatId, number>();
  /** Visitors who type, until when that is believed; not kept. */
  readonly typing = new Map<ChatId, number>();
  lastMessage: number;
  directory: Directory;
  rules: Rules;
  openedAt: number;
  /** Until when each staff user may be back whose connection dropped, or whom the restart threw out; not kept. */
  readonly #mayReturn: Map<StaffId, number>;
  /** Who was there when the gateway stopped, and has not been spoken of since. */
  readonly #unaccounted: Set<StaffId>;

  constructor(stored: StoredTenant, directory: Directory, rules: Rules, now: number, before?: Floor) {
    this.directory = directory;
    this.rules = rules;
    this.openedAt = before?.openedAt ?? now;
    this.lastMessage = stored.lastMessage;
    for (const record of stored.staff) this.staff.set(record.id, record);
    for (const chat of stored.chats) if (chat.is !== 'ended') this.chats.set(chat.id, chat);
    const wasThere = stored.staff.filter((one) => one.status !== 'offline').map((one) => one.id);
    this.#unaccounted = before === undefined ? new Set(wasThere) : before.#unaccounted;
    this.#mayReturn = before === undefined ? new Map(wasThere.map((id) => [id, now + NOBODY_MS])) : before.#mayReturn;
    if (before === undefined) return;
    for (const chat of this.chats.keys()) {
      // one that ended, which could not be stored, is open again
      if (before.chats.has(chat)) keep(chat, before.heard, this.heard);
      else this.heard.set(chat, now);
      keep(chat, before.shown, this.shown);
      keep(chat, before.typing, this.typing);
    }
  }

  /** The process stood still: what it did not hear meanwhile is nobody's absence. */
  stoodStill(now: number): void {
    this.openedAt = now;
    this.heard.clear();
  }

  statusOf(staff: StaffId): StaffStatus {
    return this.staff.get(staff)?.status ?? 'offline';
  }

  /** The available members of a team, with their running chats. */
  members(team: TeamId, running: ReadonlyMap<StaffId, number>): readonly Member[] {
    const members: Member[] = [];
    for (const id of this.directory.members(team)) {
      const record = this.staff.get(id);
      if (record?.status !== 'online') continue;
      members.push({ id, running: running.get(id) ?? 0, idleSince: record.idleSince });
    }
    return members;
  }

  /** How many chats each staff user takes part in. */
  running(): ReadonlyMap<StaffId, number> {
    const counts = new Map<StaffId, number>();
    for (const chat of this.chats.values()) {
      if (chat.is !== 'running') continue;
      for (const staff of chat.participants) counts.set(staff, (counts.get(staff) ?? 0) + 1);
    }
    return counts;
  }

  /** The desk has said what this staff user's status is; `droppedAt`: when their connection dropped. */
  told(staff: StaffId, droppedAt: number | undefined): void {
    const isFirst = this.#unaccounted.delete(staff);
    if (droppedAt !== undefined) this.#mayReturn.set(staff, droppedAt + NOBODY_MS);
    // After a restart it is too early to know who does not come back.
    else if (!isFirst) this.#mayReturn.delete(staff);
  }

  /** The connection of this staff user dropped, and may be back. */
  mayReturn(staff: StaffId, now: number): boolean {
    return (this.#mayReturn.get(staff) ?? 0) > now;
  }

  /** Until when apps of this team's staff, without those who are out, may be about to come back. */
  mayReturnUntil(team: TeamId, now: number, isOut?: (staff: StaffId) => boolean): number | undefined {
    let last = 0;
    for (const id of this.directory.members(team)) {
      if (isOut?.(id) !== true) last = Math.max(last, this.#mayReturn.get(id) ?? 0);
    }
    return last > now ? last : undefined;
  }

  /** Who was there before the start and was not spoken of in the time that an app may take to come back. */
  unaccountedAt(now: number): readonly StaffId[] {
    return [...this.#unaccounted].filter((id) => now >= (this.#mayReturn.get(id) ?? 0));
  }

  /** Since when the page counts as not heard. */
  heardAt(chat: OpenChat): number {
    return this.heard.get(chat.id) ?? this.openedAt;
  }

  unheardAt(chat: OpenChat): number {
    const heard = this.heard.get(chat.id);
    return heard === undefined ? this.openedAt + RETURN_MS : heard + HEARD_MS;
  }

  /** When the page has been away for too long; a restart of the gateway does not count against it at once. */
  goneAt(awaySince: number): number {
    return Math.max(awaySince + this.rules.awayMinutes * 60_000, this.openedAt + RETURN_MS);
  }

  idleAt(chat: RunningChat): number {
    return Math.max(chat.lastWordsAt + this.rules.idleMinutes * 60_000, this.openedAt + RETURN_MS);
  }

  /** When something happens to this chat by itself. */
  deadlineOf(chat: OpenChat): number {
    const page = chat.awaySince === undefined ? this.unheardAt(chat) : this.goneAt(chat.awaySince);
    return Math.min(
      page,
      chat.is === 'waiting' ? ringDeadline(chat.ring) : this.idleAt(chat),
      chat.is === 'waiting' ? Infinity : Math.min(...chat.invitations.map((offer) => offer.until)),
      chat.is === 'waiting' ? Infinity : (chat.handOver?.returnsUntil ?? Infinity),
      this.typing.get(chat.id) ?? Infinity,
    );
  }

  deadline(): number {
    let first = Infinity;
    for (const id of this.#unaccounted) first = Math.min(first, this.#mayReturn.get(id) ?? Infinity);
    for (const chat of this.chats.values()) first = Math.min(first, this.deadlineOf(chat));
    return first;
  }

  staffNow(): readonly Staff[] {
    return [...this.directory.staff].map((entry) => {
      const text = this.staff.get(entry.id)?.text;
      return { ...entry, status: this.statusOf(entry.id), ...(text !== undefined && { statusText: text }) };
    });
  }

  snapshot(): Snapshot {
    const chats = [...this.chats.values()];
    return {
      teams: this.directory.teams,
      staff: this.staffNow(),
      chats: chats.map(chatNow),
      offers: chats.flatMap((chat) => {
        const offers = chat.is === 'waiting' ? chat.ring.offers : chat.invitations;
        return offers.map((offer) => offerNow(chat.id, offer));
      }),
    };
  }
}

function keep(chat: ChatId, before: ReadonlyMap<ChatId, number>, now: Map<ChatId, number>): void {
  const known = before.get(chat);
  if (known !== undefined) now.set(chat, known);
}

/** A chat in the port's words. */
export function chatNow(chat: ChatState): Chat {
  const { id, card, team, question, lastLine, tags } = chat;
  return {
    id,
    visitor: card,
    team,
    phase:
      chat.is === 'waiting'
        ? { is: 'waiting' }
        : chat.is === 'running'
          ? { is: 'running', since: chat.since }
          : { is: 'ended', at: chat.at, why: chat.why },
    waitingSince: chat.is === 'waiting' ? chat.since : chat.waitingSince,
    participants: chat.is === 'waiting' ? [] : chat.participants,
    observers: chat.is === 'waiting' ? [] : chat.observers,
    visitorPresent: chat.awaySince === undefined,
    question,
    lastLine,
    ...(tags !== undefined && tags.length > 0 && { tags }),
  };
}

export function offerNow(chat: ChatId, offer: RingOffer | Invitation): Offer {
  const { id, staff, at, until } = offer;
  if (!('kind' in offer)) return { id, kind: 'request', chat, staff, at, until };
  const { kind, by, why, team } = offer;
  return {
    id,
    kind,
    chat,
    staff,
    at,
    until,
    by,
    ...(why !== undefined && { why }),
    ...(team !== undefined && { team }),
  };
}
