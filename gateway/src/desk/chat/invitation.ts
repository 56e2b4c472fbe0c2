/**
 * What a colleague reads who is asked into a running chat: who asks, why, for whom, and what was said last. And what
 * the one who asks reads of what became of it.
 */
import type { SessionId } from '../../bus/messages.ts';
import type { ChatId, Offer, OfferEnd } from '../../helpdesk/model.ts';
import { cut, isLongerThan } from '../../text/clean.ts';
import { marked } from '../../text/mark.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import type { Result } from '../calls.ts';
import { timeFor } from './notices.ts';
import { type AppSession, type Desk, nameOf, type Talk, teamNameOf } from '../state.ts';
import { inTranscript, setIn } from './transcript-line.ts';
import type { Turn } from '../turn.ts';

/** Lines that come with an invitation. */
const CONTEXT_LINES = 6;
/** Longest question and line there, in characters. */
const LONGEST = 300;

export function short(text: string): string {
  return isLongerThan(text, LONGEST) ? `${cut(text, LONGEST)}…` : text;
}

export function invitationText(desk: Desk, talk: Talk, offer: Offer, now: number): string {
  const by = offer.by === undefined ? 'A colleague' : nameOf(desk, offer.by);
  const chat = `the chat with ${talk.label} (${teamNameOf(desk, talk.chat.team)})`;
  const to = offer.team === undefined ? 'you' : teamNameOf(desk, offer.team);
  const asks = offer.kind === 'transfer' ? `${by} hands ${chat} over to ${to}` : `${by} invites you into ${chat}`;
  const question = setIn(short(talk.chat.question));
  // What an observer writes is not sent, whoever asks for it.
  const how = talk.chat.observers.includes(offer.staff)
    ? '$join accepts'
    : `Any reply accepts, and ${talk.label} reads that reply`;
  return [
    `${asks}${offer.why === undefined || offer.why === '' ? '.' : `: ${setIn(offer.why)}`}`,
    ...(question === '' ? [] : [`${talk.label} asked: ${question}`]),
    `${how}. $end declines. You have ${timeFor(offer.until - now)}.`,
  ].join('\n');
}

/** The alert goes out at once; what was said last is read for it and follows. */
export function invite(desk: Desk, turn: Turn, talk: Talk, offer: Offer, apps: readonly AppSession[], proof: string) {
  turn.deliver(apps, {
    kind: 'message',
    from: visitorFullAddress(desk.settings.place, talk.chat.id),
    body: marked(invitationText(desk, talk, offer, turn.now)),
    stanzaId: turn.newId(),
    passing: true,
    proof,
    urgent: true,
  });
  // Who observes has read it.
  if (talk.chat.observers.includes(offer.staff)) return;
  const { id: chat, lastLine } = talk.chat;
  turn.call(
    { is: 'history', chat, after: Math.max(0, lastLine - CONTEXT_LINES), limit: CONTEXT_LINES },
    { is: 'context', offer: offer.id, sessions: apps.map(({ id }) => id) },
  );
}

export function contextRead(
  desk: Desk,
  turn: Turn,
  chat: ChatId,
  { offer: id, sessions }: { readonly offer: string; readonly sessions: readonly SessionId[] },
  result: Result,
): void {
  const talk = desk.talks.get(chat);
  const offer = talk?.offers.get(id)?.offer;
  const lines = result.is === 'done' ? (result.lines ?? []) : [];
  if (talk === undefined || offer === undefined || lines.length === 0) return;
  const apps = sessions.flatMap((session) => desk.sessions.get(session) ?? []);
  const text = lines.map((line) => inTranscript(desk, talk, line, offer.staff, LONGEST)).join('\n');
  turn.notice(apps, visitorFullAddress(desk.settings.place, chat), `The last lines:\n${text}`);
}

/** For who was asked. Nothing for what its own answer tells. */
export function invitationEndNotice(desk: Desk, talk: Talk, offer: Offer, end: OfferEnd): string | undefined {
  const what = offer.kind === 'transfer' ? 'request to take over' : 'invitation';
  switch (end.is) {
    case 'accepted':
      return undefined;
    case 'taken':
      return `Taken over by ${nameOf(desk, end.by)}.`;
    case 'declined':
      return 'Declined.';
    case 'timed-out':
      return `Missed: you did not answer the ${what} in time.`;
    case 'unseen':
      return `Your app did not confirm in time that it got the ${what}. It is over.`;
    case 'chat-ended':
      return `The chat with ${talk.label} has ended. The ${what} is over.`;
    case 'withdrawn':
      return `The ${what} was withdrawn.`;
  }
}

/** For who asked. One who is asked together with a whole team is not spoken of: what becomes of it in the end is. */
export function inviterNotice(desk: Desk, offer: Offer, end: OfferEnd): string | undefined {
  const whom = nameOf(desk, offer.staff);
  const isTransfer = offer.kind === 'transfer';
  if (end.is === 'accepted')
    return isTransfer
      ? `${whom} has taken over the chat. You are no longer in it.`
      : `${whom} has accepted your invitation.`;
  if (offer.team !== undefined) return undefined;
  const stay = isTransfer ? ' You are still in the chat.' : '';
  switch (end.is) {
    case 'declined':
      return isTransfer ? `${whom} does not take over the chat.${stay}` : `${whom} has declined your invitation.`;
    case 'timed-out':
      return `${whom} did not answer in time.${stay}`;
    case 'unseen':
      return `${whom} did not get your ${isTransfer ? 'request' : 'invitation'}: no app of theirs confirmed it.${stay}`;
    case 'withdrawn':
      return `${whom} is not asked any more.${stay}`;
    case 'taken':
    case 'chat-ended':
      return undefined;
  }
}
