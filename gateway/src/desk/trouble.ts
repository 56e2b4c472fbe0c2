/**
 * What every staff user should know of while it goes on: the helpdesk does not answer, or as many chats wait as may.
 * It is told by `Chat Gateway`, once to each app, also to one that logs in in the middle.
 */
import { gatewayFullAddress } from './contacts/addresses.ts';
import { type AppSession, type Desk, takesMessages } from './state.ts';
import { timeOfDay } from './contacts/time-of-day.ts';
import { hint } from './hint.ts';
import type { Turn } from './turn.ts';

function tell(desk: Desk, turn: Turn, to: readonly AppSession[], text: string): void {
  turn.notice(to, gatewayFullAddress(desk.settings.place), text);
}

function everybody(desk: Desk): readonly AppSession[] {
  return Array.from(desk.sessions.values()).filter(
    (session) => takesMessages(session) && desk.staff.has(session.staff),
  );
}

function tellAway(desk: Desk, turn: Turn, to: readonly AppSession[], since: number): void {
  const { timeZone } = desk.settings.place;
  tell(
    desk,
    turn,
    to,
    `The helpdesk has not answered since ${timeOfDay(since, timeZone)}. What you write to visitors is kept, and goes ` +
      'out as soon as it answers; new chats and what visitors write come then. You will be told.',
  );
  for (const { id } of to) desk.trouble.told.add(id);
}

/** It has not answered for some seconds, whatever it was asked. */
export function helpdeskAway(desk: Desk, turn: Turn, since: number): void {
  const { trouble } = desk;
  if (trouble.awaySince !== undefined) return;
  trouble.awaySince = since;
  tellAway(desk, turn, everybody(desk), since);
}

export function helpdeskBack(desk: Desk, turn: Turn): void {
  const { trouble } = desk;
  if (trouble.awaySince === undefined) return;
  delete trouble.awaySince;
  const told = everybody(desk).filter(({ id }) => trouble.told.has(id));
  trouble.told.clear();
  const time = timeOfDay(turn.now, desk.settings.place.timeZone);
  tell(desk, turn, told, `The helpdesk answers again (${time}). What was kept goes out now.`);
}

const QUEUE_FULL =
  'As many visitors wait as can. Further ones are asked to leave a message, until somebody takes chats out of the queue.';

/** Told by the helpdesk when it begins and when it ends. */
export function queueFull(desk: Desk, turn: Turn, on: boolean): void {
  const { trouble } = desk;
  if (on === (trouble.queueFull === true)) return;
  if (on) trouble.queueFull = true;
  else delete trouble.queueFull;
  tell(
    desk,
    turn,
    everybody(desk),
    on ? `${QUEUE_FULL}${hint(desk, 'queue', 'who waits')}` : 'There is room in the queue again: visitors can wait.',
  );
}

/** An app can read from now on. */
export function tellTrouble(desk: Desk, turn: Turn, session: AppSession): void {
  const { awaySince, queueFull: isFull, told } = desk.trouble;
  if (awaySince !== undefined && !told.has(session.id)) tellAway(desk, turn, [session], awaySince);
  if (isFull === true) tell(desk, turn, [session], QUEUE_FULL);
}

const HELD =
  'More is waiting for the helpdesk than may. What you write is kept, and goes out in its order as soon as there is room.';

/** The desk has all it may have pending: what this app has just written is not taken yet, and not lost. */
export function heldBack(desk: Desk, turn: Turn, session: AppSession): void {
  if (desk.trouble.held.has(session.id)) return;
  desk.trouble.held.add(session.id);
  tell(desk, turn, [session], HELD);
}

export function roomAgain(desk: Desk): void {
  desk.trouble.held.clear();
}

/** The app is gone. */
export function forgetTold(desk: Desk, { id }: Pick<AppSession, 'id'>): void {
  desk.trouble.told.delete(id);
  desk.trouble.held.delete(id);
}
