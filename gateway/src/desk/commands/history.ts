import { faultNotice } from '../chat/notices.ts';
import { inTranscript } from '../chat/transcript-line.ts';
import { type Command, countIn } from './command.ts';

const USUAL = 20;
const MOST = 100;
const LONGEST = 500;

export const history: Command = {
  name: 'history',
  usage: '$history [n]',
  does: 'the last lines again',
  title: 'The last lines',
  needsChat: true,
  fields: () => [
    { name: 'count', label: `How many lines (at most ${MOST})`, kind: 'text-single', value: String(USUAL) },
  ],
  run({ rest, talk, tell, ask }) {
    if (talk === undefined) return;
    const count = countIn(rest, USUAL, MOST);
    if (count === undefined) return tell(`Write $history, or $history and a number up to ${MOST}.`);
    ask({ is: 'history', chat: talk.chat.id, after: Math.max(0, talk.chat.lastLine - count), limit: count });
  },
  finish(context, result) {
    const { desk, talk, staff, tell } = context;
    if (result.is === 'fault') return tell(`${faultNotice(desk, result.fault)}.`);
    const lines = result.lines ?? [];
    if (lines.length === 0) return tell('Nothing was said yet.');
    const title = lines.length === 1 ? 'The last line' : `The last ${lines.length} lines`;
    tell(`${title}:\n${lines.map((line) => inTranscript(desk, talk, line, staff.id, LONGEST)).join('\n')}`);
  },
};
