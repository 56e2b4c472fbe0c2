/** The commands as menus of apps (XEP-0050): what can be done, what a command asks for, and what came of it. */
import type { Act, Answer, MenuField, Target } from '../../bus/messages.ts';
import { cleanLine, cleanText, isBlank, isLongerThan, MAX_TEXT } from '../../text/clean.ts';
import type { AppSession, Desk } from '../state.ts';
import type { Turn } from '../turn.ts';
import { belongsHere, type Command, type CommandContext, type FormValues, isOffered, isPossible } from './command.ts';
import { answerMenu, contextOf, mayRun, obstacleTo, titleOf, TOO_MANY } from './run.ts';
import { commands } from './table.ts';

/** COMPAT(libpurple, it asks for a contact's commands once and keeps them: they are all that may become useful.) */
const ASKS_ONCE = 'http://pidgin.im/';

function whereOf(session: AppSession, at: Target, name: string) {
  return { command: name, session: session.id, ...(at.is === 'visitor' ? { chat: at.chat } : {}) };
}

/** What can be done there; the caller knows that this staff user may see who it is. */
export function menuAt(desk: Desk, turn: Turn, session: AppSession, at: Target): Answer {
  const context = contextOf(desk, turn, whereOf(session, at, ''));
  if (context === undefined) return { about: 'nothing' };
  const isKept = session.availability?.capsNode === ASKS_ONCE;
  const isShown = (command: Command) =>
    isKept ? belongsHere(command, context) && isPossible(command, context) : isOffered(command, context);
  return {
    about: 'menu',
    entries: commands.filter(isShown).map((command) => ({ name: command.name, title: titleOf(command, context) })),
  };
}

export type MenuCommand = Extract<Act, { readonly type: 'command' }>;

/**
 * Runs a command of a menu, or says what it has to know first. It is answered once: here, by {@link menuRan}, or when
 * the helpdesk has.
 */
export function runFromMenu(desk: Desk, turn: Turn, session: AppSession, { ask, at, name, values }: MenuCommand): void {
  const where = whereOf(session, at, name);
  const command = commands.find((one) => one.name === name);
  const answer = (given: Answer) => turn.deliver([session], { kind: 'answer', ask, answer: given });
  const probe = contextOf(desk, turn, where);
  if (command === undefined || probe === undefined) return answer({ about: 'nothing' });
  const refuse = (text: string, failed: 'form' | 'command') => answer({ about: 'command', text, failed });
  if (!mayRun(desk, turn, session)) return refuse(TOO_MANY, 'command');
  const obstacle = obstacleTo(command, probe);
  if (obstacle !== undefined) return refuse(obstacle, 'command');
  const fields = command.fields?.(probe) ?? [];
  if (fields.length > 0 && values === undefined)
    return answer({
      about: 'form',
      title: titleOf(command, probe),
      instructions: instructionsOf(command, probe),
      fields,
    });
  const read = readValues(fields, values ?? {});
  if (typeof read === 'string') return refuse(read, 'form');
  desk.replies.set(ask, { texts: [], failed: false, open: 0 });
  const context = contextOf(desk, turn, { ...where, ask, rest: restOf(command, fields, read) });
  if (context !== undefined) command.run(context);
}

/** After what the command says to a visitor: it may have been refused. */
export function menuRan(desk: Desk, turn: Turn, session: AppSession, { ask, at, name }: MenuCommand): void {
  if (desk.replies.get(ask)?.open === 0) answerMenu(desk, turn, whereOf(session, at, name), ask);
}

function instructionsOf({ does, needsChat, ofVisitor }: Command, { talk }: CommandContext): string {
  const isOfVisitor = talk !== undefined && (needsChat || ofVisitor !== undefined);
  const what = isOfVisitor ? (ofVisitor?.does ?? does) : does;
  return `${isOfVisitor ? `${talk.label}: ` : ''}${what.charAt(0).toUpperCase()}${what.slice(1)}.`;
}

function restOf(command: Command, fields: readonly MenuField[], values: FormValues): string {
  if (fields.length === 0) return '';
  const rest = command.restOf?.(values) ?? fields.map(({ name }) => values[name] ?? '').join(' ');
  return rest.trim();
}

/** The values of the form's own fields, or in words what is wrong with them. */
function readValues(
  fields: readonly MenuField[],
  given: Readonly<Record<string, readonly string[]>>,
): FormValues | string {
  const values: Record<string, string> = {};
  for (const field of fields) {
    const { name, label, kind, required, options } = field;
    const written = (Object.hasOwn(given, name) ? (given[name] ?? []) : []).join('\n');
    if (isLongerThan(written, MAX_TEXT)) return `“${label}” is too long.`;
    const value = kind === 'text-multi' ? cleanText(written).trim() : cleanLine(written, MAX_TEXT);
    if (isBlank(value)) {
      if (required === true) return `“${label}” is missing.`;
      values[name] = kind === 'boolean' ? 'false' : '';
      continue;
    }
    if (kind === 'list-single' && !options?.some((option) => option.value === value))
      return `“${label}” is none of the choices (any more).`;
    if (kind === 'boolean' && !/^(?:true|false|0|1)$/u.test(value)) return `“${label}” is neither yes nor no.`;
    values[name] = kind === 'boolean' ? String(value === 'true' || value === '1') : value;
  }
  return values;
}
