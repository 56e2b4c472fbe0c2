import type { ChatId, OfferEnd, StaffId, TeamId } from '../../helpdesk/model.ts';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import { type ChatState, compareWaiting, type RunningChat, type WaitingChat } from './chat/chat.ts';
import type { ChatEvent } from './chat/step.ts';
import { type Floor, offerNow } from './floor.ts';
import { OPEN_INVITATIONS } from './limits.ts';
import { type HandingOver, settleQueue } from './ring/queue.ts';
import { newRing } from './ring/ring.ts';

/** The turn in which a floor settles. */
export interface Settling {
  readonly now: number;
  happen(chat: ChatId, event: ChatEvent): void;
  put(chat: ChatState): void;
  tell(event: HelpdeskEvent): void;
}

/**
 * Lets everything ring as it should now: ends what nobody answered in time and what is not for somebody any more,
 * and asks who is next, for chats that wait and for those that are handed over to a team.
 */
export function settle(turn: Settling, floor: Floor): void {
  for (const chat of floor.chats.values()) {
    if (chat.is === 'waiting') ringAnew(turn, floor, chat);
    else tidy(turn, floor, chat);
  }
  const chats = [...floor.chats.values()];
  const queue = chats.filter((chat) => chat.is === 'waiting').sort(compareWaiting);
  const handingOver = chats.flatMap((chat) => (chat.is === 'running' ? handOverOf(chat) : []));
  if (queue.length === 0 && handingOver.length === 0) return;
  const { ring: rules } = floor.rules;
  const running = floor.running();
  const members = new Map<TeamId, ReturnType<Floor['members']>>();
  const { requests, handOvers } = settleQueue(
    queue,
    {
      now: turn.now,
      rules,
      members: (team) => {
        const known = members.get(team) ?? floor.members(team, running);
        members.set(team, known);
        return known;
      },
      mayReturnUntil: (team, isOut) => floor.mayReturnUntil(team, turn.now, isOut),
    },
    handingOver,
  );
  for (const { id, step } of handOvers) {
    const chat = floor.chats.get(id);
    if (chat?.is !== 'running' || chat.handOver === undefined) continue;
    if (step.failed) {
      const { by, team } = chat.handOver;
      turn.happen(id, { type: 'gave-up' });
      turn.tell({ type: 'transfer-failed', chat: id, by, team });
    } else {
      const { asks: staff, returnsUntil } = step;
      const wait = returnsUntil === undefined ? {} : { returnsUntil };
      turn.happen(id, { type: 'asking', staff, until: turn.now + rules.ringMs, ...wait });
    }
  }
  for (const { id, step } of requests) {
    const chat = floor.chats.get(id);
    if (chat?.is !== 'waiting') continue;
    turn.put({ ...chat, ring: step.ring });
    for (const { offer, end } of step.ended) turn.tell({ type: 'offer-ended', offer: offerNow(id, offer), end });
    for (const offer of step.opened) turn.tell({ type: 'offer', offer: offerNow(id, offer) });
    if (step.gaveUp) turn.happen(id, { type: 'unanswered' });
  }
}

/** A ring that began under the other strategy (only an open queue has an end, and waits for nobody) begins again under this one. */
function ringAnew(turn: Settling, floor: Floor, chat: WaitingChat): void {
  const { offers, made, declined, until, returnsUntil } = chat.ring;
  const hasBegun = offers.length > 0 || returnsUntil !== undefined;
  const began = until !== undefined ? 'open-queue' : hasBegun ? 'round-robin' : undefined;
  if (began === undefined || began === floor.rules.ring.strategy) return;
  for (const offer of offers) {
    turn.tell({ type: 'offer-ended', offer: offerNow(chat.id, offer), end: { is: 'withdrawn' } });
  }
  turn.put({ ...chat, ring: { ...newRing(made), declined } });
}

/** Ends the offers of a running chat that are over, and the listening of those who may not. */
function tidy(turn: Settling, floor: Floor, chat: RunningChat): void {
  const { directory } = floor;
  const endOf = ({ staff, by, team, until }: RunningChat['invitations'][number]): OfferEnd | undefined => {
    if (turn.now >= until) return { is: 'timed-out' };
    if (!directory.has(staff) || !directory.has(by)) return { is: 'withdrawn' };
    if (team === undefined) return floor.statusOf(staff) === 'offline' ? { is: 'unseen' } : undefined;
    // an app whose connection dropped comes back to what rings
    const isThere = floor.statusOf(staff) === 'online' || floor.mayReturn(staff, turn.now);
    return isThere && directory.members(team).includes(staff) ? undefined : { is: 'withdrawn' };
  };
  const ends = new Map<string, OfferEnd>();
  for (const offer of chat.invitations) {
    const end = endOf(offer);
    if (end !== undefined) ends.set(offer.id, end);
  }
  if (ends.size > 0) turn.happen(chat.id, { type: 'offers-over', ends });
  const now = floor.chats.get(chat.id);
  if (now?.is !== 'running') return;
  for (const staff of now.observers) {
    if (!directory.mayObserve(staff, chat.team)) turn.happen(chat.id, { type: 'observing', staff, on: false });
  }
}

function handOverOf(chat: RunningChat): readonly HandingOver[] {
  const { id, handOver, participants, invitations } = chat;
  if (handOver === undefined) return [];
  const { team, by, asked, returnsUntil } = handOver;
  const open = invitations.filter((offer) => offer.by === by && offer.team !== undefined).map((offer) => offer.staff);
  const out = new Set<StaffId>([...asked, ...participants, ...invitations.map((offer) => offer.staff)]);
  const room = OPEN_INVITATIONS - invitations.length;
  return [{ id, team, open, room, returnsUntil, isOut: (staff) => out.has(staff) }];
}
