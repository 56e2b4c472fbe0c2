/**
 * Several staff in one running chat: who is asked in, who joins, who listens.
 *
 * | event | done when | refused when |
 * |---|---|---|
 * | invited | `by` takes part | whom takes part: taken. Asked already: nothing |
 * | transferring, to a staff user | `by` takes part | whom takes part, or is asked by somebody else: taken |
 * | transferring, to a team | `by` takes part | somebody else hands over to a team: taken |
 * | asking, gave-up | the hand-over to a team is open | never: nothing |
 * | offers-over | those that are open | never: nothing |
 * | entered | always; a transfer's `by` leaves then | never |
 * | observing | | they take part: taken |
 *
 * A staff user has one way out of a chat at a time: the newer transfer takes the place of their older one.
 */
import type { Fault } from '../../../helpdesk/errors.ts';
import type { OfferEnd, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { OBSERVERS, OPEN_INVITATIONS } from '../limits.ts';
import type { HandOver, Invitation, RunningChat } from './chat.ts';

export interface Asking {
  readonly by: StaffId;
  readonly until: number;
  readonly why?: string;
}

export interface EndedInvitation {
  readonly offer: Invitation;
  readonly end: OfferEnd;
}

export type ConferenceStep =
  | {
      readonly is: 'done';
      /** The same object when nothing changed. */
      readonly chat: RunningChat;
      readonly opened: readonly Invitation[];
      readonly ended: readonly EndedInvitation[];
    }
  | { readonly is: 'refused'; readonly fault: Fault };

const done = (chat: RunningChat, ended: readonly EndedInvitation[] = []): ConferenceStep => ({
  is: 'done',
  chat,
  opened: [],
  ended,
});
const refused = (fault: Fault): ConferenceStep => ({ is: 'refused', fault });
const withdrawn: OfferEnd = { is: 'withdrawn' };

export function invited(chat: RunningChat, whom: StaffId, asking: Asking, at: number): ConferenceStep {
  if (!chat.participants.includes(asking.by)) return refused({ is: 'not-found' });
  if (chat.participants.includes(whom)) return refused({ is: 'taken', by: whom });
  if (chat.invitations.some((one) => one.staff === whom)) return done(chat);
  return asked(chat, [whom], { ...asking, kind: 'invitation' }, at);
}

export function transferring(chat: RunningChat, whom: StaffId, asking: Asking, at: number): ConferenceStep {
  const { by } = asking;
  if (!chat.participants.includes(by)) return refused({ is: 'not-found' });
  if (chat.participants.includes(whom)) return refused({ is: 'taken', by: whom });
  const open = chat.invitations.find((one) => one.staff === whom);
  if (open !== undefined && open.by !== by) return refused({ is: 'taken', by: open.by });
  if (open?.kind === 'transfer' && open.team === undefined) return done(chat);
  const free = parting(chat, by, withdrawn, open);
  const step = asked(free.chat, [whom], { ...asking, kind: 'transfer' }, at);
  return step.is === 'refused' ? step : { ...step, ended: [...free.ended, ...step.ended] };
}

/** Nobody is asked yet: {@link asking} does that. */
export function handingOver(
  chat: RunningChat,
  { by, team, why }: { readonly by: StaffId; readonly team: TeamId; readonly why?: string },
): ConferenceStep {
  if (!chat.participants.includes(by)) return refused({ is: 'not-found' });
  const { handOver } = chat;
  if (handOver !== undefined && handOver.by !== by) return refused({ is: 'taken', by: handOver.by });
  if (handOver?.team === team) return done(chat);
  const free = parting(chat, by, withdrawn);
  const begun: HandOver = { by, team, ...(why !== undefined && { why }), asked: [] };
  return done({ ...free.chat, handOver: begun }, free.ended);
}

/** Members of the team are asked to take the chat over, or waited for. */
export function asking(
  chat: RunningChat,
  staff: readonly StaffId[],
  { until, returnsUntil }: { readonly until: number; readonly returnsUntil?: number },
  at: number,
): ConferenceStep {
  const { handOver } = chat;
  if (handOver === undefined) return done(chat);
  const open = new Set(chat.invitations.map((one) => one.staff));
  const whom = staff
    .filter((one) => !chat.participants.includes(one) && !open.has(one))
    .slice(0, OPEN_INVITATIONS - chat.invitations.length);
  if (whom.length === 0 && handOver.returnsUntil === returnsUntil) return done(chat);
  const { returnsUntil: _before, ...rest } = handOver;
  const { by, team, why } = handOver;
  const next: HandOver = {
    ...rest,
    asked: [...handOver.asked, ...whom],
    ...(returnsUntil !== undefined && { returnsUntil }),
  };
  const offer = { by, until, team, kind: 'transfer', ...(why !== undefined && { why }) } as const;
  return asked({ ...chat, handOver: next }, whom, offer, at);
}

/** Nobody of the team is left to ask. */
export function gaveUp(chat: RunningChat): ConferenceStep {
  const { handOver, ...rest } = chat;
  return done(handOver === undefined ? chat : rest);
}

export function offersOver(chat: RunningChat, ends: ReadonlyMap<string, OfferEnd>): ConferenceStep {
  return without(chat, (offer) => ends.get(offer.id));
}

/** Takes part from now on: whoever handed over to them leaves, and they listen no more. */
export function entered(
  chat: RunningChat,
  staff: StaffId,
): { readonly chat: RunningChat; readonly ended: readonly EndedInvitation[]; readonly from?: StaffId } {
  const offer = chat.invitations.find((one) => one.staff === staff);
  const came = without(chat, (one) => (one === offer ? { is: 'accepted' } : undefined));
  const inIt: RunningChat = {
    ...came.chat,
    team: offer?.team ?? chat.team,
    participants: [...chat.participants, staff],
    observers: chat.observers.filter((one) => one !== staff),
  };
  if (offer?.kind !== 'transfer') return { chat: inIt, ended: came.ended };
  const went = departed(inIt, offer.by, { is: 'taken', by: staff });
  return { chat: went.chat, ended: [...came.ended, ...went.ended], from: offer.by };
}

/** Takes part no more; the others still do. */
export function departed(
  chat: RunningChat,
  staff: StaffId,
  end: OfferEnd = withdrawn,
): { readonly chat: RunningChat; readonly ended: readonly EndedInvitation[] } {
  const { chat: free, ended } = parting(chat, staff, end);
  return { chat: { ...free, participants: chat.participants.filter((one) => one !== staff) }, ended };
}

export function observing(chat: RunningChat, staff: StaffId, on: boolean): ConferenceStep {
  const isObserving = chat.observers.includes(staff);
  if (on && chat.participants.includes(staff)) return refused({ is: 'taken', by: staff });
  if (on === isObserving) return done(chat);
  if (!on) return done({ ...chat, observers: chat.observers.filter((one) => one !== staff) });
  if (chat.observers.length >= OBSERVERS) return refused({ is: 'forbidden' });
  return done({ ...chat, observers: [...chat.observers, staff] });
}

/** Nothing of what this staff user wanted to leave by is open any more, nor `also`. */
function parting(chat: RunningChat, by: StaffId, end: OfferEnd, also?: Invitation) {
  const step = without(chat, (one) => ((one.by === by && one.kind === 'transfer') || one === also ? end : undefined));
  const { handOver, ...rest } = step.chat;
  return { ...step, chat: handOver?.by === by ? rest : step.chat };
}

function without(chat: RunningChat, endOf: (offer: Invitation) => OfferEnd | undefined) {
  const ended: EndedInvitation[] = [];
  for (const offer of chat.invitations) {
    const end = endOf(offer);
    if (end !== undefined) ended.push({ offer, end });
  }
  if (ended.length === 0) return { is: 'done', chat, opened: [], ended } as const;
  const over = new Set(ended.map(({ offer }) => offer));
  const invitations = chat.invitations.filter((offer) => !over.has(offer));
  return { is: 'done', chat: { ...chat, invitations }, opened: [], ended } as const;
}

function asked(
  chat: RunningChat,
  staff: readonly StaffId[],
  offer: Omit<Invitation, 'id' | 'staff' | 'at'>,
  at: number,
): ConferenceStep {
  if (chat.invitations.length + staff.length > OPEN_INVITATIONS) return refused({ is: 'forbidden' });
  const opened = staff.map((one, index): Invitation => ({
    ...offer,
    id: `${chat.id}.r${chat.requests + 1 + index}`,
    staff: one,
    at,
  }));
  return {
    is: 'done',
    chat: { ...chat, requests: chat.requests + opened.length, invitations: [...chat.invitations, ...opened] },
    opened,
    ended: [],
  };
}
