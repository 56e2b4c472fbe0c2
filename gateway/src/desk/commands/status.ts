import { cleanLine } from '../../text/clean.ts';
import { reviewAvailability } from '../people/availability.ts';
import { appOf, personOf } from '../state.ts';
import type { Command } from './command.ts';

const WANTED = /^(online|away|busy)(?:\s+(.*))?$/isu;

export const status: Command = {
  name: 'status',
  usage: '$status online|away|busy [text]',
  does: 'your status, whatever your apps say, until one of them changes it',
  title: 'Your status',
  needsChat: false,
  fields: ({ staff }) => [
    {
      name: 'status',
      label: 'Status',
      kind: 'list-single',
      required: true,
      value: staff.status === 'offline' ? 'online' : staff.status,
      options: [
        { value: 'online', label: 'Online: you get chats' },
        { value: 'away', label: 'Away: you get no new chats' },
        { value: 'busy', label: 'Busy: you get no new chats' },
      ],
    },
    {
      name: 'text',
      label: 'What colleagues read beside it',
      kind: 'text-single',
      ...(staff.statusText === undefined ? {} : { value: staff.statusText }),
    },
  ],
  run({ desk, turn, session, staff, rest, tell }) {
    const person = personOf(desk, staff.id, turn.now);
    if (rest === '') {
      const said = person.override === undefined ? '' : ' (set by $status)';
      const text = staff.statusText === undefined ? '' : `: ${staff.statusText}`;
      return tell(
        `The helpdesk shows you as ${staff.status}${text}${said}. Change it with $status online, away or busy.`,
      );
    }
    const wanted = WANTED.exec(rest);
    const name = wanted?.[1]?.toLowerCase();
    if (name !== 'online' && name !== 'away' && name !== 'busy')
      return tell('Write $status online, $status away or $status busy, and a text if you like.');
    const text = cleanLine(wanted?.[2] ?? '');
    const app = appOf(session);
    person.override = text === '' ? { status: name, app } : { status: name, text, app };
    desk.dirty.add(`person:${staff.id}`);
    reviewAvailability(desk, turn, staff.id);
    const gets = name === 'online' ? 'you get chats' : 'you get no new chats, running ones go on';
    tell(
      `You are ${name} now: ${gets}. This holds until one of your apps changes its status or the last one logs out.`,
    );
  },
};
