import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { askTeam, type Passing, type PassingStep } from './hand-over.ts';
import { openQueue } from './open-queue.ts';
import type { Member, Ring, RingRules, RingStep, Strategy } from './ring.ts';
import { roundRobin } from './round-robin.ts';

/** A waiting chat, as far as ringing goes. */
export interface Queued {
  readonly id: ChatId;
  readonly team: TeamId;
  readonly ring: Ring;
}

export interface Floor {
  readonly now: number;
  readonly rules: RingRules;
  /** The available members of a team. */
  members(team: TeamId): readonly Member[];
  /** Until when somebody of this team (not of those who are out) may be back; absent: nobody is waited for. */
  mayReturnUntil(team: TeamId, isOut?: (staff: StaffId) => boolean): number | undefined;
}

/** A running chat that is handed over to a team. */
export interface HandingOver extends Passing {
  readonly id: ChatId;
  readonly team: TeamId;
}

export interface QueueStep {
  readonly id: ChatId;
  readonly step: RingStep;
}

export interface HandingOverStep {
  readonly id: ChatId;
  readonly step: PassingStep;
}

const strategies: Readonly<Record<RingRules['strategy'], Strategy>> = {
  'round-robin': roundRobin,
  'open-queue': openQueue,
};

/**
 * Rings for a whole queue, the first in it first: what is over ends, then everybody asks whom they can. Chats that are
 * handed over come before those that wait, as those do that were given back.
 */
export function settleQueue(
  queue: readonly Queued[],
  floor: Floor,
  handingOver: readonly HandingOver[] = [],
): { readonly requests: readonly QueueStep[]; readonly handOvers: readonly HandingOverStep[] } {
  const { now, rules } = floor;
  const strategy = strategies[rules.strategy];
  /** Who is asked for which chat. */
  const occupied = new Map<StaffId, ChatId>();
  const requests: QueueStep[] = [];
  const isOccupiedBut = (id: ChatId) => (staff: StaffId) => (occupied.get(staff) ?? id) !== id;
  const situation = (chat: Queued) => ({
    now,
    rules,
    members: floor.members(chat.team),
    isOccupied: isOccupiedBut(chat.id),
    mayReturnUntil: floor.mayReturnUntil(chat.team),
    offerId: (made: number) => `${chat.id}.r${made}`,
  });
  const note = (id: ChatId, before: Ring, step: RingStep): void => {
    if (step.ring !== before || step.gaveUp) requests.push({ id, step });
  };

  const left: Queued[] = [];
  for (const chat of queue) {
    const step = strategy.lapse(chat.ring, situation(chat));
    note(chat.id, chat.ring, step);
    if (step.gaveUp) continue;
    left.push({ ...chat, ring: step.ring });
    for (const offer of step.ring.offers) occupied.set(offer.staff, chat.id);
  }
  for (const { id, open } of handingOver) for (const staff of open) occupied.set(staff, id);
  const handOvers: HandingOverStep[] = [];
  for (const chat of handingOver) {
    const members = floor.members(chat.team);
    const isHereOrOut = (staff: StaffId) => chat.isOut(staff) || members.some((member) => member.id === staff);
    const back = floor.mayReturnUntil(chat.team, isHereOrOut);
    const step = askTeam(chat, members, rules, isOccupiedBut(chat.id), back);
    for (const staff of step.asks) occupied.set(staff, chat.id);
    if (step.asks.length > 0 || step.failed || step.returnsUntil !== chat.returnsUntil) {
      handOvers.push({ id: chat.id, step });
    }
  }
  for (const chat of left) {
    const step = strategy.ask(chat.ring, situation(chat));
    note(chat.id, chat.ring, step);
    for (const offer of step.opened) occupied.set(offer.staff, chat.id);
  }
  return { requests, handOvers };
}
