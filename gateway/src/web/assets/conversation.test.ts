import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Extra, Line } from './connection.js';
import { Conversation, type Entry } from './conversation.js';

const picture = { name: 'cat.png', type: 'image/png', size: 9, url: 'https://acme.example/files/1/cat.png' };
const jesse: Line['from'] = { is: 'staff', name: 'Jesse' };
const varun: Line['from'] = { is: 'staff', name: 'Varun' };
const you: Line['from'] = { is: 'you', messageId: 'm' };
const notice: Line['from'] = { is: 'notice' };

const line = (number: number, from: Line['from'], text: string, extra?: Extra): Line => ({
  number,
  at: number * 1_000,
  from,
  text,
  ...(extra !== undefined && { extra }),
});
const correction = (of: number): Extra => ({ is: 'correction', of });
const retraction = (of: number): Extra => ({ is: 'retraction', of });
const reaction = (of: number): Extra => ({ is: 'reaction', of });
const reply = (of: number): Extra => ({ is: 'reply', of });

/** An entry in short: number, text, and signs for what was done to it. */
function short({ number, text, isEdited, isRemoved, reactions, answers, file, isPush }: Entry): string {
  return [
    `${number} ${isRemoved ? '–' : text}`,
    ...(isEdited && !isRemoved ? ['edited'] : []),
    ...(answers === undefined ? [] : [`answers ${answers}`]),
    ...(file === undefined ? [] : [file.name]),
    ...(isPush ? ['push'] : []),
    ...Array.from(reactions, ([who, emoji]) => `${who || 'you'}: ${emoji.join('')}`),
  ].join(' · ');
}
function shown(lines: readonly Line[]): string[] {
  const conversation = new Conversation();
  for (const one of lines) conversation.add(one);
  return conversation.entries.map((entry) => short(entry));
}

