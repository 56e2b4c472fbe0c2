/**
 * A desk decides here, one event at a time: the same desk, event and time give the same outcome. It changes the desk
 * that it is given; nothing in it waits, reads a clock or knows a socket.
 */
import type { Act, DeskSignal, SessionId } from '../bus/messages.ts';
import type { ChatId, LeftMessage } from '../helpdesk/model.ts';
import type { HelpdeskEvent, Snapshot } from '../helpdesk/port.ts';
import { isBlank } from '../text/clean.ts';
import { readDollar } from '../text/dollar.ts';
import { announceAll, rostersNow } from './contacts/announce.ts';
import { asked, blockedRead, menuCommand } from './asked.ts';
import { gatewayFullAddress, visitorFullAddress } from './contacts/addresses.ts';
import { doneAccepting } from './chat/accepting.ts';
import { absenceTold, continueAbsence, statusTold } from './people/availability.ts';
import type { Call, Result } from './calls.ts';
import { chatChanged, directoryChanged, forgetChat, lineSaid } from './chat/chats.ts';
import { noteWritten } from './commands/note.ts';
import { menuRan } from './commands/menu.ts';
import { finishCommand, mayRun, runCommand, slowCommand } from './commands/run.ts';
import type { Due } from './deadlines.ts';
import { fetched, lineProved } from './chat/feeds.ts';
import { shownInApp, visitorHasSeen } from './chat/markers.ts';
import { NO_CORRECTION, SLOW_NOTICE } from './chat/notices.ts';
import { contextRead } from './chat/invitation.ts';
import { offerEnded, offerOpened, offerProved, offerUnseen, transferAnswered, transferFailed } from './chat/offers.ts';
import { lineAnswered } from './chat/said.ts';
import { messageToVisitor, saySpoken } from './chat/say.ts';
import {
  greet,
  rosterAsked,
  sessionClosed,
  sessionLost,
  sessionOpened,
  sessionPresence,
  sessionResumed,
} from './people/sessions.ts';
import { type AppSession, appsOf, type Desk, type Settings, teamNameOf, teamsRead } from './state.ts';
import { started } from './start.ts';
import { heldBack, helpdeskAway, helpdeskBack, queueFull, roomAgain } from './trouble.ts';
import { type Outcome, Turn } from './turn.ts';
import { stateFromApp, stopTyping, visitorTypes } from './chat/typing.ts';
import { hint } from './hint.ts';
import { windowEnded, windowGraceOver } from './chat/window.ts';

export type DeskEvent =
  /** first of all */
  | { readonly is: 'started'; readonly snapshot: Snapshot }
  | { readonly is: 'act'; readonly act: Act }
  | { readonly is: 'signal'; readonly signal: Exclude<DeskSignal, { readonly type: 'site' }> }
  | { readonly is: 'helpdesk'; readonly event: HelpdeskEvent }
  | { readonly is: 'result'; readonly call: Call; readonly result: Result }
  /** the helpdesk has not answered for some seconds; the call is made again */
  | { readonly is: 'slow'; readonly call: Call }
  /** the helpdesk has answered nothing since then */
  | { readonly is: 'away'; readonly since: number }
  /** it answers again */
  | { readonly is: 'back' }
  /** too much is pending: what this app has written has to wait outside */
  | { readonly is: 'held'; readonly session: SessionId }
  | { readonly is: 'room' }
  | { readonly is: 'settings'; readonly settings: Settings }
  /** something is due */
  | { readonly is: 'time' };

