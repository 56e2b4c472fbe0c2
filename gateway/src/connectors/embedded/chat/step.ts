/**
 * One chat as a machine: what may happen to it in which state, and what comes of it.
 *
 * | event | waiting | running | ended |
 * |---|---|---|---|
 * | visitor-said | line | line | refused |
 * | accepted | running | of who is asked: in it; of who is in it: a line; else taken | refused |
 * | joined | refused | in it | refused |
 * | invited, transferring, handing-over, observing | refused | `conference.ts` | refused |
 * | asking, gave-up, offers-over | nothing | `conference.ts` | nothing |
 * | staff-said, staff-ended, staff-left | refused | only of who is in it | refused |
 * | visitor-ended, message-left, visitor-gone | ended | ended (message-left: nothing) | nothing |
 * | unanswered | ended | nothing | nothing |
 * | idle | nothing | ended | nothing |
 * | banned | ended | ended | refused |
 * | heard, unheard, visited | noted | noted | nothing |
 */
import type { Fault } from '../../../helpdesk/errors.ts';
import type { EndReason, OfferEnd, StaffId, TeamId, VisitorCard } from '../../../helpdesk/model.ts';
import { newRing, type RingOffer } from '../ring/ring.ts';
import type {
  Author,
  ChatLine,
  ChatState,
  ChatWords,
  EndedChat,
  Invitation,
  KeptExtra,
  RunningChat,
  WaitingChat,
} from './chat.ts';
import {
  asking,
  type Asking,
  type ConferenceStep,
  departed,
  entered,
  gaveUp,
  handingOver,
  invited,
  observing,
  offersOver,
  transferring,
} from './conference.ts';
import { type Notice, notices } from './notices.ts';

/** A staff user as the transcript names them. */
export interface Speaker {
  readonly id: StaffId;
  readonly name: string;
}

export type ChatEvent =
  | {
      readonly type: 'visitor-said';
      readonly messageId: string;
      readonly text: string;
      readonly extra?: KeptExtra;
    }
  /** `from`: who hands the chat over to them */
  | { readonly type: 'accepted'; readonly staff: Speaker; readonly words: ChatWords; readonly from?: Speaker }
  | { readonly type: 'joined'; readonly staff: Speaker; readonly words?: ChatWords; readonly from?: Speaker }
  | { readonly type: 'staff-said'; readonly staff: Speaker; readonly words: ChatWords }
  | { readonly type: 'staff-ended'; readonly staff: Speaker }
  | { readonly type: 'staff-left'; readonly staff: Speaker; readonly why: 'left' | 'lost' }
  | ConferenceEvent
  | { readonly type: 'visitor-ended' }
  | { readonly type: 'message-left' }
  | { readonly type: 'banned'; readonly staff?: Speaker; readonly days?: number }
  | { readonly type: 'unanswered' }
  | { readonly type: 'idle'; readonly limits: EndLimits }
  | { readonly type: 'visitor-gone'; readonly limits: EndLimits }
  | { readonly type: 'unheard'; readonly since: number }
  | { readonly type: 'heard' }
  | { readonly type: 'visited'; readonly card: VisitorCard };

/** What no visitor reads of. */
export type ConferenceEvent =
  | { readonly type: 'invited' | 'transferring'; readonly whom: StaffId; readonly asking: Asking }
  | { readonly type: 'handing-over'; readonly by: StaffId; readonly team: TeamId; readonly why?: string }
  | {
      readonly type: 'asking';
      readonly staff: readonly StaffId[];
      readonly until: number;
      readonly returnsUntil?: number;
    }
  | { readonly type: 'gave-up' }
  | { readonly type: 'offers-over'; readonly ends: ReadonlyMap<string, OfferEnd> }
  | { readonly type: 'observing'; readonly staff: StaffId; readonly on: boolean };

interface EndLimits {
  /** minutes */
  readonly away: number;
  readonly idle: number;
}

export type ChatStep =
  | {
      readonly is: 'done';
      /** The same object when nothing changed. */
      readonly chat: ChatState;
      readonly lines: readonly ChatLine[];
      /** Offers that ended with this, and how. */
      readonly offers: readonly { readonly offer: RingOffer | Invitation; readonly end: OfferEnd }[];
      /** Offers that came of it. */
      readonly opened?: readonly Invitation[];
    }
  | { readonly is: 'refused'; readonly fault: Fault };

const notFound: ChatStep = { is: 'refused', fault: { is: 'not-found' } };
const unchanged = (chat: ChatState): ChatStep => ({ is: 'done', chat, lines: [], offers: [] });

