/** Apps come, say how available they are, lose their connection, come back, and go. */
import type { Availability, SessionId } from '../../bus/messages.ts';
import type { StaffId } from '../../helpdesk/model.ts';
import { staffAddress } from '../contacts/addresses.ts';
import { availabilityOf, endAtLogout, endOverride, reviewAvailability } from './availability.ts';
import type { PresenceItem } from '../contacts/contacts.ts';
import { catchUpSession } from '../chat/feeds.ts';
import { askAgain } from '../chat/offers.ts';
import { projection, type Projection, rosterSum, versionOf } from '../contacts/roster.ts';
import { type AppSession, type Desk, forgetPerson, newSession, personOf, sessionsOf, takesMessages } from '../state.ts';
import { beginStream, endStream } from './streams.ts';
import { forgetTold, tellTrouble } from '../trouble.ts';
import type { Turn } from '../turn.ts';
import { stopTypingOf } from '../chat/typing.ts';
import { keepWindow } from '../chat/window.ts';

/** How long an app's own roster query is waited for before it gets presence without one. */
const GREET_AFTER = 2_000;

export function sessionOpened(
  desk: Desk,
  turn: Turn,
  {
    session: id,
    staff,
    resource,
    replaces,
  }: {
    readonly session: SessionId;
    readonly staff: StaffId;
    readonly resource: string;
    readonly replaces?: SessionId;
  },
): void {
  if (desk.sessions.has(id)) return;
  const session = newSession(id, staff, resource);
  let before: AppSession | undefined;
  // A resource has one session: whoever has it now takes the place of who had it before.
  for (const old of sessionsOf(desk, staff)) {
    if (old.id !== replaces && old.resource !== resource) continue;
    const availability = availabilityOf(old);
    if (availability !== null) session.inherited = availability;
    before = old;
    forget(desk, turn, old);
  }
  beginStream(desk, session, before, turn.now);
  desk.sessions.set(id, session);
  personOf(desk, staff, turn.now).sessions.add(id);
  reviewAvailability(desk, turn, staff);
}

export function sessionPresence(desk: Desk, turn: Turn, session: AppSession, said: Availability | null): void {
  const before = session.availability;
  const had = availabilityOf(session);
  session.availability = said;
  delete session.inherited;
  const person = personOf(desk, session.staff, turn.now);
  if (said !== null) person.lastActAt = turn.now;
  if (said === null) {
    leave(desk, turn, session, had !== null);
    endAtLogout(desk, person);
    reviewAvailability(desk, turn, session.staff);
    return;
  }
  if (before !== null && (before.show !== said.show || before.status !== said.status)) endOverride(desk, person);
  const others = sessionsOf(desk, session.staff).filter((other) => other !== session && other.availability !== null);
  turn.deliver([session, ...others], ownPresence(desk, session, said));
  if (before === null) {
    for (const other of others)
      if (other.availability !== null) turn.deliver([session], ownPresence(desk, other, other.availability));
    if (session.asked) greet(desk, turn, session);
    else desk.deadlines.set({ is: 'contacts', session: session.id }, turn.now + GREET_AFTER);
  }
  reviewAvailability(desk, turn, session.staff);
  if (takesMessages(session) && (before === null || before.priority < 0)) {
    catchUpSession(desk, turn, session);
    askAgain(desk, turn, session);
    tellTrouble(desk, turn, session);
  }
}

/** A roster get is answered, and then come the contacts. [RFC6121 §2.1.3, §2.6.2] */
export function rosterAsked(desk: Desk, turn: Turn, session: AppSession, ask: string, version?: string): void {
  const viewer = desk.staff.get(session.staff);
  const person = personOf(desk, session.staff, turn.now);
  const contacts: Projection = viewer === undefined ? new Map() : projection(desk, viewer);
  if (viewer !== undefined) person.rosterSum ??= rosterSum(desk, viewer, contacts);
  const current = versionOf(person.rosterSum ?? 0n);
  const items = Array.from(contacts.values(), ({ item }) => item);
  turn.deliver([session], { kind: 'roster', ask, version: current, ...(version === current ? {} : { items }) });
  session.asked = true;
  // COMPAT(profanity, it forgets all presence at each roster result)
  if (session.availability !== null) greet(desk, turn, session);
}

