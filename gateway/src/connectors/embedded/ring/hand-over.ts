import type { StaffId } from '../../../helpdesk/model.ts';
import type { Member, RingRules } from './ring.ts';
import { best } from './round-robin.ts';

/** A running chat on its way to a team, as far as ringing goes. */
export interface Passing {
  /** Has been asked, or cannot be: takes part, or is asked for this chat by somebody else. */
  readonly isOut: (staff: StaffId) => boolean;
  /** Who is asked now. */
  readonly open: readonly StaffId[];
  /** How many more may be. */
  readonly room: number;
}

export interface PassingStep {
  readonly asks: readonly StaffId[];
  /** Nobody is left to ask. */
  readonly failed: boolean;
}

/**
 * Whom of a team to ask next to take a running chat over. Everybody is asked once: the visitor is not alone meanwhile,
 * and who hands over is to know soon that nobody comes.
 *
 * | strategy | asks | fails when nobody is asked any more and |
 * |---|---|---|
 * | round-robin | one available member with room at a time, fewest chats first | all of these have been asked |
 * | open-queue | every available member at once, also who becomes available meanwhile | all have been asked |
 */
export function askTeam(
  { isOut, open, room }: Passing,
  members: readonly Member[],
  { strategy, maxChats }: RingRules,
  isOccupied: (staff: StaffId) => boolean,
): PassingStep {
  const nobody = { asks: [], failed: false };
  const left = members.filter((member) => !isOut(member.id));
  if (strategy === 'open-queue') {
    const asks = left.slice(0, Math.max(room, 0)).map((member) => member.id);
    return { asks, failed: open.length === 0 && left.length === 0 };
  }
  if (open.length > 0) return nobody;
  const withRoom = left.filter((member) => member.running < maxChats);
  if (withRoom.length === 0) return { asks: [], failed: true };
  const next = room > 0 ? best(withRoom.filter((member) => !isOccupied(member.id))) : undefined;
  return next === undefined ? nobody : { asks: [next.id], failed: false };
}
