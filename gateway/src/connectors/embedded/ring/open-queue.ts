import { gaveUp, type RingOffer, type Strategy, unchanged } from './ring.ts';

/**
 * Every available member at once, until one takes the chat, all of them said no, or the time is over.
 * Who becomes available later is asked then; who goes is not asked any more.
 */
export const openQueue: Strategy = {
  lapse(ring, { now, members }) {
    if (ring.until !== undefined && now >= ring.until) {
      return {
        ring: { ...ring, offers: [] },
        ended: ring.offers.map((offer) => ({ offer, end: { is: 'timed-out' } })),
        opened: [],
        gaveUp: true,
      };
    }
    const here = new Set(members.map((member) => member.id));
    const gone = ring.offers.filter((offer) => !here.has(offer.staff));
    if (gone.length === 0) return unchanged(ring);
    return {
      ring: { ...ring, offers: ring.offers.filter((offer) => here.has(offer.staff)) },
      ended: gone.map((offer) => ({ offer, end: { is: 'withdrawn' } })),
      opened: [],
      gaveUp: false,
    };
  },

  ask(ring, { now, members, rules, offerId }) {
    const until = ring.until ?? now + rules.openQueueMs;
    const at = { ...ring, until };
    if (members.length === 0) return unchanged(ring.until === until ? ring : at);
    if (members.every((member) => at.declined.includes(member.id))) return gaveUp(at);
    // `asked` holds who has just left this chat: they may take it, but it does not ring at them
    const asked = new Set([...at.asked, ...at.declined, ...at.offers.map((offer) => offer.staff)]);
    const opened: RingOffer[] = [];
    for (const member of members) {
      if (asked.has(member.id)) continue;
      opened.push({ id: offerId(at.made + opened.length + 1), staff: member.id, at: now, until });
    }
    if (opened.length === 0) return unchanged(ring.until === until ? ring : at);
    return {
      ring: { ...at, made: at.made + opened.length, offers: [...at.offers, ...opened] },
      ended: [],
      opened,
      gaveUp: false,
    };
  },
};
