/** What the helpdesk tells of chats, lines and its people. */
import type { Chat, Line, Staff, StaffId, Team } from '../../helpdesk/model.ts';
import { announceAll, announceColleagues, announceVisitor, colleaguesNow, rostersNow } from '../contacts/announce.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import { feedLine, playBack } from './feeds.ts';
import { labelFor, looks, namesOfStaff } from '../contacts/names.ts';
import { endNotice, partedNotice } from './notices.ts';
import { LATE_REPLY } from './offers.ts';
import { viewOf } from '../contacts/roster.ts';
import { appsOf, type Desk, forgetPerson, newTalk, type Talk } from '../state.ts';
import type { Turn } from '../turn.ts';
import { stopTyping } from './typing.ts';
import { cancelLeaving } from './window.ts';

/** How long after its end late apps still get a chat's last lines. */
export const REMEMBER_ENDED = 300_000;

/** A name that no other contact has now. */
export function newLabel(desk: Desk, chat: Chat): string {
  const taken = new Set(
    Array.from(desk.talks.values()).flatMap(({ label, ended }) => (ended === undefined ? looks(label) : [])),
  );
  const staff = new Set(['Chat Gateway', 'You', ...Array.from(desk.staff.values(), ({ name }) => name)].map(looks));
  return labelFor(
    chat.visitor.name,
    (name) => staff.has(name),
    (name) => taken.has(name),
  );
}

export function chatChanged(desk: Desk, turn: Turn, chat: Chat): void {
  const talk = desk.talks.get(chat.id);
  if (talk === undefined) {
    if (chat.phase.is === 'ended') return;
    const fresh = newTalk(chat, newLabel(desk, chat));
    desk.talks.set(chat.id, fresh);
    desk.dirty.add(`chat:${chat.id}`);
    announceVisitor(desk, turn, undefined, viewOf(fresh));
    for (const staff of [...chat.participants, ...chat.observers]) playBack(desk, turn, fresh, staff);
    return;
  }
  if (talk.ended !== undefined) return;
  const before = viewOf(talk);
  const was = talk.chat;
  // Lines count once they are told: those of this change come after it.
  talk.chat = { ...chat, lastLine: was.lastLine };
  desk.dirty.add(`chat:${chat.id}`);
  if (chat.phase.is === 'ended') {
    end(desk, turn, talk, was);
    announceVisitor(desk, turn, before, undefined);
    return;
  }
  const [those, theirs] = [peopleIn(was), peopleIn(chat)];
  for (const staff of those) if (!theirs.has(staff)) part(desk, turn, talk, was, staff);
  announceVisitor(desk, turn, before, viewOf(talk));
  for (const staff of theirs) if (!those.has(staff)) playBack(desk, turn, talk, staff);
}

/** Who gets all that is said. */
function peopleIn({ participants, observers }: Chat): ReadonlySet<StaffId> {
  return new Set([...participants, ...observers]);
}

function part(desk: Desk, turn: Turn, talk: Talk, was: Chat, staff: StaffId): void {
  const from = visitorFullAddress(desk.settings.place, talk.chat.id);
  const notice = partedNoticeFor(talk, was, staff);
  if (notice !== undefined && !talk.closing.has(staff)) turn.notice(appsOf(desk, staff), from, notice);
  // What they are typing now was written for nobody to read.
  if (was.observers.includes(staff) && desk.staff.has(staff)) talk.silentUntil.set(staff, turn.now + LATE_REPLY);
  talk.playbacks.delete(staff);
  stopTyping(desk, turn, talk, staff);
  cancelLeaving(desk, talk, staff);
}

/** Nothing where something else tells. */
function partedNoticeFor(talk: Talk, was: Chat, staff: StaffId): string | undefined {
  if (!was.participants.includes(staff)) return 'You no longer observe this chat.';
  const hasHandedOver = talk.handedOver.delete(staff) || isHandingOver(talk, was, staff);
  return hasHandedOver || isTold(talk) ? undefined : partedNotice(talk, talk.chat);
}

/** Who was asked to take over has just come. */
function isHandingOver({ offers, chat }: Talk, was: Chat, staff: StaffId): boolean {
  return Array.from(offers.values()).some(
    ({ offer }) =>
      offer.kind === 'transfer' &&
      offer.by === staff &&
      chat.participants.includes(offer.staff) &&
      !was.participants.includes(offer.staff),
  );
}

