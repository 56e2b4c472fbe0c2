/** What an app says to a visitor: a line, the reply that takes a chat, or something that must not get there. */
import type { AppMessage } from '../../bus/messages.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import { cleanText, isBlank, isLongerThan, MAX_TEXT } from '../../text/clean.ts';
import { readDollar } from '../../text/dollar.ts';
import { asNewText, extraOf } from './about.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import { runCommand } from '../commands/run.ts';
import { maySee } from '../contacts/contacts.ts';
import { GONE_TEXT, NO_CORRECTION } from './notices.ts';
import { seenByTyping } from './offers.ts';
import { viewOf } from '../contacts/roster.ts';
import { printOf, receipt, sayLine, wasSaid } from './said.ts';
import { type AppSession, appOf, type Desk, IN_NO_APP, nameOf, personOf, type Talk } from '../state.ts';
import { useStream } from '../people/streams.ts';
import type { Turn } from '../turn.ts';
import { textSent } from './typing.ts';
import { cancelLeaving } from './window.ts';

/** A chat that has ended is known for a while to those who took part: what only reads goes on. */
function endedTalk(desk: Desk, staff: StaffId, chat: ChatId): Talk | undefined {
  const talk = desk.talks.get(chat);
  return talk?.ended?.staff.includes(staff) === true ? talk : undefined;
}

/** The chat, if this staff user may see it. */
export function visibleTalk(desk: Desk, staff: StaffId, chat: ChatId): Talk | undefined {
  const talk = desk.talks.get(chat);
  const viewer = desk.staff.get(staff);
  if (talk === undefined || viewer === undefined || talk.ended !== undefined) return undefined;
  return maySee(viewer, viewOf(talk)) ? talk : undefined;
}

export function messageToVisitor(desk: Desk, turn: Turn, session: AppSession, chat: ChatId, message: AppMessage): void {
  const isChange = message.retracts !== undefined || message.reacts !== undefined;
  const body = isChange ? '' : message.body;
  // No body, no act: a receipt, a marker, a chat state.
  if (body === undefined || (body === '' && !isChange)) return;
  const talk = visibleTalk(desk, session.staff, chat);
  const from = visitorFullAddress(desk.settings.place, chat);
  const refuse = (condition: 'item-not-found' | 'not-acceptable', text: string) => {
    turn.deliver([session], {
      kind: 'refusal',
      from,
      ...(message.id === undefined ? {} : { of: message.id }),
      condition,
      text,
    });
  };
  if (talk === undefined) {
    const ended = endedTalk(desk, session.staff, chat);
    const asked = ended === undefined || message.replaces !== undefined ? undefined : readDollar(body, message.quoted);
    if (asked?.is !== 'command') return refuse('item-not-found', GONE_TEXT);
    receipt(desk, turn, session, chat, message);
    return runCommand(desk, turn, session, ended, { ...asked, ...printOf(session, message) });
  }
  personOf(desk, session.staff, turn.now).lastActAt = turn.now;
  cancelLeaving(desk, talk, session.staff);
  useStream(desk, session, turn.now);
  if (!isChange) textSent(desk, turn, session, talk);

  const refuseAndTell = (text: string) => {
    refuse('not-acceptable', text);
    turn.notice([session], from, text);
  };
  if (message.encrypted === true)
    return refuseAndTell('Not sent: visitors cannot read encrypted messages. Switch encryption off for this contact.');
  if (isChange) return changeSomething(desk, turn, session, talk, message, refuseAndTell);

  const read = readDollar(body, message.quoted);
  if (read.is === 'later-line')
    return refuseAndTell(
      `Not sent: line ${read.line} looks like a command. Send a command alone; to send a $ there, write a word or a sign before it.`,
    );
  if (read.is === 'malformed')
    return turn.notice(
      [session],
      from,
      `Not sent: what begins with $ is a command ($help lists them). For a $ that ${talk.label} reads, begin with $$.`,
    );
  if (read.is === 'command') {
    if (message.replaces !== undefined) return turn.notice([session], from, NO_CORRECTION);
    receipt(desk, turn, session, chat, message);
    return runCommand(desk, turn, session, talk, { ...read, ...printOf(session, message) });
  }
  if (isLongerThan(read.text, MAX_TEXT))
    return refuseAndTell(`Not sent: one message has at most ${MAX_TEXT} characters. Send it in parts.`);
  const text = cleanText(read.text).trimEnd();
  if (isBlank(text)) return refuseAndTell('Not sent: there is no text in it.');
  if (wasSaid(talk, session, message)) return receipt(desk, turn, session, chat, message);
  saySomething(desk, turn, session, talk, message, text, refuseAndTell);
}

