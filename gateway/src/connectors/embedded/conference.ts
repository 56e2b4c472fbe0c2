import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import type { Helpdesk } from '../../helpdesk/port.ts';
import { cleanText } from '../../text/clean.ts';
import type { Asking } from './chat/conference.ts';
import type { Floor } from './floor.ts';
import { INVITATION_CHARACTERS } from './limits.ts';
import type { Once } from './once.ts';
import type { Turn } from './turn.ts';
import { readFirstWords, type Saying } from './words.ts';

export type Conference = Required<Pick<Helpdesk, 'invite' | 'transfer' | 'join' | 'observe'>>;

/** The verbs of several staff in one chat. */
export function conferenceVerbs(once: Once, saying: Saying): Conference {
  return {
    invite: (call, chat, by, whom, why) =>
      once(call, (turn, floor) => {
        turn.happen(chat, { type: 'invited', whom: known(floor, whom), asking: askingOf(turn, floor, by, why) });
        turn.settle();
      }),
    transfer: (call, chat, by, to, why) =>
      once(call, (turn, floor) => {
        const asking = askingOf(turn, floor, by, why);
        if (to.is === 'staff') {
          turn.happen(chat, { type: 'transferring', whom: known(floor, to.staff), asking });
        } else {
          if (!floor.directory.teams.some((team) => team.id === to.team)) throw new HelpdeskError({ is: 'not-found' });
          const said = asking.why === undefined ? {} : { why: asking.why };
          turn.happen(chat, { type: 'handing-over', by, team: to.team, ...said });
        }
        turn.settle();
      }),
    join: (call, chat, staff, words) =>
      words === undefined
        ? once(call, (turn) => {
            turn.join(chat, staff);
          })
        : saying(call, chat, staff, words, readFirstWords, (turn, said) => {
            turn.join(chat, staff, said);
          }),
    observe: (call, chat, staff, on) =>
      once(call, (turn, floor) => {
        if (on) mayObserve(floor, chat, staff);
        turn.happen(chat, { type: 'observing', staff, on });
      }),
  };
}

function askingOf(turn: Turn, floor: Floor, by: StaffId, text: string | undefined): Asking {
  const why = cleanText(text ?? '', INVITATION_CHARACTERS).trim();
  return { by, until: turn.now + floor.rules.ring.ringMs, ...(why !== '' && { why }) };
}

/** @throws HelpdeskError `not-found` for who is not staff of this helpdesk */
function known(floor: Floor, staff: StaffId): StaffId {
  if (!floor.directory.has(staff)) throw new HelpdeskError({ is: 'not-found' });
  return staff;
}

/** @throws HelpdeskError `not-found` for a chat that they do not see, `forbidden` without the permission */
function mayObserve(floor: Floor, id: ChatId, staff: StaffId): void {
  const chat = floor.chats.get(id);
  if (chat === undefined || !floor.directory.sees(staff, chat.team)) throw new HelpdeskError({ is: 'not-found' });
  if (!floor.directory.mayObserve(staff, chat.team)) throw new HelpdeskError({ is: 'forbidden' });
}
