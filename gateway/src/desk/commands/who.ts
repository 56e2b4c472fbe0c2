import type { Command } from './command.ts';
import { stateOf } from '../contacts/contacts.ts';
import { nameOf } from '../state.ts';

export const who: Command = {
  name: 'who',
  usage: '$who',
  does: 'who is in this chat',
  title: 'Who is in this chat',
  needsChat: true,
  run({ desk, talk, staff, tell }) {
    if (talk === undefined) return;
    const name = (id: typeof staff.id) => (id === staff.id ? `${nameOf(desk, id)} (you)` : nameOf(desk, id));
    const asked = Array.from(talk.offers.values(), ({ offer }) => {
      const by =
        offer.by === undefined ? '' : ` (by ${name(offer.by)}${offer.kind === 'transfer' ? ', to take over' : ''})`;
      return `${name(offer.staff)}${by}`;
    });
    const people = talk.chat.participants.map(name);
    const lines = [`${talk.label} (visitor): ${stateOf(desk, talk.chat, staff.id)}.`];
    if (talk.ended !== undefined) return tell(lines.join('\n'));
    if (people.length > 0) lines.push(`In the chat: ${people.join(', ')}.`);
    // Only those who observe know of each other.
    if (talk.chat.observers.includes(staff.id))
      lines.push(`Observing: ${talk.chat.observers.map(name).join(', ')}. Nobody else knows.`);
    if (asked.length > 0) lines.push(`Being asked: ${asked.join(', ')}.`);
    if (people.length + asked.length === 0) lines.push('Nobody is in the chat yet.');
    tell(lines.join('\n'));
  },
};
