/** A request or an invitation rings at a staff user's apps until it is answered, over, or not seen. */
import type { ChatId, Offer, OfferEnd, StaffId, TeamId } from '../../helpdesk/model.ts';
import { marked } from '../../text/mark.ts';
import type { Verb } from '../calls.ts';
import { announceVisitor } from '../contacts/announce.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import { maySee } from '../contacts/contacts.ts';
import { catchUp, feedOf } from './feeds.ts';
import { invitationEndNotice, invite, inviterNotice } from './invitation.ts';
import { offerEndNotice, requestNotice } from './notices.ts';
import { viewOf } from '../contacts/roster.ts';
import { stableId } from '../stable-id.ts';
import { type AppSession, appsOf, type Desk, type OpenOffer, sessionsOf, type Talk, teamNameOf } from '../state.ts';
import type { Turn } from '../turn.ts';

/** Without a proof of any app in this time, a request counts as not seen. */
export const UNSEEN_AFTER = 10_000;

/** Somebody may be writing an answer when a request goes to somebody else, or a remark while they observe. */
export const LATE_REPLY = 30_000;

export function proofOfOffer(offer: string): string {
  return `offer ${offer}`;
}

export function offerOpened(desk: Desk, turn: Turn, offer: Offer, absent?: 'may-come-back'): void {
  const talk = desk.talks.get(offer.chat);
  if (talk === undefined || talk.offers.has(offer.id)) return;
  const before = viewOf(talk);
  const open: OpenOffer = { offer, seen: false, unseenAt: turn.now + UNSEEN_AFTER };
  talk.offers.set(offer.id, open);
  desk.dirty.add(`chat:${offer.chat}`);
  announceVisitor(desk, turn, before, viewOf(talk));
  ring(desk, turn, talk, open, appsOf(desk, offer.staff));
  if (sessionsOf(desk, offer.staff).length === 0 && absent === undefined) decline(turn, offer, 'unseen');
  else desk.deadlines.set({ is: 'unseen', chat: offer.chat, offer: offer.id }, open.unseenAt);
}

/** A request is the question as the visitor wrote it, then the notice that says what it is. */
function ring(desk: Desk, turn: Turn, talk: Talk, { offer }: OpenOffer, apps: readonly AppSession[]): void {
  if (apps.length === 0) return;
  const from = visitorFullAddress(desk.settings.place, talk.chat.id);
  const proof = proofOfOffer(offer.id);
  for (const app of apps) app.touched?.delete(talk.chat.id);
  if (offer.kind !== 'request') return invite(desk, turn, talk, offer, apps, proof);
  const stanzaId = talk.question ?? stableId('question', talk.chat.id);
  turn.deliver(apps, { kind: 'message', from, body: talk.chat.question, stanzaId, proof, urgent: true });
  turn.deliver(apps, {
    kind: 'message',
    from,
    body: marked(requestNotice(desk, talk, offer, turn.now)),
    stanzaId: turn.newId(),
    passing: true,
    proof,
    urgent: true,
  });
  for (const app of apps) {
    const feed = feedOf(desk, talk, app);
    // The question is the chat's first line.
    if (talk.chat.lastLine > 0) feed.sent = Math.max(feed.sent, 1);
    catchUp(desk, turn, talk, app);
  }
}

/** An app that was not there when a request came gets it now. */
export function askAgain(desk: Desk, turn: Turn, session: AppSession): void {
  for (const { talk, open } of offersOf(desk, session.staff))
    if (open.offer.until > turn.now) ring(desk, turn, talk, open, [session]);
}

function* offersOf(desk: Desk, staff: StaffId): Iterable<{ readonly talk: Talk; readonly open: OpenOffer }> {
  for (const talk of desk.talks.values())
    for (const open of talk.offers.values()) if (open.offer.staff === staff) yield { talk, open };
}

export function offerEnded(desk: Desk, turn: Turn, offer: Offer, end: OfferEnd): void {
  const talk = desk.talks.get(offer.chat);
  if (talk === undefined || !talk.offers.has(offer.id)) return;
  const before = viewOf(talk);
  talk.offers.delete(offer.id);
  desk.deadlines.clear({ is: 'unseen', chat: offer.chat, offer: offer.id });
  desk.dirty.add(`chat:${offer.chat}`);
  const isRequest = offer.kind === 'request';
  const isOver = end.is === 'taken' || (isRequest && end.is !== 'accepted' && end.is !== 'declined');
  // who has been in the chat knows that others are
  const late = isOver ? turn.now + LATE_REPLY : end.is === 'accepted' ? 0 : undefined;
  // of who is staff no more nothing is kept
  if (late !== undefined && desk.staff.has(offer.staff)) talk.lateUntil.set(offer.staff, late);
  // What they are asked now has been told, and who asks knows it.
  if (end.is === 'withdrawn' && isAsked(talk, offer.staff)) return;
  const notice = isRequest ? offerEndNotice(desk, talk, offer, end) : invitationEndNotice(desk, talk, offer, end);
  const from = visitorFullAddress(desk.settings.place, offer.chat);
  // An app that is answering right now hears from that answer what came of it.
  const answering = talk.accepting.get(offer.staff) ?? [];
  const apps = appsOf(desk, offer.staff).filter(({ id }) => !answering.includes(id));
  if (notice !== undefined) turn.notice(apps, from, notice);
  if (!isRequest) tellInviter(desk, turn, talk, offer, end);
  announceVisitor(desk, turn, before, viewOf(talk));
}

