/** What only some helpdesks can do beside talking: notes, tags, pages, bans, mail. */
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { Ban, ChatId, Note, StaffId } from '../../helpdesk/model.ts';
import type { Helpdesk } from '../../helpdesk/port.ts';
import type { FakeHelpdesk } from './fake-helpdesk.ts';

type Verb = 'note' | 'notes' | 'tag' | 'push' | 'ban' | 'bans' | 'liftBan' | 'mail';

export interface Paperwork {
  readonly written: { readonly chat: ChatId; readonly note: Note }[];
  readonly inForce: Map<string, Ban>;
  readonly mailed: string[];
}

/** Gives a helpdesk these verbs, before its desk opens. */
export function doesPaperwork(helpdesk: FakeHelpdesk, now: () => number): Paperwork {
  const paperwork: Paperwork = { written: [], inForce: new Map(), mailed: [] };
  const { written, inForce, mailed } = paperwork;
  const nameOf = (staff: StaffId) => helpdesk.staff.get(staff)?.name ?? '';
  const verbs: Required<Pick<Helpdesk, Verb>> = {
    note: (call, chat, staff, text) =>
      helpdesk.does(call, 'note', () => {
        const note = { at: now(), staff, name: nameOf(staff), text };
        written.push({ chat, note });
        helpdesk.tells({ type: 'note', chat, note });
      }),
    async notes(chat) {
      await helpdesk.does({ id: `notes ${now()} ${written.length}` }, 'notes', () => undefined);
      return written.filter((one) => one.chat === chat).map(({ note }) => note);
    },
    tag: (call, chat, _staff, tags) => helpdesk.does(call, 'tag', () => helpdesk.change(chat, { tags })),
    push: (call, chat, staff, words) => helpdesk.does(call, 'push', () => helpdesk.says(chat, staff, words)),
    ban: (call, chat, by, why) =>
      helpdesk.does(call, 'ban', () => {
        const id = String(inForce.size + 1);
        const card = helpdesk.chats.get(chat)?.visitor;
        const visitor = card?.name ?? '';
        const of = [card?.address, card?.email].filter((known) => known !== undefined);
        const until = now() + 7 * 86_400_000;
        inForce.set(id, { id, at: now(), until, visitor, by, of, chat, ...(why === undefined ? {} : { why }) });
        if (helpdesk.chats.get(chat)?.phase.is !== 'ended') helpdesk.ends(chat, 'staff');
      }),
    bans: async () => Array.from(inForce.values()).reverse(),
    liftBan: (call, _staff, ban) =>
      helpdesk.does(call, 'liftBan', () => {
        const found = Array.from(inForce.values()).find(({ id, chat }) => id === ban || chat === ban);
        if (found === undefined || !inForce.delete(found.id)) throw new HelpdeskError({ is: 'not-found' });
      }),
    mail: (call, chat, _staff, address) => helpdesk.does(call, 'mail', () => mailed.push(`${chat} ${address}`)),
  };
  Object.assign(helpdesk, verbs);
  return paperwork;
}
