import { cut } from '../../text/clean.ts';
import { gatewayFullAddress, visitorFullAddress } from '../addresses.ts';
import type { Result, Verb } from '../calls.ts';
import { type AppSession, type Desk, personOf, type Talk } from '../state.ts';
import type { Turn } from '../turn.ts';
import type { Command, CommandContext, CommandSequel } from './command.ts';
import { commands, NOT_YET } from './table.ts';

/** Commands of one staff user: a burst, then so many a second. */
const BURST = 10;
const PER_SECOND = 2;
/** Longest message of an answer, in characters. */
const LONGEST = 4_000;

function contextOf(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  talk: Talk | undefined,
  sequel: CommandSequel,
): CommandContext | undefined {
  const staff = desk.staff.get(session.staff);
  if (staff === undefined) return undefined;
  const { place } = desk.settings;
  const from = sequel.chat === undefined ? gatewayFullAddress(place) : visitorFullAddress(place, sequel.chat);
  return {
    desk,
    turn,
    session,
    staff,
    talk,
    rest: sequel.rest,
    tell: (text) => {
      for (const part of inParts(text)) turn.notice([session], from, part);
    },
    ask: (verb) => turn.call(verb, sequel),
  };
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
  bucket.tokens = Math.min(BURST, bucket.tokens + elapsed * PER_SECOND);
  bucket.at = turn.now;
  if (bucket.tokens < cost) return false;
  bucket.tokens -= cost;
  return true;
}

/** Runs a command in the window where it was written. */
export function runCommand(
  desk: Desk,
  turn: Turn,
  session: AppSession,
  talk: Talk | undefined,
  { name, rest }: { readonly name: string; readonly rest: string },
): void {
  const chat = talk === undefined ? {} : { chat: talk.chat.id };
  const context = contextOf(desk, turn, session, talk, {
    is: 'command',
    command: name,
    session: session.id,
    rest,
    ...chat,
  });
  if (context === undefined) return;
  const { tell } = context;
  if (!mayRun(desk, turn, session)) return tell('Too many commands at once. Wait a moment.');
  const command = commands.find((one) => one.name === name);
  const shown = cut(name, 30);
  if (command === undefined)
    return tell(
      NOT_YET.has(name)
        ? `This helpdesk cannot do $${name}. $help shows what it can.`
        : `There is no command $${shown}. Nothing was sent. $help shows what there is${talk === undefined ? '' : '; to send a $, write $$'}.`,
    );
  if (command.isPossible?.(context) === false)
    return tell(`This helpdesk cannot do $${name}. $help shows what it can.`);
  if (command.needsChat && talk === undefined)
    return tell(`$${name} belongs to a chat: write it in the window of the visitor.`);
  command.run(context);
}

/** What a command asked the helpdesk for is there. */
export function finishCommand(desk: Desk, turn: Turn, sequel: CommandSequel, result: Result, verb: Verb): void {
  const session = desk.sessions.get(sequel.session);
  const command: Command | undefined = commands.find(({ name }) => name === sequel.command);
  if (session === undefined || command?.finish === undefined) return;
  const talk = sequel.chat === undefined ? undefined : desk.talks.get(sequel.chat);
  const context = contextOf(desk, turn, session, talk, sequel);
  if (context !== undefined) command.finish(context, result, verb);
}
