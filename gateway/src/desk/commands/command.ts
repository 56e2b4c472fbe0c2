import type { MenuField } from '../../bus/messages.ts';
import type { Permission, Staff } from '../../helpdesk/model.ts';
import type { Result, Sequel, Verb } from '../calls.ts';
import type { Ability, AppSession, Desk, Talk } from '../state.ts';
import type { Turn } from '../turn.ts';

/** A command while it runs: who asks, where, and how to answer. */
export interface CommandContext {
  readonly desk: Desk;
  readonly turn: Turn;
  readonly session: AppSession;
  readonly staff: Staff;
  /** The chat in whose window it was written, for a while also when it has ended; absent: in that of `Chat Gateway`. */
  readonly talk: Talk | undefined;
  /** What stands after the command's name. */
  readonly rest: string;
  /** Answers where it was asked: in the same window (a long answer comes in parts, between lines) or in the menu. */
  readonly tell: (text: string) => void;
  /** As {@link CommandContext.tell}, and a menu shows it as an error: nothing was done. */
  readonly fail: (text: string) => void;
  /** The answer comes to {@link Command.finish}. */
  readonly ask: (verb: Verb) => void;
}

/** Values of a form that was filled in, by the names of its fields; what was left empty is an empty text. */
export type FormValues = Readonly<Record<string, string>>;

/** A command is a value: one file each, and the table in `table.ts`. */
export interface Command {
  readonly name: string;
  /** As `$help` shows it: `$history [n]`. */
  readonly usage: string;
  /** In a few words. */
  readonly does: string;
  /** As a menu shows it; absent: {@link Command.does}. */
  readonly title?: string;
  /** Title and meaning in a visitor's menu, where that is only a part of what the command does. */
  readonly ofVisitor?: { readonly title: string; readonly does: string };
  /** True: only in a visitor's window. */
  readonly needsChat: boolean;
  /** What the helpdesk must be able to do. */
  readonly ability?: Ability;
  /** What the staff user must be allowed. */
  readonly permission?: Permission;
  /** False: this helpdesk cannot do it at all. */
  isPossible?(context: CommandContext): boolean;
  /** False: it makes no sense in this chat as it is now, and `$help` and menus leave it out. */
  isUseful?(context: CommandContext): boolean;
  /** What a menu asks for; absent: nothing, it runs at once. */
  fields?(context: CommandContext): readonly MenuField[];
  /** What a person would write after the command's name instead; absent: all values, with blanks between them. */
  restOf?(values: FormValues): string;
  run(context: CommandContext): void;
  finish?(context: CommandContext, result: Result, verb: Verb): void;
}

export type CommandSequel = Extract<Sequel, { readonly is: 'command' }>;

/** Can this staff user use it on this helpdesk at all? */
export function isPossible(command: Command, context: CommandContext): boolean {
  const { ability, permission, name } = command;
  const { settings } = context.desk;
  return (
    !settings.off.has(name) &&
    (ability === undefined || settings.can[ability]) &&
    (permission === undefined || context.staff.permissions.includes(permission)) &&
    command.isPossible?.(context) !== false
  );
}

/** Has it its place in this window? */
export function belongsHere(command: Command, { talk }: CommandContext): boolean {
  return !command.needsChat || talk !== undefined;
}

/** What `$help` and menus show here and now. */
export function isOffered(command: Command, context: CommandContext): boolean {
  return belongsHere(command, context) && isPossible(command, context) && command.isUseful?.(context) !== false;
}

export function isParticipant({ talk, staff }: CommandContext): boolean {
  return talk?.ended === undefined && talk?.chat.participants.includes(staff.id) === true;
}

/** Takes part or listens. */
export function isInside(context: CommandContext): boolean {
  const { talk, staff } = context;
  return isParticipant(context) || (talk?.ended === undefined && talk?.chat.observers.includes(staff.id) === true);
}

/** What brings them in is on its way to the helpdesk: what they ask for is done after it. */
export function isComing({ talk, staff }: CommandContext): boolean {
  return talk?.accepting.has(staff.id) === true;
}

export function isObserver({ talk, staff }: CommandContext): boolean {
  return talk?.chat.observers.includes(staff.id) === true;
}

export function offerTo({ talk, staff }: CommandContext) {
  return Array.from(talk?.offers.values() ?? []).find(({ offer }) => offer.staff === staff.id);
}

/** A count that a person writes: absent is `usual`; `undefined` is not a count from 1 to `most`. */
export function countIn(text: string, usual: number, most: number): number | undefined {
  if (text === '') return usual;
  if (!/^\d{1,6}$/u.test(text) || Number(text) === 0) return undefined;
  return Math.min(Number(text), most);
}