/** `cause` is unique for good, and the same for an entry that is handled again. */
export function step(desk: Desk, event: DeskEvent, now: number, cause: string): Outcome {
  const turn = new Turn(now, cause);
  switch (event.is) {
    case 'started':
      started(desk, turn, event.snapshot);
      break;
    case 'act':
      act(desk, turn, event.act);
      break;
    case 'signal': {
      const { signal } = event;
      const session = desk.sessions.get(signal.session);
      if (session === undefined) break;
      if (signal.type === 'typing') stateFromApp(desk, turn, session, signal.chat, signal.state);
      else shownInApp(desk, turn, session, signal.chat, signal.of);
      break;
    }
    case 'helpdesk':
      happened(desk, turn, event.event);
      break;
    case 'result':
      answered(desk, turn, event.call, event.result);
      break;
    case 'slow':
      slow(desk, turn, event.call);
      break;
    case 'away':
      helpdeskAway(desk, turn, event.since);
      break;
    case 'back':
      helpdeskBack(desk, turn);
      break;
    case 'held': {
      const session = desk.sessions.get(event.session);
      if (session !== undefined) heldBack(desk, turn, session);
      break;
    }
    case 'room':
      roomAgain(desk);
      break;
    case 'settings': {
      const before = rostersNow(desk);
      desk.settings = event.settings;
      announceAll(desk, turn, before);
      break;
    }
    case 'time':
      for (const due of desk.deadlines.takeDue(now)) fallsDue(desk, turn, due);
      break;
  }
  return turn;
}

function act(desk: Desk, turn: Turn, act: Act): void {
  if (act.type === 'site') {
    const chat = act.chat === undefined ? {} : { chat: act.chat };
    return turn.call({ is: 'receive', input: act.input, ...chat }, { is: 'nothing' }, turn.cause);
  }
  if (act.type === 'session-opened') return sessionOpened(desk, turn, act);
  const session = desk.sessions.get(act.session);
  // Its end was handled before: a late word of an app that is gone.
  if (session === undefined) return;
  switch (act.type) {
    case 'session-presence':
      return sessionPresence(desk, turn, session, act.availability);
    case 'session-carbons':
      return;
    case 'session-lost':
      return sessionLost(desk, turn, session);
    case 'session-resumed':
      return sessionResumed(desk, turn, session);
    case 'session-closed':
      return sessionClosed(desk, turn, session);
    case 'roster-asked':
      return rosterAsked(desk, turn, session, act.ask, act.version);
    case 'asked':
      return asked(desk, turn, session, act);
    case 'command':
      menuCommand(desk, turn, session, act);
      saySpoken(desk, turn, {});
      return menuRan(desk, turn, session, act);
    case 'message':
      if (act.to.is === 'visitor') messageToVisitor(desk, turn, session, act.to.chat, act.message);
      else messageToGateway(desk, turn, session, act.message);
      return saySpoken(desk, turn, act.message);
    case 'proved':
      for (const proof of act.proofs) proved(desk, turn, session, proof);
      return;
  }
}

function messageToGateway(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  { body, quoted, id, receipt, replaces }: Extract<Act, { readonly type: 'message' }>['message'],
): void {
  if (body === undefined || isBlank(body)) return;
  const from = gatewayFullAddress(desk.settings.place);
  if (receipt === true && id !== undefined) turn.deliver([session], { kind: 'receipt', from, of: id });
  const read = readDollar(body, quoted);
  if (read.is === 'command' && replaces !== undefined) return turn.notice([session], from, NO_CORRECTION);
  if (read.is === 'command') return runCommand(desk, turn, session, undefined, read);
  if (mayRun(desk, turn, session, 5))
    turn.notice([session], from, 'Nobody reads this: only commands work here. $help shows them.');
}

function proved(desk: Desk, turn: Turn, session: AppSession, proof: string): void {
  const [what, id, number] = proof.split(' ');
  if (id === undefined) return;
  if (what === 'offer') offerProved(desk, session, id);
  if (what === 'line') lineProved(desk, turn, session, id as ChatId, Number(number));
}

