import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { Note, TenantId } from '../../helpdesk/model.ts';
import type { Helpdesk } from '../../helpdesk/port.ts';
import { cleanLine, cleanText, isLongerThan } from '../../text/clean.ts';
import { chatNow } from './floor.ts';
import { NOTE_CHARACTERS, NOTES, TAG_CHARACTERS, TAGS } from './limits.ts';
import { type Once, soft } from './once.ts';
import { chatInSight } from './sight.ts';
import type { EmbeddedStore } from './store/port.ts';

interface NotesDeps {
  readonly tenant: TenantId;
  readonly store: Pick<EmbeddedStore, 'notes'>;
}

/** What staff write about a chat for each other. */
export function noteVerbs(
  once: Once,
  { tenant, store }: NotesDeps,
): Required<Pick<Helpdesk, 'note' | 'notes' | 'tag'>> {
  return {
    note: (call, chat, staff, raw) =>
      once(
        call,
        (turn, floor) => {
          chatInSight(floor, chat, staff);
          if (isLongerThan(raw, NOTE_CHARACTERS)) throw new HelpdeskError({ is: 'forbidden' });
          const text = cleanText(raw, NOTE_CHARACTERS).trim();
          if (text === '') throw new HelpdeskError({ is: 'forbidden' });
          const note: Note = { at: turn.now, staff, name: floor.directory.nameOf(staff), text };
          turn.store({ is: 'note', chat, note });
          turn.tell({ type: 'note', chat, note });
        },
        async () => {
          if ((await soft(store.notes(tenant, chat))).length >= NOTES) throw new HelpdeskError({ is: 'forbidden' });
          return true;
        },
      ),
    notes: (chat) => soft(store.notes(tenant, chat)),
    tag: (call, id, staff, raw) =>
      once(call, (turn, floor) => {
        const chat = chatInSight(floor, id, staff);
        const tags = tagsOf(raw);
        turn.put({ ...chat, tags });
        turn.tell({ type: 'chat', chat: chatNow({ ...chat, tags }) });
      }),
  };
}

/** Each tag once, however it is written. @throws HelpdeskError `forbidden` */
function tagsOf(raw: readonly string[]): readonly string[] {
  const tags = new Map<string, string>();
  for (const one of raw) {
    const tag = cleanLine(one, TAG_CHARACTERS + 1);
    if (isLongerThan(tag, TAG_CHARACTERS)) throw new HelpdeskError({ is: 'forbidden' });
    const key = tag.toLowerCase();
    if (tag !== '' && !tags.has(key)) tags.set(key, tag);
  }
  if (tags.size > TAGS) throw new HelpdeskError({ is: 'forbidden' });
  return [...tags.values()];
}
