import type { Command } from './command.ts';
import { stateOf } from '../contacts.ts';
import { nameOf } from '../state.ts';

export const who: Command = {
  name: 'who',
  usage: '$who',
  does: 'who is in this chat',
  needsChat: true,
  run({ desk, talk, staff, tell }) {
    if (talk === undefined) return;
    const name = (id: typeof staff.id) => (id === staff.id ? `${nameOf(desk, id)} (you)` : nameOf(desk, id));
    const asked = Array.from(talk.offers.values(), ({ offer }) => name(offer.staff));
    const people = talk.chat.participants.map(name);
    const lines = [`${talk.label} (visitor): ${stateOf(desk, talk.chat)}.`];
    if (talk.ended !== undefined) return tell(lines.join('\n'));
    if (people.length > 0) lines.push(`In the chat: ${people.join(', ')}.`);
    if (asked.length > 0) lines.push(`Being asked: ${asked.join(', ')}.`);
    if (people.length + asked.length === 0) lines.push('Nobody is in the chat yet.');
    tell(lines.join('\n'));
  },
};
