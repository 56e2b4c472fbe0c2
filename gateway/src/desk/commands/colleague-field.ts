/** The fields of menus that ask for a colleague: a choice of those who can be asked now. */
import type { MenuField } from '../../bus/messages.ts';
import { nameOf } from '../state.ts';
import type { CommandContext } from './command.ts';

type Choice = NonNullable<MenuField['options']>[number];

/** Choices in one list. */
const MOST = 500;

/** As a person would write it after the command: quoted, so that text can follow. */
const quoted = (name: string) => `"${name}"`;

function colleagueChoices({ desk, talk, staff }: CommandContext): readonly Choice[] {
  const isIn = (id: typeof staff.id) =>
    talk?.chat.participants.includes(id) === true ||
    Array.from(talk?.offers.values() ?? []).some(({ offer }) => offer.staff === id);
  const there = Array.from(desk.staff.values()).filter(
    ({ id, status }) => id !== staff.id && status !== 'offline' && !isIn(id),
  );
  // those who get chats first
  there.sort((a, b) => Number(b.status === 'online') - Number(a.status === 'online') || (a.name < b.name ? -1 : 1));
  return there.slice(0, MOST).map(({ id, username, status }) => ({
    value: quoted(username),
    label: status === 'online' ? nameOf(desk, id) : `${nameOf(desk, id)} (${status})`,
  }));
}

/** Teams other than the chat's own come first: that one has it already. */
export function teamChoices({ desk, talk }: CommandContext): readonly Choice[] {
  const teams = Array.from(desk.teams.values());
  teams.sort((a, b) => Number(a.id === talk?.chat.team) - Number(b.id === talk?.chat.team));
  return teams.map(({ id, name }) => ({ value: `team:${quoted(id)}`, label: `Team ${name}` }));
}

export function colleagueField(context: CommandContext, more: readonly Choice[]): MenuField {
  const options = [...colleagueChoices(context), ...more];
  return { name: 'whom', label: 'Whom', kind: 'list-single', required: true, options };
}

export const WHY_FIELD: MenuField = { name: 'why', label: 'What they should know', kind: 'text-single' };
