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
  /** Until when those who may be about to come back are waited for. */
  readonly returnsUntil?: number | undefined;
}

export interface PassingStep {
  readonly asks: readonly StaffId[];
  /** Nobody is left to ask. */
  readonly failed: boolean;
  /** As {@link Passing.returnsUntil}, from now on. */
  readonly returnsUntil: number | undefined;
}

/**
 * Whom of a team to ask next to take a running chat over. Everybody is asked once: the visitor is not alone meanwhile,
 * and who hands over is to know soon that nobody comes.
 *
 * | strategy | asks | fails when nobody is asked any more and |
 * |---|---|---|
 * | round-robin | one available member with room at a time, fewest chats first | all of these have been asked |
 * | open-queue | every available member at once, also who becomes available meanwhile | all have been asked |
 *
 * As with requests, a member whose connection dropped, or whom a restart threw out, is waited for: `mayReturnUntil`.
 */
export function askTeam(
  { isOut, open, room }: Passing,
  members: readonly Member[],
  { strategy, maxChats }: RingRules,
  isOccupied: (staff: StaffId) => boolean,
  mayReturnUntil?: number,
): PassingStep {
  const asking = (asks: readonly StaffId[]): PassingStep => ({ asks, failed: false, returnsUntil: undefined });
  const noneLeft: PassingStep = { asks: [], failed: mayReturnUntil === undefined, returnsUntil: mayReturnUntil };
  const left = members.filter((member) => !isOut(member.id));
  if (strategy === 'open-queue') {
    if (open.length === 0 && left.length === 0) return noneLeft;
    return asking(left.slice(0, Math.max(room, 0)).map((member) => member.id));
  }
  if (open.length > 0) return asking([]);
  const withRoom = left.filter((member) => member.running < maxChats);
  if (withRoom.length === 0) return noneLeft;
  const next = room > 0 ? best(withRoom.filter((member) => !isOccupied(member.id))) : undefined;
  return asking(next === undefined ? [] : [next.id]);
}
