/** What the gateway says in a chat's window. */
import type { Chat, EndReason, Offer, OfferEnd } from '../../helpdesk/model.ts';
import type { Fault } from '../../helpdesk/errors.ts';
import { type Desk, nameOf, type Talk, teamNameOf } from '../state.ts';

export function requestNotice(desk: Desk, talk: Talk, offer: Offer, now: number): string {
  const time = timeFor(offer.until - now);
  return (
    `Chat request for ${teamNameOf(desk, talk.chat.team)}. Any reply accepts it, and ${talk.label} reads that reply ` +
    `first. $end declines. You have ${time}.`
  );
}

/** `90 seconds`, `2 minutes and 30 seconds`, `5 minutes`. */
export function timeFor(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const more = rest === 0 ? '' : rest === 1 ? ' and 1 second' : ` and ${rest} seconds`;
  return `${minutes} minutes${more}`;
}

/** Nothing for what its own answer tells. */
export function offerEndNotice(desk: Desk, talk: Talk, offer: Offer, end: OfferEnd): string | undefined {
  switch (end.is) {
    case 'accepted':
      return undefined;
    case 'taken':
      return `Taken by ${nameOf(desk, end.by)}.`;
    case 'declined':
      return 'Declined.';
    case 'timed-out':
      return 'Missed: you did not answer in time.';
    case 'unseen':
      return 'Passed on: your app did not confirm in time that it got the request.';
    case 'chat-ended':
      return `${talk.label} is gone. The request is over.`;
    case 'withdrawn':
      return desk.staff.get(offer.staff)?.status === 'online'
        ? 'The request was withdrawn.'
        : 'The request was withdrawn, because you are not available now.';
  }
}

/** For those who took part. */
export function endNotice(talk: Talk, why: EndReason): string {
  switch (why) {
    case 'staff':
      return 'The chat has ended.';
    case 'visitor':
      return `${talk.label} has ended the chat.`;
    case 'visitor-away':
      return `${talk.label} left the page and did not come back. The chat has ended.`;
    case 'idle':
      return 'Nobody wrote for a long time. The chat has ended.';
    case 'unanswered':
      return `${talk.label} was asked to leave a message. The chat has ended.`;
  }
}

/** For those who took part before a change and do not any longer. */
export function partedNotice(talk: Talk, chat: Chat): string {
  return chat.phase.is === 'waiting'
    ? `You are no longer in this chat: ${talk.label} waits for somebody else.`
    : 'You have left this chat. It goes on without you.';
}

export function faultNotice(desk: Desk, fault: Fault): string {
  switch (fault.is) {
    case 'taken':
      return fault.by === undefined ? 'Taken by somebody else' : `Taken by ${nameOf(desk, fault.by)}`;
    case 'not-found':
      return 'This chat has ended, or is no longer yours';
    case 'refused':
    case 'forbidden':
      return 'The helpdesk does not allow this';
    case 'locked':
      return 'The helpdesk has locked this account';
    case 'unreachable':
    case 'rate-limited':
      return 'The helpdesk does not answer';
    case 'protocol':
      return 'The helpdesk gave an answer that makes no sense';
  }
}

export const SLOW_NOTICE = 'The helpdesk does not answer. Your text is kept and goes out as soon as it does.';
export const GONE_TEXT = 'This chat has ended, or is not one of yours. Nothing was sent.';
export const NO_CORRECTION = 'A correction cannot be a command. Nothing was sent or done.';
