import type { Note, ChatId } from '../../helpdesk/model.ts';
import { cleanText, isBlank, isLongerThan, MAX_TEXT } from '../../text/clean.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import { faultNotice } from '../chat/notices.ts';
import { appsOf, type Desk, nameOf } from '../state.ts';
import { setIn } from '../chat/transcript-line.ts';
import type { Turn } from '../turn.ts';
import { type Command, isInside } from './command.ts';

export const note: Command = {
  name: 'note',
  usage: '$note TEXT',
  does: 'writes something down for colleagues; the visitor never sees it',
  title: 'Write a note',
  needsChat: true,
  ability: 'note',
  isUseful: isInside,
  fields: () => [{ name: 'text', label: 'The note: only colleagues see it', kind: 'text-multi', required: true }],
  run(context) {
    const { rest, talk, staff, fail, ask } = context;
    if (talk === undefined) return;
    if (talk.ended !== undefined) return fail('This chat has ended: no note can be added any more.');
    if (!isInside(context)) return fail('You are not in this chat: nothing was written down.');
    if (isLongerThan(rest, MAX_TEXT)) return fail(`A note has at most ${MAX_TEXT} characters. Write it in parts.`);
    const text = cleanText(rest).trim();
    if (isBlank(text)) return fail('Write $note and what is to be noted. $info shows the notes.');
    ask({ is: 'note', chat: talk.chat.id, staff: staff.id, text });
  },
  finish({ desk, fail }, result) {
    // that it is written down is told to all in the chat
    if (result.is === 'done') return;
    const { fault } = result;
    const why = fault.is === 'forbidden' ? 'This chat has as many notes as it can have' : faultNotice(desk, fault);
    fail(`${why}. Nothing was written down.`);
  },
};

export function writtenNote(desk: Desk, { staff, name, text }: Note): string {
  return `Note by ${desk.staff.has(staff) ? nameOf(desk, staff) : name}: ${setIn(text)}`;
}

/** All who are in the chat read it at once; what an observer writes, only those who know that they observe. */
export function noteWritten(desk: Desk, turn: Turn, id: ChatId, written: Note): void {
  const chat = desk.talks.get(id)?.chat;
  if (chat === undefined) return;
  const isByObserver = chat.observers.includes(written.staff);
  const readers = Array.from(new Set([...(isByObserver ? [] : chat.participants), ...chat.observers]));
  const from = visitorFullAddress(desk.settings.place, id);
  turn.notice(
    readers.flatMap((staff) => appsOf(desk, staff)),
    from,
    writtenNote(desk, written),
  );
}
