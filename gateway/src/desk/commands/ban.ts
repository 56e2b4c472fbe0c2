import type { Ban, VisitorCard } from '../../helpdesk/model.ts';
import { cleanLine, isBlank } from '../../text/clean.ts';
import { faultNotice } from '../chat/notices.ts';
import { type Desk, nameOf, sessionsOf } from '../state.ts';
import type { Turn } from '../turn.ts';
import { dateAndTime } from '../contacts/time-of-day.ts';
import { type Command, type CommandContext, isInside, offerTo } from './command.ts';

/** Bans that are looked through. */
export const MOST_BANS = 1_000;
/** Longest address that is shown, in characters. */
const LONGEST_KNOWN = 100;
/** Bans shown; the rest is a number. */
const SHOWN = 30;

const LIST = /^list$/iu;
const LIFT = /^lift(?:\s+\[?([^\s\]]+)\]?)?$/iu;

/** In the chat, listening to it, or asked for it; for a while also when they were when it ended. */
function mayBanHere(context: CommandContext): boolean {
  return (
    wasInside(context) || isInside(context) || (context.talk?.ended === undefined && offerTo(context) !== undefined)
  );
}

function wasInside({ talk, staff }: CommandContext): boolean {
  return talk?.ended?.staff.includes(staff.id) === true;
}

/** Else nothing is known of them that would be the same the next time. */
function isRecognised({ address, email }: VisitorCard): boolean {
  return !isBlank(address ?? '') || !isBlank(email ?? '');
}

/** The address of a household or an office is that of all who are there. */
function knownBy({ address = '', email = '' }: VisitorCard): string {
  const parts = [
    ...(isBlank(address) ? [] : [`from the address ${cleanLine(address, LONGEST_KNOWN)}`]),
    ...(isBlank(email) ? [] : [`with the e-mail address ${cleanLine(email, LONGEST_KNOWN)}`]),
  ];
  return parts.join(' or ');
}

function list({ desk }: CommandContext, bans: readonly Ban[]): string {
  if (bans.length === 0) return 'Nobody is banned.';
  const { timeZone } = desk.settings.place;
  const lines = bans.slice(0, SHOWN).map(({ id, visitor, by, until, why, of = [] }) => {
    const reason = why === undefined ? '' : `: ${why}`;
    const known = of.length === 0 ? '' : `, known by ${of.map((one) => cleanLine(one, LONGEST_KNOWN)).join(' or ')}`;
    return `[${id}] ${visitor}${known}, by ${nameOf(desk, by)} until ${dateAndTime(until, timeZone)}${reason}`;
  });
  if (bans.length > SHOWN) lines.push(`and ${bans.length - SHOWN} more`);
  const lift = desk.settings.can.liftBan ? ' ($ban lift ID lifts a ban)' : '';
  return `Who may not start chats now${lift}:\n${lines.join('\n')}`;
}

export const ban: Command = {
  name: 'ban',
  usage: '$ban [why] · $ban list · $ban lift ID',
  does: 'ends the chat and lets this visitor start none for a time; shows and lifts bans',
  title: 'Bans',
  ofVisitor: { title: 'Ban the visitor', does: 'ends the chat and lets this visitor start none for a time' },
  needsChat: false,
  ability: 'ban',
  permission: 'ban',
  isUseful: (context) => context.talk === undefined || mayBanHere(context),
  fields: ({ talk }) =>
    talk === undefined
      ? [{ name: 'lift', label: 'Ban to lift (its id); nothing: shows them', kind: 'text-single' }]
      : [{ name: 'why', label: 'Why', kind: 'text-single' }],
  restOf: ({ lift, why = '' }) => (lift === undefined ? why : lift === '' ? 'list' : `lift ${lift}`),
  run(context) {
    const { desk, rest, talk, staff, fail, ask } = context;
    const { can } = desk.settings;
    const lift = LIFT.exec(rest);
    if (lift !== null) {
      if (!can.bans || !can.liftBan) return fail('This helpdesk cannot lift bans from here.');
      if (lift[1] === undefined) return fail('Write the id too: $ban lift ID. $ban list shows them.');
      return ask({ is: 'bans', limit: MOST_BANS });
    }
    if (LIST.test(rest)) return can.bans ? ask({ is: 'bans', limit: MOST_BANS }) : fail('This helpdesk lists no bans.');
    if (talk === undefined)
      return fail('Who is to be banned? Write $ban in the window of the visitor. Here: $ban list, $ban lift ID.');
    if (!mayBanHere(context)) return fail('You are not in this chat: nobody was banned.');
    const why = cleanLine(rest);
    ask({ is: 'ban', chat: talk.chat.id, staff: staff.id, ...(why === '' ? {} : { why }) });
  },
  finish(context, result, verb) {
    const { desk, turn, talk, staff, rest, tell, fail, ask } = context;
    if (verb.is === 'ban') {
      if (result.is === 'fault') return fail(`${faultNotice(desk, result.fault)}. Nobody was banned.`);
      const name = talk?.label ?? 'The visitor';
      if (talk !== undefined && !isRecognised(talk.chat.visitor))
        return fail(
          `Neither an address nor an e-mail address of ${name} is known: they could not be recognised, so nobody was banned. The chat has ended.`,
        );
      if (talk !== undefined) listChanged(desk, turn, 'block', talk.chat.id);
      const whom = talk === undefined ? '' : `, nor can anybody else ${knownBy(talk.chat.visitor)}`;
      return tell(`${name} is banned and can start no chats for now${whom}. $ban list shows the bans.`);
    }
    if (result.is === 'fault')
      return fail(result.fault.is === 'not-found' ? NO_SUCH : `${faultNotice(desk, result.fault)}.`);
    if (verb.is === 'lift-ban') {
      listChanged(desk, turn, 'unblock', verb.ban);
      return tell('The ban is lifted.');
    }
    const bans = result.bans ?? [];
    const wanted = LIFT.exec(rest)?.[1];
    if (wanted === undefined) return tell(list(context, bans));
    // by its chat, as apps know it; one that is too old to be in the list is known by what was written
    const found = bans.find(({ id, chat }) => id === wanted || chat === wanted);
    ask({ is: 'lift-ban', staff: staff.id, ban: found?.chat ?? found?.id ?? wanted });
  },
};

/** Apps of all who may lift bans have the same list of who is blocked. */
function listChanged(desk: Desk, turn: Turn, change: 'block' | 'unblock', visitor: string): void {
  if (!desk.settings.can.bans || !desk.settings.can.liftBan) return;
  const apps = Array.from(desk.staff.values())
    .filter(({ permissions }) => permissions.includes('ban'))
    .flatMap(({ id }) => sessionsOf(desk, id));
  turn.deliver(apps, { kind: 'blocked', change, visitor });
}

const NO_SUCH = 'There is no ban with this id. $ban list shows them.';
