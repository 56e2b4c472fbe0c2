import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
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
  /** Until when somebody of this team may be back; absent: nobody is waited for. */
  mayReturnUntil(team: TeamId): number | undefined;
}

export interface QueueStep {
  readonly id: ChatId;
  readonly step: RingStep;
}

const strategies: Readonly<Record<RingRules['strategy'], Strategy>> = {
  'round-robin': roundRobin,
  'open-queue': openQueue,
};

/** Rings for a whole queue, the first in it first: what is over ends, then everybody asks whom they can. */
export function settleQueue(queue: readonly Queued[], floor: Floor): readonly QueueStep[] {
  const { now, rules } = floor;
  const strategy = strategies[rules.strategy];
  const occupied = new Map<StaffId, ChatId>();
  const steps: QueueStep[] = [];
  const situation = (chat: Queued) => ({
    now,
    rules,
    members: floor.members(chat.team),
    isOccupied: (staff: StaffId) => (occupied.get(staff) ?? chat.id) !== chat.id,
    mayReturnUntil: floor.mayReturnUntil(chat.team),
    offerId: (made: number) => `${chat.id}.r${made}`,
  });
  const note = (id: ChatId, before: Ring, step: RingStep): void => {
    if (step.ring !== before || step.gaveUp) steps.push({ id, step });
  };

  const left: Queued[] = [];
  for (const chat of queue) {
    const step = strategy.lapse(chat.ring, situation(chat));
    note(chat.id, chat.ring, step);
    if (step.gaveUp) continue;
    left.push({ ...chat, ring: step.ring });
    for (const offer of step.ring.offers) occupied.set(offer.staff, chat.id);
  }
  for (const chat of left) {
    const step = strategy.ask(chat.ring, situation(chat));
    note(chat.id, chat.ring, step);
    for (const offer of step.opened) occupied.set(offer.staff, chat.id);
  }
  return steps;
}
