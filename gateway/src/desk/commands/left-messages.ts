import type { LeftMessage } from '../../helpdesk/model.ts';
import { cut, isLongerThan } from '../../text/clean.ts';
import { faultNotice } from '../notices.ts';
import { teamNameOf, teamsRead } from '../state.ts';
import { dateAndTime } from '../time-of-day.ts';
import { type Command, type CommandContext, countIn } from './command.ts';

/** Messages that are looked through and counted. */
export const COUNTED = 100;
const USUAL = 5;
const MOST = 20;
const LONGEST = 1_000;

/** The shortest ids that tell these messages apart, for people to write. */
function shortIds(messages: readonly LeftMessage[]): (id: string) => string {
  for (let length = 4; length < 64; length++) {
    const short = new Set(messages.map(({ id }) => id.slice(0, length)));
    if (short.size === messages.length) return (id) => id.slice(0, length);
  }
  return (id) => id;
}

function describe({ desk }: CommandContext, message: LeftMessage, id: string): string {
  const when = dateAndTime(message.at, desk.settings.place.timeZone);
  const text = isLongerThan(message.text, LONGEST) ? `${cut(message.text, LONGEST)}…` : message.text;
  return `[${id}] ${when}, ${teamNameOf(desk, message.team)}: ${message.name} <${message.email}>\n${text}`;
}

function show(context: CommandContext, count: number, messages: readonly LeftMessage[]): void {
  if (messages.length === 0) return context.tell('No messages were left for your teams.');
  const short = shortIds(messages);
  const shown = messages.slice(0, count);
  const number = messages.length >= COUNTED ? `${COUNTED} or more` : String(messages.length);
  const title =
    shown.length < messages.length ? `The newest ${shown.length} of ${number} left messages` : 'Left messages';
  const first = shown[0]?.id ?? '';
  context.tell(
    [
      `${title} ($messages done ${short(first)} marks one as dealt with):`,
      ...shown.map((message) => describe(context, message, short(message.id))),
    ].join('\n\n'),
  );
}

function markDone(context: CommandContext, wanted: string, messages: readonly LeftMessage[]): void {
  const found = messages.filter(({ id }) => id.startsWith(wanted));
  const [message] = found;
  if (message === undefined) return context.tell('There is no open message with this id. $messages shows them.');
  if (found.length > 1) return context.tell('More than one message has an id that begins so. Write more of it.');
  context.ask({ is: 'mark-done', message: message.id, teams: teamsRead(context.desk, context.staff) });
}

const DONE = /^done(?:\s+\[?([^\s\]]+)\]?)?$/iu;

export const leftMessages: Command = {
  name: 'messages',
  usage: '$messages [n] · $messages done ID',
  does: 'messages that visitors left for your teams; marks one as dealt with',
  needsChat: false,
  isPossible: ({ desk }) => desk.settings.can.leftMessages,
  run(context) {
    const { rest, tell, ask, desk } = context;
    const done = DONE.exec(rest);
    if (done !== null && !desk.settings.can.markDone) return tell('This helpdesk cannot mark messages from here.');
    if (done !== null && done[1] === undefined) return tell('Write the id too: $messages done ID.');
    if (done === null && countIn(rest, USUAL, MOST) === undefined)
      return tell('Write $messages, $messages 10, or $messages done ID.');
    ask({ is: 'left-messages', teams: teamsRead(context.desk, context.staff), limit: COUNTED });
  },
  finish(context, result, verb) {
    const { desk, rest, tell } = context;
    if (result.is === 'fault')
      return tell(
        result.fault.is === 'not-found' ? 'This message is already dealt with.' : `${faultNotice(desk, result.fault)}.`,
      );
    if (verb.is === 'mark-done') return tell('Marked as dealt with.');
    const wanted = DONE.exec(rest)?.[1];
    if (wanted === undefined) show(context, countIn(rest, USUAL, MOST) ?? USUAL, result.messages ?? []);
    else markDone(context, wanted, result.messages ?? []);
  },
};
