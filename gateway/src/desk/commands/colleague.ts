/** Whom a command is about: a colleague by name, or a team. */
import { cleanLine, cut, isLongerThan } from '../../text/clean.ts';
import type { Staff, StaffId, Team } from '../../helpdesk/model.ts';
import { hint } from '../hint.ts';
import { type Desk, nameOf } from '../state.ts';
import { type Named, whom } from '../contacts/whom.ts';
import type { CommandContext } from './command.ts';

/** Longest text for a colleague, in characters. */
const LONGEST_WHY = 500;
/** Choices shown; the rest is a number. */
const MOST = 10;

export interface Chosen<One> {
  readonly one: One;
  /** What the colleague is told with it. */
  readonly why?: string;
}

const STATUS = { online: 'available', away: 'away', busy: 'busy', offline: 'offline' } as const;

function chosen<One>(one: One, text: string): Chosen<One> {
  const why = cleanLine(text, LONGEST_WHY);
  return why === '' ? { one } : { one, why };
}

const available = (desk: Desk) => hint(desk, 'staff', 'who is available');

const quoted = (name: string) => `“${cleanLine(name, 40)}”`;

/** Says what is wrong and gives nothing, unless this is one colleague who can be asked now. */
export function colleagueIn(
  context: CommandContext,
  usage: string,
  what: 'invitation' | 'transfer',
): Chosen<Staff> | undefined {
  const { desk, rest, staff, talk, fail } = context;
  if (talk === undefined) return undefined;
  const isIn = (id: StaffId) => talk.chat.participants.includes(id);
  const found = whom(rest, colleagues(context), (id) => id !== staff.id && !isIn(id));
  switch (found.is) {
    case 'nobody':
      fail(`Write ${usage}.${available(desk)}`);
      return undefined;
    case 'unknown':
      fail(`There is no colleague named ${quoted(found.name)}.${available(desk)}`);
      return undefined;
    case 'ambiguous':
      fail(`More than one colleague is named ${quoted(found.name)}:\n${choices(context, found.ids)}`);
      return undefined;
    case 'found':
      break;
  }
  const one = desk.staff.get(found.id);
  if (one === undefined) return undefined;
  const name = nameOf(desk, one.id);
  const wrong = wrongWith(context, one, what);
  if (wrong !== undefined) {
    fail(wrong.replaceAll('NAME', () => name));
    return undefined;
  }
  if (isLongerThan(found.text, LONGEST_WHY * 4)) {
    fail(`That text is too long: at most ${LONGEST_WHY} characters go with it.`);
    return undefined;
  }
  return chosen(one, found.text);
}

function wrongWith(
  { desk, talk, staff }: CommandContext,
  one: Staff,
  what: 'invitation' | 'transfer',
): string | undefined {
  if (one.id === staff.id) return 'That is you: choose a colleague.';
  if (talk?.chat.participants.includes(one.id) === true) return 'NAME is in this chat already.';
  // Whom somebody has invited, they can ask to take over instead.
  const isAsked = Array.from(talk?.offers.values() ?? []).some(
    ({ offer: { staff: whom, kind, by } }) =>
      whom === one.id && !(what === 'transfer' && kind === 'invitation' && by === staff.id),
  );
  if (isAsked) return 'NAME is being asked already.';
  if (one.status === 'offline') return `NAME is offline.${available(desk)}`;
  return undefined;
}

function colleagues({ desk }: CommandContext): readonly Named<StaffId>[] {
  return Array.from(desk.staff.values(), ({ id, name, username }) => ({ id, key: username, names: [name, username] }));
}

function choices({ desk }: CommandContext, ids: readonly StaffId[]): string {
  const lines = ids.slice(0, MOST).flatMap((id) => {
    const one = desk.staff.get(id);
    return one === undefined ? [] : [`${one.name}: username ${one.username}, ${STATUS[one.status]}`];
  });
  if (ids.length > MOST) lines.push(`and ${ids.length - MOST} more`);
  return [...lines, 'Write more of the name, or the username.'].join('\n');
}

const TEAM = /^team\s*:\s*(?<rest>[^]*)$/iu;

/** What stands behind `team:`, if that is meant. */
export function teamText(rest: string): string | undefined {
  return TEAM.exec(rest)?.groups?.['rest'];
}

/** As {@link colleagueIn}, for a team. */
export function teamIn({ desk, fail }: CommandContext, text: string): Chosen<Team> | undefined {
  const all = Array.from(desk.teams.values(), ({ id, name }) => ({ id, key: id, names: [name, id] }));
  const names = all.map(({ names: [name] }) => name).join(', ');
  const found = whom(text, all);
  switch (found.is) {
    case 'nobody':
      fail(`Write the team too. The teams are: ${names}.`);
      return undefined;
    case 'unknown':
      fail(`There is no team named ${quoted(found.name)}. The teams are: ${names}.`);
      return undefined;
    case 'ambiguous': {
      const some = found.ids.flatMap((id) => desk.teams.get(id)?.name ?? []).join(', ');
      fail(`More than one team is named ${quoted(found.name)}: ${some}. Write more of the name.`);
      return undefined;
    }
    case 'found': {
      const one = desk.teams.get(found.id);
      return one === undefined ? undefined : chosen(one, cut(found.text, LONGEST_WHY * 4));
    }
  }
}
