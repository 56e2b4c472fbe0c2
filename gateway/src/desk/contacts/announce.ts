/** Tells every app what has changed in its roster, once per change for all that get the same. */
import type { Staff, StaffId } from '../../helpdesk/model.ts';
import { colleagueContact, type Contact, type PresenceItem, type VisitorView, visitorContacts } from './contacts.ts';
import {
  changedSum,
  contactDifference,
  type Difference,
  difference,
  projection,
  type Projection,
  type PushedItem,
  rosterSum,
  versionOf,
} from './roster.ts';
import { type AppSession, type Desk, type Person, sessionsOf } from '../state.ts';
import type { Turn } from '../turn.ts';

/** Collects what goes to whom, so that the same item for many is one delivery. */
class FanOut {
  readonly #farewells = new Map<string, { item: PresenceItem; to: AppSession[] }>();
  readonly #pushes = new Map<string, { version: string; item: PushedItem; to: AppSession[] }>();
  readonly #presences = new Map<PresenceItem, AppSession[]>();
  #last:
    | {
        readonly before: Contact | undefined;
        readonly after: Contact | undefined;
        readonly difference: Difference;
      }
    | undefined;

  add(desk: Desk, person: Person, before: Contact | undefined, after: Contact | undefined): void {
    if (before === after) return;
    const { pushes, presences, farewells } = this.#difference(before, after);
    if (pushes.length > 0 && person.rosterSum !== undefined)
      person.rosterSum = changedSum(person.rosterSum, before?.item, after?.item);
    for (const session of sessionsOf(desk, person.staff)) {
      for (const item of farewells) this.#farewell(session, item);
      for (const item of pushes) this.#push(session, person, item);
      for (const item of presences) this.#presence(session, item);
    }
  }

  /** All who see the same are given the same two objects. */
  #difference(before: Contact | undefined, after: Contact | undefined): Difference {
    const last = this.#last;
    if (last !== undefined && last.before === before && last.after === after) return last.difference;
    const found = contactDifference(before, after);
    this.#last = { before, after, difference: found };
    return found;
  }

  #farewell(session: AppSession, item: PresenceItem): void {
    if (!session.greeted) return;
    if (!session.attached) (session.missed ??= new Set()).add(item.from);
    const known = this.#farewells.get(item.from);
    if (known === undefined) this.#farewells.set(item.from, { item, to: [session] });
    else known.to.push(session);
  }

  #push(session: AppSession, person: Person, item: PushedItem): void {
    if (!session.asked || person.rosterSum === undefined) return;
    const version = versionOf(person.rosterSum);
    const key = `${version} ${item.jid}`;
    const known = this.#pushes.get(key);
    if (known === undefined) this.#pushes.set(key, { version, item, to: [session] });
    else known.to.push(session);
  }

  #presence(session: AppSession, item: PresenceItem): void {
    if (!session.greeted) return;
    if (!session.attached && item.show === 'unavailable') (session.missed ??= new Set()).add(item.from);
    const known = this.#presences.get(item);
    if (known === undefined) this.#presences.set(item, [session]);
    else known.push(session);
  }

  /** A contact goes offline before it goes, and is in the roster before its presence comes. */
  send(turn: Turn): void {
    for (const { item, to } of this.#farewells.values()) turn.deliver(to, item);
    for (const { version, item, to } of this.#pushes.values()) turn.deliver(to, { kind: 'roster-push', version, item });
    for (const [item, to] of this.#presences) turn.deliver(to, item);
  }
}

function* viewers(desk: Desk): Iterable<readonly [Person, Staff]> {
  for (const person of desk.persons.values()) {
    const staff = person.sessions.size > 0 ? desk.staff.get(person.staff) : undefined;
    if (staff !== undefined) yield [person, staff];
  }
}

/** A chat has come (`before` absent), changed, or gone (`after` absent). */
export function announceVisitor(
  desk: Desk,
  turn: Turn,
  before: VisitorView | undefined,
  after: VisitorView | undefined,
): void {
  const was = before === undefined ? undefined : visitorContacts(desk, before);
  const is = after === undefined ? undefined : visitorContacts(desk, after);
  const out = new FanOut();
  for (const [person, viewer] of viewers(desk)) out.add(desk, person, was?.for(viewer), is?.for(viewer));
  out.send(turn);
}

/** Colleagues as they are now, where they are not as in `before`. */
export function announceColleagues(desk: Desk, turn: Turn, before: ReadonlyMap<StaffId, Contact | undefined>): void {
  const out = new FanOut();
  for (const [id, was] of before) {
    const staff = desk.staff.get(id);
    const is = staff === undefined ? undefined : colleagueContact(desk, staff);
    for (const [person] of viewers(desk)) {
      if (person.staff !== id) out.add(desk, person, was, is);
      else if (person.rosterSum !== undefined) person.rosterSum = changedSum(person.rosterSum, was?.item, is?.item);
    }
  }
  out.send(turn);
}

/** Contacts of these staff users before a change, for {@link announceColleagues}. */
export function colleaguesNow(desk: Desk, ids: Iterable<StaffId>): Map<StaffId, Contact | undefined> {
  return new Map(
    Array.from(ids, (id) => {
      const staff = desk.staff.get(id);
      return [id, staff === undefined ? undefined : colleagueContact(desk, staff)];
    }),
  );
}

/** Whole rosters before a change that may touch any of them, for {@link announceAll}. */
export function rostersNow(desk: Desk): Map<StaffId, Projection> {
  return new Map(Array.from(viewers(desk), ([person, viewer]) => [person.staff, projection(desk, viewer)]));
}

export function announceAll(desk: Desk, turn: Turn, before: ReadonlyMap<StaffId, Projection>): void {
  for (const [person, viewer] of viewers(desk)) {
    // Who was not in the directory before had nobody in the roster.
    const was: Projection = before.get(person.staff) ?? new Map();
    const is = projection(desk, viewer);
    const { pushes, presences, farewells } = difference(was, is);
    if (person.rosterSum !== undefined) person.rosterSum = rosterSum(desk, viewer, is);
    const version = versionOf(person.rosterSum ?? 0n);
    const sessions = sessionsOf(desk, person.staff);
    const greeted = sessions.filter((session) => session.greeted);
    const asked = sessions.filter((session) => session.asked);
    for (const item of [...farewells, ...presences])
      for (const session of greeted)
        if (!session.attached && item.show === 'unavailable') (session.missed ??= new Set()).add(item.from);
    for (const item of farewells) turn.deliver(greeted, item);
    for (const item of pushes) turn.deliver(asked, { kind: 'roster-push', version, item });
    for (const item of presences) turn.deliver(greeted, item);
  }
}
