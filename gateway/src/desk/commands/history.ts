import type { Line } from '../../helpdesk/model.ts';
import { cut, isLongerThan } from '../../text/clean.ts';
import { faultNotice } from '../notices.ts';
import { nameOf } from '../state.ts';
import { timeOfDay } from '../time-of-day.ts';
import { type Command, type CommandContext, countIn } from './command.ts';

const USUAL = 20;
const MOST = 100;
const LONGEST = 500;

function describe({ desk, talk, staff }: CommandContext, line: Line): string {
  const time = timeOfDay(line.at, desk.settings.place.timeZone);
  const text = (isLongerThan(line.text, LONGEST) ? `${cut(line.text, LONGEST)}…` : line.text).replace(
    /\n/gu,
    '\n      ',
  );
  switch (line.from.is) {
    case 'visitor':
      return `${time} ${talk?.label ?? 'Visitor'}: ${text}`;
    case 'staff':
      return `${time} ${line.from.staff === staff.id ? 'You' : nameOf(desk, line.from.staff)}: ${text}`;
    case 'notice':
      return `${time} ${text}`;
  }
}

export const history: Command = {
  name: 'history',
  usage: '$history [n]',
  does: 'the last lines again',
  needsChat: true,
  run({ rest, talk, tell, ask }) {
    if (talk === undefined) return;
    const count = countIn(rest, USUAL, MOST);
    if (count === undefined) return tell(`Write $history, or $history and a number up to ${MOST}.`);
    ask({ is: 'history', chat: talk.chat.id, after: Math.max(0, talk.chat.lastLine - count), limit: count });
  },
  finish(context, result) {
    const { desk, tell } = context;
    if (result.is === 'fault') return tell(`${faultNotice(desk, result.fault)}.`);
    const lines = result.lines ?? [];
    if (lines.length === 0) return tell('Nothing was said yet.');
    const title = lines.length === 1 ? 'The last line' : `The last ${lines.length} lines`;
    tell(`${title}:\n${lines.map((line) => describe(context, line)).join('\n')}`);
  },
};
