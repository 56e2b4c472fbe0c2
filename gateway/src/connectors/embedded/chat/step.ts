/**
 * One chat as a machine: what may happen to it in which state, and what comes of it.
 *
 * | event | waiting | running | ended |
 * |---|---|---|---|
 * | visitor-said | line | line | refused |
 * | accepted | running | taken, or a line of who is in it | refused |
 * | staff-said, staff-ended, staff-left | refused | only of who is in it | refused |
 * | visitor-ended, message-left, visitor-gone | ended | ended (message-left: nothing) | nothing |
 * | unanswered | ended | nothing | nothing |
 * | idle | nothing | ended | nothing |
 * | heard, unheard, visited | noted | noted | nothing |
 */
import type { Fault } from '../../../helpdesk/errors.ts';
import type { EndReason, OfferEnd, StaffId, VisitorCard } from '../../../helpdesk/model.ts';
import type { Words } from '../../../helpdesk/port.ts';
import { newRing, type RingOffer } from '../ring/ring.ts';
import type { Author, ChatLine, ChatState, EndedChat, RunningChat, WaitingChat } from './chat.ts';
import { type Notice, notices } from './notices.ts';

/** A staff user as the transcript names them. */
export interface Speaker {
  readonly id: StaffId;
  readonly name: string;
}

export type ChatEvent =
  | { readonly type: 'visitor-said'; readonly messageId: string; readonly text: string }
  | { readonly type: 'accepted'; readonly staff: Speaker; readonly words: Words }
  | { readonly type: 'staff-said'; readonly staff: Speaker; readonly words: Words }
  | { readonly type: 'staff-ended'; readonly staff: Speaker }
  | { readonly type: 'staff-left'; readonly staff: Speaker; readonly why: 'left' | 'lost' }
  | { readonly type: 'visitor-ended' }
  | { readonly type: 'message-left' }
  | { readonly type: 'unanswered' }
  | { readonly type: 'idle'; readonly limits: EndLimits }
  | { readonly type: 'visitor-gone'; readonly limits: EndLimits }
  | { readonly type: 'unheard'; readonly since: number }
  | { readonly type: 'heard' }
  | { readonly type: 'visited'; readonly card: VisitorCard };

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
      /** Requests that ended with this, and how. */
      readonly offers: readonly { readonly offer: RingOffer; readonly end: OfferEnd }[];
    }
  | { readonly is: 'refused'; readonly fault: Fault };

const notFound: ChatStep = { is: 'refused', fault: { is: 'not-found' } };
const unchanged = (chat: ChatState): ChatStep => ({ is: 'done', chat, lines: [], offers: [] });

export function step(chat: ChatState, event: ChatEvent, at: number): ChatStep {
  switch (event.type) {
    case 'visitor-said':
      if (chat.is === 'ended') return notFound;
      return said(chat, at, [[{ is: 'visitor', messageId: event.messageId }, event.text]]);
    case 'accepted':
      return accepted(chat, event.staff, event.words, at);
    case 'staff-said':
      if (chat.is !== 'running' || !takesPart(chat, event.staff)) return notFound;
      return said(chat, at, [spoken(event.staff, event.words)]);
    case 'staff-ended':
      if (chat.is !== 'running' || !takesPart(chat, event.staff)) return notFound;
      if (chat.participants.length > 1) return without(chat, event.staff, notices.left(event.staff.name), at);
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
  says: readonly (readonly [from: Author, text: string, id?: string])[],
): { readonly chat: Chat; readonly lines: readonly ChatLine[] } {
  const lines = says.map(([from, text, id], index): ChatLine => {
    const number = chat.lastLine + 1 + index;
    return { number, id: id ?? `${chat.id}.${number}`, at, from, text };
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

function spoken(staff: Speaker, words: Words): readonly [Author, string, string] {
  return [{ is: 'staff', staff: staff.id, name: staff.name }, words.text, words.id];
}

function noted({ text, forStaff }: Notice): readonly [Author, string] {
  return [{ is: 'notice', ...(forStaff !== undefined && { forStaff }) }, text];
}

function takesPart(chat: RunningChat, staff: Speaker): boolean {
  return chat.participants.includes(staff.id);
}

function accepted(chat: ChatState, staff: Speaker, words: Words, at: number): ChatStep {
  switch (chat.is) {
    case 'ended':
      return notFound;
    case 'running': {
      if (takesPart(chat, staff)) return said(chat, at, [spoken(staff, words)]);
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

function without(chat: RunningChat, staff: Speaker, notice: Notice, at: number): ChatStep {
  const participants = chat.participants.filter((id) => id !== staff.id);
  return said({ ...chat, participants }, at, [noted(notice)]);
}

function staffLeft(chat: RunningChat, staff: Speaker, why: 'left' | 'lost', at: number): ChatStep {
  const { name } = staff;
  if (chat.participants.length > 1) {
    return without(chat, staff, why === 'left' ? notices.left(name) : notices.lost(name), at);
  }
  const { participants: _participants, waitingSince: _waited, ...rest } = chat;
  const waiting: WaitingChat = {
    ...rest,
    is: 'waiting',
    since: at,
    isFront: true,
    ring: newRing(chat.requests, { leaver: staff.id }),
  };
  return said(waiting, at, [noted(notices.backToQueue(name, why))]);
}

function ended(chat: ChatState, why: EndReason, notice: Notice | undefined, at: number): ChatStep {
  if (chat.is === 'ended') return unchanged(chat);
  const over = { is: 'ended', at, why } as const;
  let end: EndedChat;
  let offers: readonly RingOffer[] = [];
  if (chat.is === 'waiting') {
    const { ring, isFront: _front, since, ...rest } = chat;
    end = { ...rest, ...over, waitingSince: since, participants: [], requests: ring.made };
    offers = ring.offers;
  } else {
    const { since: _since, ...rest } = chat;
    end = { ...rest, ...over };
  }
  return {
    is: 'done',
    ...withLines(end, at, notice === undefined ? [] : [noted(notice)]),
    offers: offers.map((offer) => ({ offer, end: { is: 'chat-ended' } })),
  };
}
