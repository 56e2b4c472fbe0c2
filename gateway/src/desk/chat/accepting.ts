/** What brings a staff user into a chat takes a while at the helpdesk: what they write meanwhile is said after it. */
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import type { AppSession, Desk, Talk } from '../state.ts';

export function beginAccepting(talk: Talk, session: AppSession): void {
  talk.accepting.set(session.staff, [...(talk.accepting.get(session.staff) ?? []), session.id]);
}

/** Answers come in the order of the calls. */
export function doneAccepting(desk: Desk, chat: ChatId, staff: StaffId): void {
  const talk = desk.talks.get(chat);
  const [, ...left] = talk?.accepting.get(staff) ?? [];
  if (left.length > 0) talk?.accepting.set(staff, left);
  else talk?.accepting.delete(staff);
}
