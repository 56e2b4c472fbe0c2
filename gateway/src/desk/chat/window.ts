/**
 * Closing a chat's window ends the chat, where the app tells. `<gone/>` alone does not say that a window was closed:
 * some programs send it by a timer, at logout, or never.
 */
import type { ChatState, SessionId } from '../../bus/messages.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import { type AppSession, appOf, type Desk, type Leaving, sessionsOf, type Talk } from '../state.ts';
import { stableId } from '../stable-id.ts';
import type { Turn } from '../turn.ts';

export function windowClosed(
  desk: Desk,
  turn: Turn,
  talk: Talk,
  session: AppSession,
  before: ChatState | undefined,
): void {
  const { enabled, grace } = desk.settings.windowClose;
  if (!enabled || talk.leaving.has(session.staff) || !tellsOfWindows(session, before)) return;
  if (isInOtherApp(desk, talk, session)) return;
  const leaving = { staff: session.staff, session: session.id, until: turn.now + grace };
  talk.leaving.set(session.staff, leaving);
  desk.deadlines.set({ is: 'window', chat: talk.chat.id, staff: session.staff }, leaving.until);
  desk.dirty.add(`chat:${talk.chat.id}`);
}

function tellsOfWindows(session: AppSession, before: ChatState | undefined): boolean {
  const program = session.availability?.capsNode ?? '';
  // COMPAT(Dino, it sends gone after 90 s without interaction and never when a window is closed)
  if (/^https?:\/\/dino\.im\b/u.test(program)) return false;
  // COMPAT(profanity, its timer sends inactive and then gone; closing a window sends gone alone)
  return !(/profanity/iu.test(program) && before === 'inactive');
}

function isInOtherApp(desk: Desk, talk: Talk, session: AppSession): boolean {
  return sessionsOf(desk, session.staff).some(
    (other) => other !== session && talk.feeds.get(appOf(other))?.tookPart === true,
  );
}

/** A sign of life: of this staff user, or (without one) of the visitor. */
export function cancelLeaving(desk: Desk, talk: Talk, staff?: StaffId): void {
  for (const leaving of Array.from(talk.leaving.values()))
    if (staff === undefined || leaving.staff === staff) drop(desk, talk, leaving);
}

function drop(desk: Desk, talk: Talk, { staff }: Leaving): void {
  talk.leaving.delete(staff);
  desk.deadlines.clear({ is: 'window', chat: talk.chat.id, staff });
  desk.dirty.add(`chat:${talk.chat.id}`);
}

/** The app has logged out or lost its connection: what it said before was no closing of a window. */
export function keepWindow(desk: Desk, session: SessionId): void {
  for (const talk of desk.talks.values())
    for (const leaving of Array.from(talk.leaving.values())) if (leaving.session === session) drop(desk, talk, leaving);
}

/** The part of one staff user ends; with others in the chat, it goes on. Who only observes does so no more. */
export function windowGraceOver(desk: Desk, turn: Turn, chat: ChatId, staff: StaffId): void {
  const talk = desk.talks.get(chat);
  const leaving = talk?.leaving.get(staff);
  if (talk === undefined || leaving === undefined) return;
  talk.closing.add(staff);
  const id = stableId('window', chat, staff, String(leaving.until));
  const isObserver = talk.chat.observers.includes(staff);
  turn.call(isObserver ? { is: 'observe', chat, staff, on: false } : { is: 'end', chat, staff }, { is: 'window' }, id);
}

export function windowEnded(desk: Desk, chat: ChatId, staff: StaffId): void {
  const talk = desk.talks.get(chat);
  if (talk === undefined) return;
  talk.closing.delete(staff);
  cancelLeaving(desk, talk, staff);
}
