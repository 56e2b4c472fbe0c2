import type { Result, Sequel, Verb } from '../calls.ts';
import type { AppSession, Desk, Talk } from '../state.ts';
import type { Staff } from '../../helpdesk/model.ts';
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
  /** Answers in the same window; a long answer comes in parts, between lines. */
  readonly tell: (text: string) => void;
  /** The answer comes to {@link Command.finish}. */
  readonly ask: (verb: Verb) => void;
}

/** A command is a value: one file each, and the table in `table.ts`. */
export interface Command {
  readonly name: string;
  /** As `$help` shows it: `$history [n]`. */
  readonly usage: string;
  /** In a few words. */
  readonly does: string;
  /** True: only in a visitor's window. */
  readonly needsChat: boolean;
  /** False: this helpdesk, or this staff user, cannot do it at all. */
  isPossible?(context: CommandContext): boolean;
  /** False: it makes no sense in this chat as it is now, and `$help` leaves it out. */
  isUseful?(context: CommandContext): boolean;
  run(context: CommandContext): void;
  finish?(context: CommandContext, result: Result, verb: Verb): void;
}

export type CommandSequel = Extract<Sequel, { readonly is: 'command' }>;

export function isParticipant({ talk, staff }: CommandContext): boolean {
  return talk?.chat.participants.includes(staff.id) === true;
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