function isAsked(talk: Talk, staff: StaffId): boolean {
  return Array.from(talk.offers.values()).some(({ offer }) => offer.staff === staff);
}

function tellInviter(desk: Desk, turn: Turn, talk: Talk, offer: Offer, end: OfferEnd): void {
  const by = offer.by === undefined ? undefined : desk.staff.get(offer.by);
  if (by === undefined) return;
  const isIn = talk.chat.participants.includes(by.id);
  const hasHandedOver = offer.kind === 'transfer' && end.is === 'accepted';
  // That the chat goes on without them is told here.
  if (hasHandedOver && isIn) talk.handedOver.add(by.id);
  // Who has left the chat hears of an invitation that goes on, but not that with them something else ended.
  const isTold = isIn || hasHandedOver || (end.is !== 'withdrawn' && maySee(by, viewOf(talk)));
  const notice = isTold ? inviterNotice(desk, offer, end) : undefined;
  if (notice !== undefined)
    turn.notice(appsOf(desk, by.id), visitorFullAddress(desk.settings.place, offer.chat), notice);
}

export function transferFailed(desk: Desk, turn: Turn, chat: ChatId, by: StaffId, team: TeamId): void {
  const talk = desk.talks.get(chat);
  if (talk === undefined || talk.ended !== undefined) return;
  // the command that asked for it has not been answered: it tells this
  if (talk.handingOver.has(by)) return void talk.handingOver.set(by, 'failed');
  turn.notice(appsOf(desk, by), visitorFullAddress(desk.settings.place, chat), nobodyTookOver(desk, team));
}

/** What the command could tell nobody, since the app is gone that asked for it. */
export function transferAnswered(desk: Desk, turn: Turn, { chat, staff, to }: Extract<Verb, { is: 'transfer' }>): void {
  const handingOver = desk.talks.get(chat)?.handingOver;
  const hasFailed = handingOver?.get(staff) === 'failed';
  handingOver?.delete(staff);
  if (hasFailed && to.is === 'team') transferFailed(desk, turn, chat, staff, to.team);
}

function nobodyTookOver(desk: Desk, team: TeamId): string {
  return `Nobody of ${teamNameOf(desk, team)} took over the chat. You are still in it.`;
}

export function offerProved(desk: Desk, session: AppSession, id: string): void {
  for (const { talk, open } of offersOf(desk, session.staff)) if (open.offer.id === id) see(desk, talk, open);
}

/** Somebody types an answer: then the request was seen. */
export function seenByTyping(desk: Desk, talk: Talk, session: AppSession): void {
  for (const open of talk.offers.values()) if (open.offer.staff === session.staff) see(desk, talk, open);
}

function see(desk: Desk, talk: Talk, open: OpenOffer): void {
  desk.deadlines.clear({ is: 'unseen', chat: talk.chat.id, offer: open.offer.id });
  if (open.seen) return;
  open.seen = true;
  desk.dirty.add(`chat:${talk.chat.id}`);
}

export function offerUnseen(desk: Desk, turn: Turn, chat: ChatId, id: string): void {
  const open = desk.talks.get(chat)?.offers.get(id);
  if (open !== undefined) decline(turn, open.offer, 'unseen');
}

/** The last app is gone: a logout ends what is asked at once, a dropped connection may come back in time. */
export function declineUnseen(desk: Desk, turn: Turn, staff: StaffId, mayComeBack: boolean): void {
  for (const { talk, open } of offersOf(desk, staff)) {
    if (!mayComeBack) decline(turn, open.offer, 'unseen');
    else waitForProof(desk, turn, talk, open, Math.min(open.seen ? Infinity : open.unseenAt, turn.now + UNSEEN_AFTER));
  }
}

/** An app is there again: what was seen stays seen, the rest is yet to be proved. */
export function backAgain(desk: Desk, staff: StaffId): void {
  for (const { talk, open } of offersOf(desk, staff)) {
    if (open.seen) desk.deadlines.clear({ is: 'unseen', chat: talk.chat.id, offer: open.offer.id });
  }
}

function waitForProof(desk: Desk, turn: Turn, talk: Talk, open: OpenOffer, until: number): void {
  open.unseenAt = Math.max(until, turn.now);
  desk.deadlines.set({ is: 'unseen', chat: talk.chat.id, offer: open.offer.id }, open.unseenAt);
  desk.dirty.add(`chat:${talk.chat.id}`);
}

/** The call's id is the offer's: it is refused once, whoever asks. */
export function decline(turn: Turn, offer: Offer, why: 'declined' | 'unseen'): void {
  turn.call({ is: 'decline', offer, why }, { is: 'nothing' }, stableId('decline', offer.id, why));
}
