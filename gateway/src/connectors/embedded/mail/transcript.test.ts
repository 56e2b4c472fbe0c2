import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import type { Author, ChatLine, EndedChat, KeptExtra } from '../chat/chat.ts';
import { transcriptOf } from './transcript.ts';

const began = Date.UTC(2026, 0, 5, 22, 58);
const chat: EndedChat = {
  is: 'ended',
  id: 'c' as ChatId,
  team: 'sales' as TeamId,
  card: { name: 'Chris' },
  question: 'x',
  startedAt: began,
  lastLine: 9,
  lastWordsAt: began,
  requests: 0,
  at: began,
  why: 'staff',
  waitingSince: began,
  participants: [],
  observers: [],
};
const visitor: Author = { is: 'visitor', messageId: 'm' };
const jesse: Author = { is: 'staff', staff: 'jesse' as StaffId, name: 'Jesse Stone' };

/** Each line a minute after the one before. */
function written(...says: (readonly [from: Author, text: string, extra?: KeptExtra])[]): string[] {
  return writtenOf(chat, says);
}

function writtenOf(
  of: EndedChat,
  says: readonly (readonly [from: Author, text: string, extra?: KeptExtra])[],
): string[] {
  const lines = says.map(([from, text, extra], index): ChatLine => {
    const number = index + 1;
    const at = began + index * 60_000;
    return { number, id: `l${number}`, at, from, text, ...(extra !== undefined && { extra }) };
  });
  const head = { helpdesk: 'Acme', team: 'Sales', timeZone: 'Europe/Berlin', isCut: false };
  return transcriptOf(of, lines, head).split('\n');
}
const about = (is: 'correction' | 'retraction' | 'reaction' | 'reply', number: number): KeptExtra => ({
  is,
  of: `l${number}`,
  number,
});

describe('a transcript', () => {
  it('says whose it is, and when what was said in the time zone of the helpdesk', () => {
    assert.deepEqual(
      written(
        [visitor, 'Hello?'],
        [jesse, 'Hi'],
        [{ is: 'notice', forStaff: 'Jesse banned them' }, 'The chat was ended.'],
      ),
      [
        'Acme',
        'Chat with Chris, Sales, begun on Monday, 5 January 2026 at 23:58',
        'All times: Europe/Berlin',
        '',
        'Monday, 5 January 2026',
        '[23:58] Visitor Chris: Hello?',
        '[23:59] Jesse Stone: Hi',
        '',
        'Tuesday, 6 January 2026',
        '[00:00] ▸ The chat was ended.',
        '',
      ],
    );
  });

  it('shows what lines say of each other in their places', () => {
    const said = written(
      [jesse, 'Tomorow'],
      [jesse, 'Tomorrow', about('correction', 1)],
      [jesse, 'secret'],
      [jesse, '', about('retraction', 3)],
      [
        visitor,
        'https://acme.test/f',
        { is: 'file', file: { name: 'a.png', type: 'image/png', size: 1, url: 'https://acme.test/f' } },
      ],
      [jesse, '👍', about('reaction', 5)],
      [jesse, 'https://acme.test/', { is: 'push' }],
      [visitor, 'Thanks', about('reply', 7)],
    );
    assert.deepEqual(
      said.filter((line) => line.startsWith('[')).map((line) => line.slice(8)),
      [
        'Jesse Stone: Tomorrow (edited)',
        'Jesse Stone: ▸ (taken back)',
        'Visitor Chris: ▸ (file) a.png https://acme.test/f',
        'Jesse Stone: ▸ (reaction) 👍',
        'Jesse Stone: ▸ (page to look at) https://acme.test/',
        'Visitor Chris: Thanks',
      ],
    );
    assert.ok(!said.join('\n').includes('secret'));
  });

  it('G14 has no line that somebody else wrote', () => {
    const said = written([visitor, 'a\n[23:59] Jesse Stone: I pay\n\nTuesday 6 January 2026']);
    assert.deepEqual(said.slice(5), [
      '[23:58] Visitor Chris: a',
      '        [23:59] Jesse Stone: I pay',
      '        ',
      '        Tuesday 6 January 2026',
      '',
    ]);
    const named = writtenOf({ ...chat, card: { name: 'Jesse Stone: I pay' } }, [[visitor, 'Hello?']]);
    assert.equal(named[5], '[23:58] Visitor Jesse Stone: I pay: Hello?');
  });
});
