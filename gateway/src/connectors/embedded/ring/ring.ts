import type { OfferEnd, StaffId } from '../../../helpdesk/model.ts';

/** A request that rings at one staff user. */
export interface RingOffer {
  readonly id: string;
  readonly staff: StaffId;
  readonly at: number;
  readonly until: number;
}

/** How far a waiting chat has got in looking for somebody; one round of waiting. Kept in the store. */
export interface Ring {
  /** Times that the request has gone round the team. */
  readonly passes: number;
  /** Who has been asked in this pass. */
  readonly asked: readonly StaffId[];
  /** Who said no: not asked again in this round. */
  readonly declined: readonly StaffId[];
  readonly offers: readonly RingOffer[];
  /** Offers made so far, which numbers the next one. */
  readonly made: number;
  /** Nobody is available: until when those whose connection dropped are waited for. */
  readonly returnsUntil?: number;
  /** Open queue: when the visitor is asked to leave a message. */
  readonly until?: number;
}

export interface RingRules {
  readonly strategy: 'round-robin' | 'open-queue';
  readonly ringMs: number;
  readonly passes: number;
  readonly maxChats: number;
  readonly openQueueMs: number;
}

/** A staff user who is available now. */
export interface Member {
  readonly id: StaffId;
  /** Chats that this staff user takes part in. */
  readonly running: number;
  readonly idleSince: number;
}

/** What a ring step may look at. */
export interface Situation {
  readonly now: number;
  /** The available members of the chat's team. */
  readonly members: readonly Member[];
  /** Rings for another chat. */
  readonly isOccupied: (staff: StaffId) => boolean;
  /** Until when a member of the team whose connection dropped, or whom a restart threw out, may be back. */
  readonly mayReturnUntil: number | undefined;
  readonly rules: RingRules;
  readonly offerId: (made: number) => string;
}

export interface RingStep {
  readonly ring: Ring;
  readonly ended: readonly { readonly offer: RingOffer; readonly end: OfferEnd }[];
  readonly opened: readonly RingOffer[];
  /** Nobody is left: the visitor is asked to leave a message. */
  readonly gaveUp: boolean;
}

/**
 * A ring strategy, in two steps for a whole queue: first all rings lose what is over, then, in the order of
 * the queue, each asks whom it can. Both are pure.
 */
export interface Strategy {
  lapse(ring: Ring, situation: Situation): RingStep;
  ask(ring: Ring, situation: Situation): RingStep;
}

/** How long a waiting chat is kept for somebody whose connection dropped: as long as an app may take to reconnect. */
export const NOBODY_MS = 60_000;

/** A round of waiting that begins; `leaver` has just left this chat and is asked after the others. */
export function newRing(made: number, before?: { readonly leaver?: StaffId }): Ring {
  return {
    passes: 0,
    asked: before?.leaver === undefined ? [] : [before.leaver],
    declined: [],
    offers: [],
    made,
  };
}

export function unchanged(ring: Ring): RingStep {
  return { ring, ended: [], opened: [], gaveUp: false };
}

export function gaveUp(ring: Ring): RingStep {
  return { ...unchanged(ring), gaveUp: true };
}

/** Somebody is here, so nobody has to be waited for. */
export function withSomebody(ring: Ring): Ring {
  if (ring.returnsUntil === undefined) return ring;
  const { returnsUntil: _gone, ...rest } = ring;
  return rest;
}

/** Nobody of the team is available: the end at once, unless somebody may be about to come back. */
export function withNobody(ring: Ring, { now, mayReturnUntil }: Situation): RingStep {
  if (mayReturnUntil === undefined || now >= mayReturnUntil) return gaveUp(ring);
  return unchanged(ring.returnsUntil === mayReturnUntil ? ring : { ...ring, returnsUntil: mayReturnUntil });
}

/** Takes an offer back; for `no`, that staff user is not asked again in this round. */
export function withoutOffer(ring: Ring, offer: RingOffer, why: 'asked' | 'no'): Ring {
  return {
    ...ring,
    offers: ring.offers.filter((other) => other.id !== offer.id),
    asked: ring.asked.includes(offer.staff) ? ring.asked : [...ring.asked, offer.staff],
    declined: why === 'no' && !ring.declined.includes(offer.staff) ? [...ring.declined, offer.staff] : ring.declined,
  };
}

/** When a ring must be looked at again, if nothing happens before. */
export function ringDeadline(ring: Ring): number {
  return Math.min(...ring.offers.map((offer) => offer.until), ring.until ?? Infinity, ring.returnsUntil ?? Infinity);
}