export function step(chat: ChatState, event: ChatEvent, at: number): ChatStep {
  switch (event.type) {
    case 'visitor-said':
      if (chat.is === 'ended') return notFound;
      return said(chat, at, [
        [{ is: 'visitor', messageId: event.messageId }, event.text, event.extra && { extra: event.extra }],
      ]);
    case 'accepted':
      return accepted(chat, event, at);
    case 'joined':
      return chat.is === 'running' ? inConference(chat, event, at) : notFound;
    case 'invited':
    case 'transferring':
    case 'handing-over':
    case 'observing':
      return chat.is === 'running' ? conference(chat, event, at) : notFound;
    case 'asking':
    case 'gave-up':
    case 'offers-over':
      return chat.is === 'running' ? conference(chat, event, at) : unchanged(chat);
    case 'staff-said':
      if (chat.is !== 'running' || !takesPart(chat, event.staff)) return notFound;
      return said(chat, at, [spoken(event.staff, event.words)]);
    case 'staff-ended':
      if (chat.is !== 'running' || !takesPart(chat, event.staff)) return notFound;
      if (chat.participants.length > 1) return went(chat, event.staff, notices.left(event.staff.name), at);
      return ended(chat, 'staff', notices.endedByStaff(event.staff.name), at);
    case 'staff-left':
      if (chat.is !== 'running' || !takesPart(chat, event.staff)) return notFound;
      return staffLeft(chat, event.staff, event.why, at);
    case 'visitor-ended':
      return ended(chat, 'visitor', notices.endedByVisitor(chat.card.name), at);
    case 'message-left':
      return chat.is === 'waiting' ? ended(chat, 'visitor', undefined, at) : unchanged(chat);
    case 'unanswered':
      if (chat.is !== 'waiting') return unchanged(chat);
      return ended(chat, 'unanswered', notices.ended('unanswered', { away: 0, idle: 0 }), at);
    case 'banned':
      if (chat.is === 'ended') return notFound;
      return ended(chat, 'staff', notices.banned(event.staff?.name, event.days), at);
    case 'idle':
      return chat.is === 'running' ? ended(chat, 'idle', notices.ended('idle', event.limits), at) : unchanged(chat);
    case 'visitor-gone':
      return ended(chat, 'visitor-away', notices.ended('visitor-away', event.limits), at);
    case 'unheard':
      return chat.is === 'ended' || chat.awaySince !== undefined
        ? unchanged(chat)
        : unchanged({ ...chat, awaySince: event.since });
    case 'heard': {
      if (chat.is === 'ended' || chat.awaySince === undefined) return unchanged(chat);
      const { awaySince: _heard, ...here } = chat;
      return unchanged(here);
    }
    case 'visited':
      return unchanged(chat.is === 'ended' ? chat : { ...chat, card: event.card });
  }
}

/** The chat with what is said in it, in order; numbers and ids of lines come from their place in the chat. */
export function withLines<Chat extends ChatState>(
  chat: Chat,
  at: number,
  says: readonly (readonly [from: Author, text: string, more?: Partial<Omit<ChatWords, 'text'>> | undefined])[],
): { readonly chat: Chat; readonly lines: readonly ChatLine[] } {
  const lines = says.map(([from, text, more], index): ChatLine => {
    const number = chat.lastLine + 1 + index;
    return {
      number,
      id: more?.id ?? `${chat.id}.${number}`,
      at,
      from,
      text,
      ...(more?.extra !== undefined && { extra: more.extra }),
      ...(more?.ref !== undefined && { ref: more.ref }),
    };
  });
  const isWords = says.some(([from]) => from.is !== 'notice');
  return {
    chat: { ...chat, lastLine: chat.lastLine + lines.length, lastWordsAt: isWords ? at : chat.lastWordsAt },
    lines,
  };
}

function said(chat: ChatState, at: number, says: Parameters<typeof withLines>[2]): ChatStep {
  return { is: 'done', ...withLines(chat, at, says), offers: [] };
}

function spoken(staff: Speaker, words: ChatWords): readonly [Author, string, ChatWords] {
  return [{ is: 'staff', staff: staff.id, name: staff.name }, words.text, words];
}

function noted({ text, forStaff }: Notice): readonly [Author, string] {
  return [{ is: 'notice', ...(forStaff !== undefined && { forStaff }) }, text];
}

function takesPart(chat: RunningChat, staff: Speaker): boolean {
  return chat.participants.includes(staff.id);
}