function happened(desk: Desk, turn: Turn, event: HelpdeskEvent): void {
  switch (event.type) {
    case 'chat':
      return chatChanged(desk, turn, event.chat);
    case 'line': {
      const talk = desk.talks.get(event.chat);
      if (talk !== undefined) lineSaid(desk, turn, talk, event.line);
      return;
    }
    case 'offer':
      return offerOpened(desk, turn, event.offer);
    case 'offer-ended':
      return offerEnded(desk, turn, event.offer, event.end);
    case 'typing':
      return visitorTypes(desk, turn, event.chat, event.on);
    case 'directory':
      return directoryChanged(desk, turn, event.teams, event.staff);
    case 'left-message':
      return messageLeft(desk, turn, event.message);
    case 'seen':
      return visitorHasSeen(desk, turn, event.chat, event.line);
    case 'note':
      return noteWritten(desk, turn, event.chat, event.note);
    case 'queue-full':
      return queueFull(desk, turn, event.on);
    case 'transfer-failed':
      return transferFailed(desk, turn, event.chat, event.by, event.team);
  }
}

/** Those who read the messages of this team hear of a new one. */
function messageLeft(desk: Desk, turn: Turn, { name, team }: LeftMessage): void {
  const apps = Array.from(desk.persons.values())
    .filter(({ staff, sessions }) => {
      const reader = sessions.size > 0 ? desk.staff.get(staff) : undefined;
      return reader !== undefined && teamsRead(desk, reader).includes(team);
    })
    .flatMap(({ staff }) => appsOf(desk, staff));
  const text = `${name} left a message for ${teamNameOf(desk, team)}.${hint(desk, 'messages', 'it')}`;
  turn.notice(apps, gatewayFullAddress(desk.settings.place), text);
}

function answered(desk: Desk, turn: Turn, call: Call, result: Result): void {
  const { sequel, verb } = call;
  switch (sequel.is) {
    case 'nothing':
      return;
    case 'said':
      return lineAnswered(desk, turn, call, sequel.said, result);
    case 'feed':
      if (verb.is === 'history') fetched(desk, turn, verb.chat, verb.after, result);
      return;
    case 'status':
      if (verb.is === 'set-status') statusTold(desk, turn, verb.staff, sequel.told, result);
      return;
    case 'absence':
      if (verb.is === 'set-status' || verb.is === 'give-back') absenceTold(desk, verb.staff, sequel.stage);
      return;
    case 'window':
      if (verb.is === 'end' || verb.is === 'observe') windowEnded(desk, verb.chat, verb.staff);
      return;
    case 'context':
      if (verb.is === 'history') contextRead(desk, turn, verb.chat, sequel, result);
      return;
    case 'blocked':
      return blockedRead(turn, sequel, result);
    case 'command':
      if (verb.is === 'join') doneAccepting(desk, verb.chat, verb.staff);
      if (verb.is === 'observe') desk.talks.get(verb.chat)?.toObserve.delete(verb.staff);
      finishCommand(desk, turn, sequel, result, verb);
      if (verb.is === 'transfer') transferAnswered(desk, turn, verb);
      return;
  }
}

function slow(desk: Desk, turn: Turn, { sequel, verb }: Call): void {
  if (sequel.is === 'command') return slowCommand(desk, turn, sequel);
  if (sequel.is !== 'said' || (verb.is !== 'say' && verb.is !== 'accept' && verb.is !== 'join')) return;
  const session = desk.sessions.get(sequel.said.session);
  if (session !== undefined) turn.notice([session], visitorFullAddress(desk.settings.place, verb.chat), SLOW_NOTICE);
}

function fallsDue(desk: Desk, turn: Turn, due: Due): void {
  switch (due.is) {
    case 'contacts': {
      const session = desk.sessions.get(due.session);
      if (session !== undefined && session.availability !== null) greet(desk, turn, session);
      return;
    }
    case 'unseen':
      return offerUnseen(desk, turn, due.chat, due.offer);
    case 'absence':
      return continueAbsence(desk, turn, due.staff);
    case 'window':
      return windowGraceOver(desk, turn, due.chat, due.staff);
    case 'typing': {
      const talk = desk.talks.get(due.chat);
      if (talk !== undefined) stopTyping(desk, turn, talk, due.staff);
      return;
    }
    case 'forget': {
      const talk = desk.talks.get(due.chat);
      if (talk !== undefined) forgetChat(desk, talk);
      return;
    }
  }
}