describe('what a conversation shows', () => {
  const table: Record<string, [lines: Line[], shown: string[]]> = {
    'lines as they are': [
      [line(1, you, 'Hi'), line(2, jesse, 'Hello')],
      ['1 Hi', '2 Hello'],
    ],
    'a corrected line with its new text': [
      [line(1, jesse, 'Helo'), line(2, you, 'Hi'), line(3, jesse, 'Hello', correction(1))],
      ['1 Hello · edited', '2 Hi'],
    ],
    'the last of several corrections': [
      [line(1, jesse, 'a'), line(2, jesse, 'b', correction(1)), line(3, jesse, 'c', correction(1))],
      ['1 c · edited'],
    ],
    'a correction of a correction, as one of the first line': [
      [line(1, jesse, 'a'), line(2, jesse, 'b', correction(1)), line(3, jesse, 'c', correction(2))],
      ['1 c · edited'],
    ],
    'nothing of what was taken back': [
      [line(1, jesse, 'secret'), line(2, you, '👍', reaction(1)), line(3, jesse, '', retraction(1))],
      ['1 –'],
    ],
    'nothing of it when it is corrected or reacted to afterwards': [
      [
        line(1, jesse, 'secret'),
        line(2, jesse, '', retraction(1)),
        line(3, jesse, 'again', correction(1)),
        line(4, varun, '👍', reaction(1)),
      ],
      ['1 –'],
    ],
    'reactions with who made them': [
      [line(1, you, 'Done'), line(2, jesse, '👍 🎉', reaction(1)), line(3, varun, '👍', reaction(1))],
      ['1 Done · Jesse: 👍🎉 · Varun: 👍'],
    ],
    'the last reactions of each': [
      [line(1, you, 'Done'), line(2, jesse, '👍', reaction(1)), line(3, jesse, '❤️', reaction(1))],
      ['1 Done · Jesse: ❤️'],
    ],
    'no reaction once there is none any more': [
      [line(1, you, 'Done'), line(2, jesse, '👍', reaction(1)), line(3, jesse, ' ', reaction(1))],
      ['1 Done'],
    ],
    'a reaction to a corrected line, by the number of its correction': [
      [line(1, jesse, 'a'), line(2, jesse, 'b', correction(1)), line(3, varun, '👍', reaction(2))],
      ['1 b · edited · Varun: 👍'],
    ],
    'what a line answers': [
      [line(1, you, 'Which one?'), line(2, jesse, 'The red one', reply(1))],
      ['1 Which one?', '2 The red one · answers 1'],
    ],
    'an answer whose text is corrected, as an answer': [
      [line(1, you, 'Which?'), line(2, jesse, 'red', reply(1)), line(3, jesse, 'blue', correction(2))],
      ['1 Which?', '2 blue · edited · answers 1'],
    ],
    'a file and a page': [
      [
        line(1, jesse, picture.url, { is: 'file', file: picture }),
        line(2, jesse, 'https://a.example/', { is: 'push' }),
      ],
      [`1 ${picture.url} · cat.png`, '2 https://a.example/ · push'],
    ],
    'a file that was taken back, without it': [
      [line(1, jesse, picture.url, { is: 'file', file: picture }), line(2, jesse, '', retraction(1))],
      ['1 –'],
    ],
    'a correction of a line that is not there, as a line': [
      [line(8, you, 'Hi'), line(9, jesse, 'Hello', correction(2))],
      ['8 Hi', '2 Hello · edited'],
    ],
    'one line for all that is said of a line that is not there': [
      [line(9, jesse, 'a', correction(2)), line(10, jesse, 'b', correction(2)), line(11, jesse, '', retraction(2))],
      ['2 –'],
    ],
    'no reaction to a line that is not there': [[line(9, jesse, '👍', reaction(2))], []],
    'an answer to a line that is not there, without it': [[line(9, jesse, 'Yes', reply(2))], ['9 Yes · answers 2']],
    'nothing of a line twice': [[line(1, you, 'Hi'), line(1, you, 'Hi')], ['1 Hi']],
    'G14 the words of the visitor unchanged by staff': [
      [line(1, you, 'I paid'), line(2, jesse, 'I did not pay', correction(1)), line(3, jesse, '', retraction(1))],
      ['1 I paid', '2 I did not pay'],
    ],
    'G14 notices unchanged by anybody': [
      [
        line(1, notice, '▸ Jesse joined.'),
        line(2, jesse, 'x', correction(1)),
        line(3, jesse, '', retraction(1)),
        line(4, jesse, '👍', reaction(1)),
      ],
      ['1 ▸ Jesse joined.', '2 x'],
    ],
    'a correction of itself, or of what comes later, as a line': [
      [line(1, jesse, 'a', correction(1)), line(2, jesse, 'b', correction(7))],
      ['1 a', '2 b'],
    ],
    'twenty reactions of one person at most, each of them short': [
      [
        line(1, you, 'x'),
        line(
          2,
          jesse,
          Array.from({ length: 30 }, (_, at) => String.fromCodePoint(0x1_f600 + at)).join(' '),
          reaction(1),
        ),
      ],
      [`1 x · Jesse: ${Array.from({ length: 20 }, (_, at) => String.fromCodePoint(0x1_f600 + at)).join('')}`],
    ],
  };
  for (const [sentence, [lines, expected]] of Object.entries(table)) {
    it(sentence, () => {
      assert.deepEqual(shown(lines), expected);
    });
  }

  it('tells what is to be drawn, and by whom it changed', () => {
    const conversation = new Conversation();
    const told = [
      line(1, jesse, 'a'),
      line(2, jesse, 'b', correction(1)),
      line(3, you, '👍', reaction(1)),
      line(4, jesse, '', retraction(1)),
      line(5, jesse, 'c', correction(1)),
    ].map((one) => conversation.add(one)?.how);
    assert.deepEqual(told, ['new', 'edited', 'reacted', 'removed', undefined]);
    assert.equal(conversation.find(5)?.newest, 5);
  });

  it('knows who quotes a line, also by the number of its correction', () => {
    const conversation = new Conversation();
    for (const one of [line(1, jesse, 'a'), line(2, jesse, 'b', correction(1)), line(3, varun, 'c', reply(2))])
      conversation.add(one);
    const [first, answer] = conversation.entries;
    assert.ok(first !== undefined);
    assert.deepEqual(conversation.answersTo(first), [answer]);
  });

  it('in whatever order its lines come, shows the same of them', () => {
    const lines = [
      line(1, jesse, 'a'),
      line(2, varun, 'b'),
      line(3, jesse, 'c', correction(1)),
      line(4, varun, '👍', reaction(1)),
      line(5, varun, '', retraction(2)),
      line(6, you, 'd', reply(1)),
    ];
    const expected = shown(lines).sort();
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
        assert.deepEqual(shown(shuffled).sort(), expected);
      }),
    );
  });

  it('J16 takes time in proportion to its length', () => {
    const start = performance.now();
    const many = Array.from({ length: 20_000 }, (_, at) =>
      at % 2 === 0 ? line(at + 1, jesse, 'a') : line(at + 1, jesse, 'b', correction(at)),
    );
    assert.equal(shown([line(0, jesse, 'x'), ...many, ...many]).length, 10_001);
    shown([line(1, you, 'x'), line(2, jesse, '👍 '.repeat(500_000), reaction(1))]);
    assert.ok(performance.now() - start < 1_000);
  });
});