function saySomething(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  talk: Talk,
  message: AppMessage,
  text: string,
  refuse: (text: string) => void,
  app = appOf(session),
): void {
  const { staff } = session;
  const is = wayToSay(desk, talk, staff);
  if (is === 'observing') return refuse('Not sent: you observe this chat. $join takes part in it; then write again.');
  if (is === 'with-others') {
    const names = talk.chat.participants.map((one) => nameOf(desk, one)).join(', ');
    return refuse(`Not sent: ${talk.label} is with ${names}.`);
  }
  if (is !== 'say' && turn.now < (talk.silentUntil.get(staff) ?? 0)) {
    talk.silentUntil.delete(staff);
    desk.dirty.add(`chat:${talk.chat.id}`);
    return refuse(
      `Not sent: you observed this chat until now. To ${talk.chat.phase.is === 'waiting' ? 'take' : 'join'} it, send the text again.`,
    );
  }
  if (is !== 'say' && message.replaces !== undefined)
    return refuse('Not sent: you do not take part in this chat, and a correction does not begin to. Write it anew.');
  if (is === 'join' && isLate(talk, staff, turn.now)) {
    talk.lateUntil.set(staff, 0);
    desk.dirty.add(`chat:${talk.chat.id}`);
    const [by] = talk.chat.participants;
    const taken = by === undefined ? 'Somebody was faster' : `Taken by ${nameOf(desk, by)}`;
    return refuse(`${taken}. Your text was not sent. To join the chat, send it again.`);
  }
  if (is !== 'say') {
    seenByTyping(desk, talk, session);
    if (isFromMachine(desk, talk, session, text))
      return refuse(
        'Not sent: your app says that you are away, and this looks like an automatic reply. ' +
          `To ${talk.chat.phase.is === 'waiting' ? 'take' : 'join'} the chat, come back from away or send another text.`,
      );
  }
  const extra = extraOf(desk, message, text);
  sayLine(desk, turn, session, talk, message, { is, text: asNewText(desk, message, text), extra, app });
}

/** A retraction or a reaction: it is of those who take part, and begins nothing. */
function changeSomething(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  talk: Talk,
  message: AppMessage,
  refuse: (text: string) => void,
): void {
  const { reacts } = message;
  if (wayToSay(desk, talk, session.staff) !== 'say')
    return refuse(
      reacts === undefined
        ? 'Nothing was taken back: you do not take part in this chat.'
        : 'Not sent: you do not take part in this chat, and a reaction does not begin to. Answer in words.',
    );
  if (!desk.settings.can.extras)
    return refuse(
      reacts === undefined
        ? 'Nothing was taken back: this helpdesk keeps what was said.'
        : 'Not sent: this helpdesk shows no reactions. Write it in words.',
    );
  if (wasSaid(talk, session, message)) return receipt(desk, turn, session, talk.chat.id, message);
  const text = reacts?.with.join(' ') ?? '';
  sayLine(desk, turn, session, talk, message, { is: 'say', text, extra: extraOf(desk, message, text) });
}

/**
 * What a text to a visitor does:
 *
 * | who writes | |
 * |---|---|
 * | takes part, or is about to | says it |
 * | observes | nothing: it is not sent |
 * | is asked to take the chat, to join or to take over | accepts |
 * | anybody else, while the visitor waits | takes the chat |
 * | anybody else, while others are in the chat | joins, where the helpdesk can |
 */
function wayToSay(desk: Desk, talk: Talk, staff: StaffId): 'say' | 'accept' | 'join' | 'observing' | 'with-others' {
  const { participants, observers, phase } = talk.chat;
  if (participants.includes(staff) || talk.accepting.has(staff)) return 'say';
  if (observers.includes(staff) || talk.toObserve.has(staff)) return 'observing';
  if (phase.is === 'waiting' || Array.from(talk.offers.values()).some(({ offer }) => offer.staff === staff))
    return 'accept';
  return desk.settings.can.join ? 'join' : 'with-others';
}

/** Without a request that has just ended, a reply counts as meant for the visitor who waited for so long. */
const LATE = 3_000;

/** They answered a visitor who waited, and somebody was faster: then their text is not for a chat of others. */
function isLate({ chat, lateUntil }: Talk, staff: StaffId, now: number): boolean {
  const until = lateUntil.get(staff);
  if (until !== undefined) return now < until;
  return chat.phase.is === 'running' && now < chat.phase.since + LATE;
}

/**
 * An away app answers by itself: its text comes without a sign that somebody types, and is always the same.
 * A second, other text is a person's. Where `$status online` was said, a person is, whatever that app says.
 */
function isFromMachine(desk: Desk, talk: Talk, session: AppSession, text: string): boolean {
  const show = session.availability?.show;
  const override = desk.persons.get(session.staff)?.override;
  const isThere = override?.status === 'online' && override.app === appOf(session);
  const isAway = !isThere && (show === 'away' || show === 'xa' || show === 'dnd');
  if (!isAway || session.touched?.has(talk.chat.id)) return false;
  const suspect = session.suspects?.get(talk.chat.id);
  (session.suspects ??= new Map()).set(talk.chat.id, text);
  return suspect === undefined || suspect === text;
}

/** What commands of this step say: written in no window yet, so that the app which asked for it shows it too. */
export function saySpoken(desk: Desk, turn: Turn, { id, originId }: Pick<AppMessage, 'id' | 'originId'>): void {
  for (const { session, chat, text, refuse } of turn.spoken.splice(0)) {
    const talk = visibleTalk(desk, session.staff, chat);
    if (talk === undefined) {
      refuse(GONE_TEXT);
      continue;
    }
    const message = {
      ...(id === undefined ? {} : { id }),
      ...(originId === undefined ? {} : { originId }),
      body: text,
    };
    if (wasSaid(talk, session, message)) continue;
    // a command is never a machine's
    (session.touched ??= new Set()).add(chat);
    saySomething(desk, turn, session, talk, message, text, refuse, IN_NO_APP);
  }
}
