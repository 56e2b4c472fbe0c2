import {
  gaveUp,
  type Member,
  type Ring,
  type RingStep,
  type Situation,
  type Strategy,
  unchanged,
  withNobody,
  withoutOffer,
  withSomebody,
} from './ring.ts';

/**
 * One available member of the team at a time.
 *
 * | the members who are available and did not say no | then |
 * |---|---|
 * | nobody is available | the end, or a wait for those who may come back |
 * | all said no | the end |
 * | all have as many chats as they may | wait |
 * | one was not asked in this pass, has room and rings for no other chat | ask: fewest chats first, then longest idle |
 * | those not asked in this pass ring for other chats | wait for them |
 * | all that have room were asked | next pass; after the last one the end |
 */
export const roundRobin: Strategy = {
  lapse(ring, { now, members }) {
    let step = unchanged(ring);
    for (const offer of ring.offers) {
      const isHere = members.some((member) => member.id === offer.staff);
      if (isHere && now < offer.until) continue;
      step = {
        ...step,
        ring: withoutOffer(step.ring, offer, 'asked'),
        ended: [...step.ended, { offer, end: { is: isHere ? 'timed-out' : 'withdrawn' } }],
      };
    }
    return step;
  },

  ask(ring, situation) {
    if (ring.offers.length > 0) return unchanged(ring);
    const { members, isOccupied, rules } = situation;
    if (members.length === 0) return withNobody(ring, situation);
    let at = withSomebody(ring);
    const willing = members.filter((member) => !at.declined.includes(member.id));
    if (willing.length === 0) return gaveUp(at);
    const withRoom = willing.filter((member) => member.running < rules.maxChats);
    if (withRoom.length === 0) return unchanged(at);
    for (;;) {
      const { asked } = at;
      const unasked = withRoom.filter((member) => !asked.includes(member.id));
      const next = best(unasked.filter((member) => !isOccupied(member.id)));
      if (next !== undefined) return asking(at, next, situation);
      if (unasked.length > 0) return unchanged(at);
      const passes = at.passes + 1;
      if (passes >= rules.passes) return gaveUp(at);
      at = { ...at, passes, asked: [] };
    }
  },
};

/** Fewest running chats, then longest idle. */
export function best(members: readonly Member[]): Member | undefined {
  let first: Member | undefined;
  for (const member of members) {
    if (
      first === undefined ||
      member.running < first.running ||
      (member.running === first.running && member.idleSince < first.idleSince)
    ) {
      first = member;
    }
  }
  return first;
}

function asking(ring: Ring, member: Member, { now, rules, offerId }: Situation): RingStep {
  const made = ring.made + 1;
  const offer = { id: offerId(made), staff: member.id, at: now, until: now + rules.ringMs };
  return { ring: { ...ring, made, offers: [offer] }, ended: [], opened: [offer], gaveUp: false };
}