function end(desk: Desk, turn: Turn, talk: Talk, was: Chat): void {
  const { chat } = talk;
  if (chat.phase.is !== 'ended') return;
  const from = visitorFullAddress(desk.settings.place, chat.id);
  const notice = endNotice(talk, chat.phase.why);
  const people = Array.from(peopleIn(was));
  for (const staff of people) {
    stopTyping(desk, turn, talk, staff);
    // Who closed the window does not want it back.
    if (!talk.closing.has(staff) && !isTold(talk)) turn.notice(appsOf(desk, staff), from, notice);
  }
  cancelLeaving(desk, talk);
  for (const id of talk.offers.keys()) desk.deadlines.clear({ is: 'unseen', chat: chat.id, offer: id });
  talk.playbacks.clear();
  talk.ended = { at: turn.now, staff: people };
  desk.deadlines.set({ is: 'forget', chat: chat.id }, turn.now + REMEMBER_ENDED);
}

/** The helpdesk has said itself, as the chat's last line, what has happened. */
function isTold(talk: Talk): boolean {
  return talk.noticeLine === talk.chat.lastLine;
}

export function forgetChat(desk: Desk, talk: Talk): void {
  desk.talks.delete(talk.chat.id);
  desk.dirty.add(`chat:${talk.chat.id}`).add(`said:${talk.chat.id}`);
  for (const session of desk.sessions.values()) {
    session.states?.delete(talk.chat.id);
    session.touched?.delete(talk.chat.id);
    session.suspects?.delete(talk.chat.id);
  }
}

export function lineSaid(desk: Desk, turn: Turn, talk: Talk, line: Line): void {
  talk.chat = { ...talk.chat, lastLine: Math.max(talk.chat.lastLine, line.number) };
  desk.dirty.add(`chat:${talk.chat.id}`);
  if (line.number === 1 && line.from.is === 'visitor') talk.question = line.id;
  if (line.from.is === 'visitor') {
    talk.visitorActiveAt = turn.now;
    cancelLeaving(desk, talk);
  }
  if (line.from.is === 'notice') talk.noticeLine = line.number;
  if (line.from.is === 'staff') stopTyping(desk, turn, talk, line.from.staff);
  feedLine(desk, turn, talk, line);
}

/** What is the same stays the same object: contacts that were made of it need not be made again. */
export function setDirectory(desk: Desk, teams: readonly Team[], staff: readonly Staff[]): void {
  if (!isSame(Array.from(desk.teams.values()), teams)) desk.teams = new Map(teams.map((team) => [team.id, team]));
  const before = desk.staff;
  desk.staff = new Map(
    staff.map((one) => {
      const known = before.get(one.id);
      return [one.id, known !== undefined && isSame(known, one) ? known : one];
    }),
  );
  if (!isSame(namesIn(before), namesIn(desk.staff))) desk.staffNames = namesOfStaff(staff);
}

function namesIn(staff: ReadonlyMap<StaffId, Staff>): readonly unknown[] {
  return Array.from(staff.values(), ({ id, name, username }) => [id, name, username]);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Teams and staff as they are now. */
export function directoryChanged(desk: Desk, turn: Turn, teams: readonly Team[], staff: readonly Staff[]): void {
  const next = new Map(staff.map((one) => [one.id, one]));
  const touched = Array.from(new Set([...desk.staff.keys(), ...next.keys()])).filter(
    (id) => !isSame(desk.staff.get(id), next.get(id)),
  );
  const isDeep =
    !isSame(Array.from(desk.teams.values()), teams) ||
    touched.some((id) => rightsOf(desk.staff.get(id)) !== rightsOf(next.get(id)));
  const change = () => setDirectory(desk, teams, staff);
  // What somebody may see, or what a team or person is called, is in many contacts; a status is in one.
  if (isDeep) {
    const before = rostersNow(desk);
    change();
    announceAll(desk, turn, before);
  } else {
    const before = colleaguesNow(desk, touched);
    change();
    announceColleagues(desk, turn, before);
  }
  for (const id of touched) if (!next.has(id)) forgetPerson(desk, id);
}

function rightsOf(staff: Staff | undefined): string {
  return JSON.stringify([staff?.name, staff?.teams, staff?.permissions]);
}
