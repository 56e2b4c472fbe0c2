import type { LeftMessage } from '../../helpdesk/model.ts';
import { cut, isLongerThan } from '../../text/clean.ts';
import { faultNotice } from '../chat/notices.ts';
import { teamNameOf, teamsRead } from '../state.ts';
import { setIn } from '../chat/transcript-line.ts';
import { dateAndTime } from '../contacts/time-of-day.ts';
import { type Command, type CommandContext, countIn } from './command.ts';

/** Messages that are counted. */
export const COUNTED = 100;
/** Messages among which an older one is looked for. */
const LOOKED_THROUGH = 1_000;
const USUAL = 5;
const MOST = 20;
const LONGEST = 1_000;

/** What is shorter is written out: half of a number is another number. */
const SHORTEST = 4;

/** The shortest ids that tell these messages apart, for people to write. */
function shortIds(messages: readonly LeftMessage[]): (id: string) => string {
  for (let length = SHORTEST; length < 64; length++) {
    const short = new Set(messages.map(({ id }) => id.slice(0, length)));
    if (short.size === messages.length) return (id) => id.slice(0, length);
  }
  return (id) => id;
}

/** The messages that a person means by an id, or by the first characters of a long one. */
function matching(messages: readonly LeftMessage[], wanted: string): readonly LeftMessage[] {
  const exact = messages.filter(({ id }) => id === wanted);
  if (exact.length > 0 || wanted.length < SHORTEST) return exact;
  return messages.filter(({ id }) => id.startsWith(wanted));
}

function describe({ desk }: CommandContext, message: LeftMessage, id: string): string {
  const when = dateAndTime(message.at, desk.settings.place.timeZone);
  const text = isLongerThan(message.text, LONGEST) ? `${cut(message.text, LONGEST)}…` : message.text;
  return `[${id}] ${when}, ${teamNameOf(desk, message.team)}: ${message.name} <${message.email}>\n      ${setIn(text)}`;
}

interface List {
  readonly count: number;
  /** Only messages that are older than this one. */
  readonly before?: string;
}

function listIn(rest: string): List | undefined {
  const [, number = '', before] = /^(\d*)\s*(?:before\s+\[?([^\s\]]+)\]?)?$/iu.exec(rest) ?? [];
  const count = rest === '' || number !== '' || before !== undefined ? countIn(number, USUAL, MOST) : undefined;
  return count === undefined ? undefined : { count, ...(before === undefined ? {} : { before }) };
}

function show(context: CommandContext, { count, before }: List, messages: readonly LeftMessage[]): void {
  if (messages.length === 0) return context.tell('No messages were left for your teams.');
  const from = before === undefined ? 0 : messages.findIndex(({ id }) => matching(messages, before)[0]?.id === id) + 1;
  if (before !== undefined && from === 0) return context.tell(NO_SUCH);
  const short = shortIds(messages);
  const shown = messages.slice(from, from + count);
  const last = shown.at(-1);
  if (last === undefined) return context.tell('No message is older than this one.');
  const isMore = from + shown.length < messages.length;
  const number = before === undefined && messages.length >= COUNTED ? `${COUNTED} or more` : String(messages.length);
  const title =
    before !== undefined
      ? 'Older left messages'
      : isMore
        ? `The newest ${shown.length} of ${number} left messages`
        : 'Left messages';
  context.tell(
    [
      `${title} ($messages done ${short(shown[0]?.id ?? '')} marks one as dealt with):`,
      ...shown.map((message) => describe(context, message, short(message.id))),
      ...(isMore ? [`$messages ${count} before ${short(last.id)} shows older ones.`] : []),
    ].join('\n\n'),
  );
}

const NO_SUCH = 'There is no open message with this id. $messages shows them.';

function markDone(context: CommandContext, wanted: string, messages: readonly LeftMessage[]): void {
  const found = matching(messages, wanted);
  if (found.length > 1) return context.tell('More than one message has an id that begins so. Write more of it.');
  // One that is too old to be in the list is known by its whole id.
  const message = found[0]?.id ?? wanted;
  context.ask({ is: 'mark-done', message, teams: teamsRead(context.desk, context.staff) });
}

const DONE = /^done(?:\s+\[?([^\s\]]+)\]?)?$/iu;

export const leftMessages: Command = {
  name: 'messages',
  usage: '$messages [n] [before ID] · $messages done ID',
  does: 'messages that visitors left for your teams, or older ones; marks one as dealt with',
  title: 'Messages that visitors left',
  needsChat: false,
  fields: ({ desk }) => [
    { name: 'count', label: `How many (at most ${MOST})`, kind: 'text-single', value: String(USUAL) },
    ...(desk.settings.can.markDone
      ? [{ name: 'done', label: 'Or: mark this one as dealt with (its id)', kind: 'text-single' } as const]
      : []),
  ],
  restOf: ({ count = '', done = '' }) => (done === '' ? count : `done ${done}`),
  isPossible: ({ desk }) => desk.settings.can.leftMessages,
  run(context) {
    const { rest, tell, ask, desk } = context;
    const done = DONE.exec(rest);
    if (done !== null && !desk.settings.can.markDone) return tell('This helpdesk cannot mark messages from here.');
    if (done !== null && done[1] === undefined) return tell('Write the id too: $messages done ID.');
    const list = done === null ? listIn(rest) : undefined;
    if (done === null && list === undefined)
      return tell('Write $messages, $messages 10, $messages 10 before ID, or $messages done ID.');
    const limit = list?.before === undefined ? COUNTED : LOOKED_THROUGH;
    ask({ is: 'left-messages', teams: teamsRead(context.desk, context.staff), limit });
  },
  finish(context, result, verb) {
    const { desk, rest, tell } = context;
    if (result.is === 'fault')
      return tell(result.fault.is === 'not-found' ? NO_SUCH : `${faultNotice(desk, result.fault)}.`);
    if (verb.is === 'mark-done') return tell('Marked as dealt with.');
    const wanted = DONE.exec(rest)?.[1];
    const messages = result.messages ?? [];
    if (wanted === undefined) show(context, listIn(rest) ?? { count: USUAL }, messages);
    else markDone(context, wanted, messages);
  },
};
