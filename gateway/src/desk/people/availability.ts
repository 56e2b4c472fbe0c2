/**
 * Whether a staff user gets chats follows their apps:
 *
 * | apps (those that take no messages do not count) | helpdesk's status |
 * |---|---|
 * | one is available | online |
 * | else one says dnd | busy |
 * | else one is there (away, xa) | away |
 * | none is there, at once | away: no new requests |
 * | none for 60 s | offline |
 * | none for 300 s | their chats go back to the queue |
 */
import type { Availability } from '../../bus/messages.ts';
import type { StaffId, StaffStatus } from '../../helpdesk/model.ts';
import { announceColleagues, colleaguesNow } from '../contacts/announce.ts';
import type { Result, Stage } from '../calls.ts';
import { backAgain, declineUnseen } from '../chat/offers.ts';
import { stableId } from '../stable-id.ts';
import { type AppSession, type Desk, type Person, personOf, sessionsOf } from '../state.ts';
import type { Turn } from '../turn.ts';

export const OFFLINE_AFTER = 60_000;
export const GIVE_BACK_AFTER = 300_000;

/** What counts for this app: what it said, or what the app said whose place it has. */
export function availabilityOf(session: AppSession): Availability | null {
  return session.availability ?? session.inherited ?? null;
}

/** The same, of an app that chats can come to. [RFC6121 §8.5.2.1.1] */
function countsFor(session: AppSession): Availability | undefined {
  const availability = availabilityOf(session);
  return availability === null || availability.priority < 0 ? undefined : availability;
}

const RANK: Readonly<Record<Availability['show'], number>> = { xa: 1, away: 2, dnd: 3, chat: 4, available: 4 };

/** `undefined`: no app is connected and available. */
export function statusOfApps(
  sessions: readonly AppSession[],
): { readonly status: StaffStatus; readonly text?: string } | undefined {
  let best: Availability | undefined;
  let isConnected = false;
  for (const session of sessions) {
    const availability = countsFor(session);
    if (availability === undefined) continue;
    isConnected ||= session.attached;
    if (best === undefined || RANK[availability.show] > RANK[best.show]) best = availability;
  }
  if (best === undefined || !isConnected) return undefined;
  const status = RANK[best.show] === 4 ? 'online' : best.show === 'dnd' ? 'busy' : 'away';
  return best.status === undefined || best.status === '' ? { status } : { status, text: best.status };
}

/** Looks at a staff user's apps again and does what follows. `restarted`: apps had no chance to come back yet. */
export function reviewAvailability(desk: Desk, turn: Turn, staff: StaffId, restarted = false): void {
  const person = personOf(desk, staff, turn.now);
  const sessions = sessionsOf(desk, staff);
  const status = statusOfApps(sessions);
  if (status === undefined) {
    const isCut = restarted || sessions.some((session) => !session.attached && countsFor(session) !== undefined);
    if (person.present && person.absence === undefined) beginAbsence(desk, turn, person, isCut);
    return;
  }
  if (!person.present || person.absence !== undefined) {
    person.present = true;
    delete person.absence;
    desk.deadlines.clear({ is: 'absence', staff });
    desk.dirty.add(`person:${staff}`);
    backAgain(desk, staff);
  }
  // Colleagues go on seeing what they saw until the helpdesk has heard.
  if (!setStatus(turn, person, person.override ?? status)) release(desk, turn, person);
}

/** False when this was the status before. */
function setStatus(
  turn: Turn,
  person: Person,
  { status, text, mayReturn }: { status: StaffStatus; text?: string; mayReturn?: true },
): boolean {
  const asked = JSON.stringify([status, text]);
  if (person.asked === asked) return false;
  person.asked = asked;
  turn.call(
    {
      is: 'set-status',
      staff: person.staff,
      status,
      ...(text === undefined ? {} : { text }),
      ...(mayReturn === undefined ? {} : { mayReturn }),
    },
    { is: 'status', told: asked },
  );
  return true;
}

function beginAbsence(desk: Desk, turn: Turn, person: Person, cut: boolean): void {
  const { staff } = person;
  person.absence = { since: turn.now };
  desk.dirty.add(`person:${staff}`);
  desk.deadlines.set({ is: 'absence', staff }, turn.now + OFFLINE_AFTER);
  const shown = desk.staff.get(staff)?.status;
  // A dropped connection mostly comes back: colleagues need not see it flicker.
  if (cut && shown !== undefined && shown !== 'offline') person.held = shown;
  if (shown === 'online' || person.asked === undefined || person.asked.startsWith('["online"'))
    setStatus(turn, person, cut ? { status: 'away', mayReturn: true } : { status: 'away' });
  declineUnseen(desk, turn, staff, cut);
}

/** Colleagues see again what the helpdesk says. */
function release(desk: Desk, turn: Turn, person: Person): void {
  if (person.held === undefined) return;
  const before = colleaguesNow(desk, [person.staff]);
  delete person.held;
  announceColleagues(desk, turn, before);
}

/** The next stage of an absence is due. */
export function continueAbsence(desk: Desk, turn: Turn, staff: StaffId): void {
  const person = desk.persons.get(staff);
  const absence = person?.absence;
  if (person === undefined || absence === undefined) return;
  const callId = (stage: Stage) => stableId('absence', staff, String(absence.since), stage);
  if (absence.stage === undefined || absence.stage === 'away') {
    person.asked = JSON.stringify(['offline', undefined]);
    turn.call({ is: 'set-status', staff, status: 'offline' }, { is: 'absence', stage: 'offline' }, callId('offline'));
    release(desk, turn, person);
  }
  if (turn.now >= absence.since + GIVE_BACK_AFTER && absence.stage !== 'given-back')
    turn.call({ is: 'give-back', staff }, { is: 'absence', stage: 'given-back' }, callId('given-back'));
  else desk.deadlines.set({ is: 'absence', staff }, absence.since + GIVE_BACK_AFTER);
}

/** The helpdesk has heard of it; a fault that lasts is no reason to ask for ever. */
export function absenceTold(desk: Desk, staff: StaffId, stage: Stage): void {
  const person = desk.persons.get(staff);
  if (person?.absence === undefined) return;
  if (stage === 'given-back') {
    person.present = false;
    delete person.absence;
    desk.deadlines.clear({ is: 'absence', staff });
    endAtLogout(desk, person);
  } else if (person.absence.stage !== 'given-back') {
    person.absence = { since: person.absence.since, stage };
  }
  desk.dirty.add(`person:${staff}`);
}

export function statusTold(desk: Desk, turn: Turn, staff: StaffId, told: string, result: Result): void {
  const person = desk.persons.get(staff);
  // What was refused may be asked for again by the next change of presence.
  if (result.is === 'fault' && person?.asked === told) delete person.asked;
  if (person !== undefined && person.absence === undefined) release(desk, turn, person);
}

/** What `$status` said ends with the last app, but not while a dropped connection may come back. */
export function endAtLogout(desk: Desk, person: Person): void {
  if (sessionsOf(desk, person.staff).every((session) => availabilityOf(session) === null)) endOverride(desk, person);
}

/** A presence of an app that already had one is a change by its user: it ends what `$status` said. */
export function endOverride(desk: Desk, person: Person): void {
  if (person.override === undefined) return;
  delete person.override;
  desk.dirty.add(`person:${person.staff}`);
}
