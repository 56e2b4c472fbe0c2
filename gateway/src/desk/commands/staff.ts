import type { Staff } from '../../helpdesk/model.ts';
import { looks } from '../contacts/names.ts';
import { nameOf } from '../state.ts';
import type { Command } from './command.ts';

const STATUS = { online: 'online', away: 'away', busy: 'busy', offline: 'offline' } as const;
/** In a menu, where no team can have this name. */
const ALL = '*';
/** Names shown per team; the rest is a number. */
const MOST = 50;

export const staff: Command = {
  name: 'staff',
  usage: '$staff [team]',
  does: 'who is available',
  title: 'Who is available',
  needsChat: false,
  fields: ({ desk }) => [
    {
      name: 'team',
      label: 'Team',
      kind: 'list-single',
      value: ALL,
      options: [
        { value: ALL, label: 'All teams' },
        ...Array.from(desk.teams.values(), ({ name }) => ({ value: name, label: name })),
      ],
    },
  ],
  restOf: ({ team = ALL }) => (team === ALL ? '' : team),
  run({ desk, rest, tell }) {
    const wanted = looks(rest);
    const teams = Array.from(desk.teams.values()).filter(({ name }) => rest === '' || looks(name).includes(wanted));
    if (teams.length === 0) {
      const names = Array.from(desk.teams.values(), ({ name }) => name).join(', ');
      return tell(`There is no team of that name. The teams are: ${names}.`);
    }
    const describe = (one: Staff) => {
      const status = STATUS[one.status];
      const text = one.statusText === undefined ? '' : `: ${one.statusText}`;
      return one.status === 'online' ? nameOf(desk, one.id) : `${nameOf(desk, one.id)} (${status}${text})`;
    };
    const lines = teams.map((team) => {
      const there = Array.from(desk.staff.values()).filter(
        (one) => one.teams.includes(team.id) && one.status !== 'offline',
      );
      there.sort((a, b) => Number(b.status === 'online') - Number(a.status === 'online'));
      const named = (some: readonly Staff[]) => some.map(describe).join(', ');
      const shown = there.slice(0, MOST);
      const available = shown.filter(({ status }) => status === 'online');
      const others = shown.filter(({ status }) => status !== 'online');
      const notAvailable = others.length === 0 ? '' : `; not available: ${named(others)}`;
      const more = there.length > MOST ? ` and ${there.length - MOST} more` : '';
      return `${team.name}: ${available.length === 0 ? 'nobody' : named(available)}${notAvailable}${more}`;
    });
    tell(`Available now:\n${lines.join('\n')}`);
  },
};
