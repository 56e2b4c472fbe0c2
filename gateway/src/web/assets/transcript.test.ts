import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Line } from './connection.js';
import { Conversation } from './conversation.js';
import { transcriptOf } from './transcript.js';

const jesse: Line['from'] = { is: 'staff', name: 'Jesse\u202E' };

/** The text file without its title and its times. */
function textOf(...lines: Line[]): string[] {
  const conversation = new Conversation();
  for (const line of lines) conversation.add(line);
  return transcriptOf({
    name: 'Acme',
    entries: conversation.entries,
    find: (number) => conversation.find(number),
  })
    .split('\r\n')
    .slice(2, -1)
    .map((line) => line.replace(/^\[[^\]]*\] /u, ''));
}

describe('the conversation as a file', () => {
  it('says who said what, with what later lines made of it', () => {
    const file = { name: 'cat\u202Egnp.png', type: 'image/png', size: 9, url: 'https://acme.example/files/1/cat.png' };
    assert.deepEqual(
      textOf(
        { number: 1, at: 0, from: { is: 'you', messageId: 'm' }, text: 'Which?' },
        { number: 2, at: 0, from: jesse, text: 'Red', extra: { is: 'reply', of: 1 } },
        { number: 3, at: 0, from: jesse, text: 'Blue', extra: { is: 'correction', of: 2 } },
        { number: 4, at: 0, from: jesse, text: 'secret' },
        { number: 5, at: 0, from: jesse, text: '', extra: { is: 'retraction', of: 4 } },
        { number: 6, at: 0, from: jesse, text: '👍', extra: { is: 'reaction', of: 1 } },
        { number: 7, at: 0, from: jesse, text: file.url, extra: { is: 'file', file } },
        { number: 8, at: 0, from: { is: 'notice' }, text: '▸ Jesse left the chat.' },
      ),
      [
        'You: Which?',
        '    [Jesse: 👍]',
        'Jesse: > You: Which?',
        '    Blue (edited)',
        'Jesse: (Message removed)',
        `Jesse: catgnp.png ${file.url}`,
        '*: ▸ Jesse left the chat.',
      ],
    );
  });

  it('G14 nobody can write what looks like another line', () => {
    assert.deepEqual(textOf({ number: 1, at: 0, from: jesse, text: 'a\n[10:00] You: b\u2028c' }), [
      'Jesse: a',
      '    [10:00] You: b',
      '    c',
    ]);
  });
});