/** Sends the presence of all contacts: after each roster result, and after a resume. */
export function greet(desk: Desk, turn: Turn, session: AppSession): void {
  desk.deadlines.clear({ is: 'contacts', session: session.id });
  session.greeted = true;
  const viewer = desk.staff.get(session.staff);
  if (viewer === undefined) return;
  for (const { presence } of projection(desk, viewer).values()) {
    session.missed?.delete(presence.from);
    if (presence.show !== 'unavailable') turn.deliver([session], presence);
  }
}

export function sessionLost(desk: Desk, turn: Turn, session: AppSession): void {
  session.attached = false;
  stopTypingOf(desk, turn, session);
  keepWindow(desk, session.id);
  reviewAvailability(desk, turn, session.staff);
}

export function sessionResumed(desk: Desk, turn: Turn, session: AppSession): void {
  session.attached = true;
  if (session.availability !== null) {
    const missed = Array.from(session.missed ?? []);
    session.missed?.clear();
    for (const from of missed) turn.deliver([session], { kind: 'presence', from, show: 'unavailable' });
    for (const own of sessionsOf(desk, session.staff))
      if (own.availability !== null) turn.deliver([session], ownPresence(desk, own, own.availability));
    greet(desk, turn, session);
  }
  reviewAvailability(desk, turn, session.staff);
}

export function sessionClosed(desk: Desk, turn: Turn, session: AppSession): void {
  const was = availabilityOf(session) !== null;
  session.availability = null;
  delete session.inherited;
  leave(desk, turn, session, was);
  endStream(desk, session);
  forget(desk, turn, session);
  if (!desk.staff.has(session.staff)) {
    forgetPerson(desk, session.staff);
    return;
  }
  endAtLogout(desk, personOf(desk, session.staff, turn.now));
  reviewAvailability(desk, turn, session.staff);
}

function forget(desk: Desk, turn: Turn, session: AppSession): void {
  stopTypingOf(desk, turn, session);
  keepWindow(desk, session.id);
  desk.deadlines.clear({ is: 'contacts', session: session.id });
  desk.sessions.delete(session.id);
  forgetTold(desk, session);
  const person = personOf(desk, session.staff, turn.now);
  person.sessions.delete(session.id);
  if (person.sessions.size === 0) delete person.rosterSum;
}

/** An app is no longer available: its user's other apps see it go. */
function leave(desk: Desk, turn: Turn, session: AppSession, was: boolean): void {
  session.greeted = false;
  session.missed?.clear();
  stopTypingOf(desk, turn, session);
  keepWindow(desk, session.id);
  desk.deadlines.clear({ is: 'contacts', session: session.id });
  if (!was) return;
  const to = sessionsOf(desk, session.staff).filter((other) => other === session || other.availability !== null);
  for (const other of to) if (!other.attached) (other.missed ??= new Set()).add(fullAddress(desk, session));
  turn.deliver(to, { kind: 'presence', from: fullAddress(desk, session), show: 'unavailable' });
}

export function fullAddress(desk: Desk, session: Pick<AppSession, 'staff' | 'resource'>): string {
  const staff = desk.staff.get(session.staff) ?? { username: session.staff };
  return `${staffAddress(desk.settings.place, staff)}/${session.resource}`;
}

/** A staff user's apps see each other by their own addresses. */
function ownPresence(desk: Desk, session: AppSession, said: Availability): PresenceItem {
  return {
    kind: 'presence',
    from: fullAddress(desk, session),
    show: said.show,
    ...(said.status === undefined ? {} : { status: said.status }),
    priority: said.priority,
  };
}
