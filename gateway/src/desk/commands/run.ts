import { cut } from '../../text/clean.ts';
import { gatewayFullAddress, visitorFullAddress } from '../contacts/addresses.ts';
import type { Result, Verb } from '../calls.ts';
import { COMMANDS } from '../limits.ts';
import { stableId } from '../stable-id.ts';
import { type AppSession, type Desk, personOf, type Talk } from '../state.ts';
import type { Turn } from '../turn.ts';
import { belongsHere, type Command, type CommandContext, type CommandSequel, isPossible } from './command.ts';
import { commands } from './table.ts';

/** Longest message of an answer, in characters. */
const LONGEST = 4_000;

/** Where a command was asked: a window, or with `ask` a menu. */
export type Asked = Omit<CommandSequel, 'is' | 'rest'> & { readonly rest?: string };

export function contextOf(desk: Desk, turn: Turn, asked: Asked): CommandContext | undefined {
  const session = desk.sessions.get(asked.session);
  const staff = session === undefined ? undefined : desk.staff.get(session.staff);
  if (session === undefined || staff === undefined) return undefined;
  const { place } = desk.settings;
  const sequel: CommandSequel = { is: 'command', rest: '', ...asked };
  const from = sequel.chat === undefined ? gatewayFullAddress(place) : visitorFullAddress(place, sequel.chat);
  const reply = sequel.ask === undefined ? undefined : desk.replies.get(sequel.ask);
  const tell = (text: string): void => {
    if (reply !== undefined) reply.texts.push(text);
    else for (const part of inParts(text)) turn.notice([session], from, part);
  };
  return {
    desk,
    turn,
    session,
    staff,
    talk: sequel.chat === undefined ? undefined : desk.talks.get(sequel.chat),
    rest: sequel.rest,
    tell,
    fail: (text) => {
      if (reply !== undefined) reply.failed = true;
      tell(text);
    },
    ask: (verb) => {
      if (reply !== undefined) reply.open += 1;
      turn.call(verb, sequel, callId(sequel, verb));
    },
  };
}

/** What somebody would read twice. */
const WRITES: ReadonlySet<Verb['is']> = new Set(['note', 'push', 'mail']);

/** A command that an app sends again after a cut, in a new stream, is the same call: the helpdesk knows it. */
function callId({ fingerprint, chat }: CommandSequel, { is }: Verb): string | undefined {
  return fingerprint === undefined || !WRITES.has(is) ? undefined : stableId('command', fingerprint, chat ?? '', is);
}

/** Cuts between lines where it can. */
function inParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (let line of text.split('\n')) {
    while (line.length > LONGEST) {
      const start = cut(line, LONGEST);
      parts.push(...(part === '' ? [start] : [part, start]));
      part = '';
      line = line.slice(start.length);
    }
    if (part !== '' && part.length + line.length >= LONGEST) {
      parts.push(part);
      part = line;
    } else part = part === '' ? line : `${part}\n${line}`;
  }
  if (part.trim() !== '') parts.push(part);
  return parts;
}

/** Counts a command, or another text that is answered: two programs that answer each other are slowed down. */
export function mayRun(desk: Desk, turn: Turn, session: AppSession, cost = 1): boolean {
  const { commands: bucket } = personOf(desk, session.staff, turn.now);
  const elapsed = Math.max(0, turn.now - bucket.at) / 1_000;
  bucket.tokens = Math.min(COMMANDS.burst, bucket.tokens + elapsed * COMMANDS.perSecond);
  bucket.at = turn.now;
  if (bucket.tokens < cost) return false;
  bucket.tokens -= cost;
  return true;
}

export const TOO_MANY = 'Too many commands at once. Wait a moment.';

/** Runs a command in the window where it was written. */
export function runCommand(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  talk: Talk | undefined,
  { name, rest, fingerprint }: { readonly name: string; readonly rest: string; readonly fingerprint?: string },
): void {
  const chat = talk === undefined ? {} : { chat: talk.chat.id };
  const print = fingerprint === undefined ? {} : { fingerprint };
  const context = contextOf(desk, turn, { command: name, session: session.id, rest, ...chat, ...print });
  if (context === undefined) return;
  if (!mayRun(desk, turn, session)) return context.tell(TOO_MANY);
  const command = commands.find((one) => one.name === name);
  if (command === undefined)
    return context.tell(
      `There is no command $${cut(name, 30)}. Nothing was sent. $help shows what there is${talk === undefined ? '' : '; to send a $, write $$'}.`,
    );
  const obstacle = obstacleTo(command, context);
  if (obstacle !== undefined) return context.tell(obstacle);
  command.run(context);
}

/** Why it cannot be done here, in words. */
export function obstacleTo(command: Command, context: CommandContext): string | undefined {
  const { name, permission } = command;
  if (context.desk.settings.off.has(name)) return `$${name} is switched off on this helpdesk. $help shows what it can.`;
  if (!isPossible(command, context))
    return permission !== undefined && !context.staff.permissions.includes(permission)
      ? `You may not use $${name}: it needs the permission “${permission}”. $help shows what you can do.`
      : `This helpdesk cannot do $${name}. $help shows what it can.`;
  if (!belongsHere(command, context)) return `$${name} belongs to a chat: write it in the window of the visitor.`;
  return undefined;
}

/** What a command asked the helpdesk for is there. */
export function finishCommand(desk: Desk, turn: Turn, sequel: CommandSequel, result: Result, verb: Verb): void {
  const reply = sequel.ask === undefined ? undefined : desk.replies.get(sequel.ask);
  if (reply !== undefined) reply.open -= 1;
  const command: Command | undefined = commands.find(({ name }) => name === sequel.command);
  const context = contextOf(desk, turn, sequel);
  if (command?.finish !== undefined && context !== undefined) command.finish(context, result, verb);
  if (sequel.ask !== undefined && reply?.open === 0) answerMenu(desk, turn, sequel, sequel.ask);
}

/** The helpdesk has not answered for a while, and goes on being asked: who waits hears of it. */
export function slowCommand(desk: Desk, turn: Turn, sequel: CommandSequel): void {
  const context = contextOf(desk, turn, sequel);
  context?.tell(`The helpdesk does not answer. $${sequel.command} is done as soon as it does.`);
  if (sequel.ask !== undefined) answerMenu(desk, turn, sequel, sequel.ask);
}

/** Longest answer in a menu, in characters. */
const LONGEST_REPLY = 32_000;

/** A command of a menu is over, or cannot be waited for. */
export function answerMenu(desk: Desk, turn: Turn, asked: Asked, ask: string): void {
  const reply = desk.replies.get(ask);
  if (reply === undefined) return;
  desk.replies.delete(ask);
  if (!desk.sessions.has(asked.session)) return;
  const text = reply.texts.length === 0 ? 'Done.' : cut(reply.texts.join('\n'), LONGEST_REPLY);
  turn.deliver([asked.session], {
    kind: 'answer',
    ask,
    answer: {
      about: 'command',
      text,
      ...(reply.failed ? { failed: 'command' as const } : {}),
    },
  });
}

export function titleOf({ title, does, ofVisitor }: Command, { talk }: CommandContext): string {
  return (talk === undefined ? undefined : ofVisitor?.title) ?? title ?? does;
}