function accepted(chat: ChatState, event: Extract<ChatEvent, { type: 'accepted' }>, at: number): ChatStep {
  const { staff, words } = event;
  switch (chat.is) {
    case 'ended':
      return notFound;
    case 'running': {
      const isAsked = chat.invitations.some((offer) => offer.staff === staff.id);
      if (isAsked || takesPart(chat, staff)) return inConference(chat, event, at);
      const [by] = chat.participants;
      return { is: 'refused', fault: by === undefined ? { is: 'taken' } : { is: 'taken', by } };
    }
    case 'waiting': {
      const { ring, isFront: _front, since, ...rest } = chat;
      const running: RunningChat = {
        ...rest,
        is: 'running',
        since: at,
        waitingSince: since,
        participants: [staff.id],
        observers: [],
        invitations: [],
        requests: ring.made,
      };
      return {
        is: 'done',
        // the reply is the first thing that the visitor reads
        ...withLines(running, at, [spoken(staff, words), noted(notices.joined(staff.name))]),
        offers: ring.offers.map((offer) => ({
          offer,
          end: offer.staff === staff.id ? { is: 'accepted' } : { is: 'taken', by: staff.id },
        })),
      };
    }
  }
}

/** Takes part from now on, or does already. Who hands over is named in the one notice that there is. */
function inConference(
  chat: RunningChat,
  { staff, words, from }: Extract<ChatEvent, { type: 'accepted' | 'joined' }>,
  at: number,
): ChatStep {
  const says = words === undefined ? [] : [spoken(staff, words)];
  if (takesPart(chat, staff)) return words === undefined ? unchanged(chat) : said(chat, at, says);
  const { chat: inIt, ended: offers, from: leaver } = entered(chat, staff.id);
  const notice =
    from === undefined || from.id !== leaver ? notices.joined(staff.name) : notices.handedOver(from.name, staff.name);
  return { is: 'done', ...withLines(inIt, at, [noted(notice), ...says]), offers };
}

function conference(chat: RunningChat, event: ConferenceEvent, at: number): ChatStep {
  const result = conferenceStep(chat, event, at);
  if (result.is === 'refused') return result;
  return { is: 'done', chat: result.chat, lines: [], offers: result.ended, opened: result.opened };
}

function conferenceStep(chat: RunningChat, event: ConferenceEvent, at: number): ConferenceStep {
  switch (event.type) {
    case 'invited':
      return invited(chat, event.whom, event.asking, at);
    case 'transferring':
      return transferring(chat, event.whom, event.asking, at);
    case 'handing-over':
      return handingOver(chat, event);
    case 'asking':
      return asking(chat, event.staff, event, at);
    case 'gave-up':
      return gaveUp(chat);
    case 'offers-over':
      return offersOver(chat, event.ends);
    case 'observing':
      return observing(chat, event.staff, event.on);
  }
}

function went(chat: RunningChat, staff: Speaker, notice: Notice, at: number): ChatStep {
  const { chat: others, ended: offers } = departed(chat, staff.id);
  return { is: 'done', ...withLines(others, at, [noted(notice)]), offers };
}

function staffLeft(chat: RunningChat, staff: Speaker, why: 'left' | 'lost', at: number): ChatStep {
  const { name } = staff;
  if (chat.participants.length > 1) {
    return went(chat, staff, why === 'left' ? notices.left(name) : notices.lost(name), at);
  }
  const { participants: _p, observers: _o, invitations, handOver: _h, waitingSince: _w, ...rest } = chat;
  const waiting: WaitingChat = {
    ...rest,
    is: 'waiting',
    since: at,
    isFront: true,
    ring: newRing(chat.requests, { leaver: staff.id }),
  };
  return {
    is: 'done',
    ...withLines(waiting, at, [noted(notices.backToQueue(name, why))]),
    offers: invitations.map((offer) => ({ offer, end: { is: 'withdrawn' } })),
  };
}

function ended(chat: ChatState, why: EndReason, notice: Notice | undefined, at: number): ChatStep {
  if (chat.is === 'ended') return unchanged(chat);
  const over = { is: 'ended', at, why } as const;
  let end: EndedChat;
  let offers: readonly RingOffer[] = [];
  if (chat.is === 'waiting') {
    const { ring, isFront: _front, since, ...rest } = chat;
    end = { ...rest, ...over, waitingSince: since, participants: [], observers: [], requests: ring.made };
    offers = ring.offers;
  } else {
    const { since: _since, invitations, handOver: _handOver, ...rest } = chat;
    end = { ...rest, ...over };
    offers = invitations;
  }
  return {
    is: 'done',
    ...withLines(end, at, notice === undefined ? [] : [noted(notice)]),
    offers: offers.map((offer) => ({ offer, end: { is: 'chat-ended' } })),
  };
}
