import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Line, StaffId } from './model.ts';
import { readingOf, type Reading } from './reading.ts';

const jesse = 'jesse' as StaffId;
const varun = 'varun' as StaffId;
const visitor: Line['from'] = { is: 'visitor' };
const byVarun: Line['from'] = { is: 'staff', staff: varun, name: 'Varun Shah' };
const byJesse: Line['from'] = { is: 'staff', staff: jesse, name: 'Jesse Stone' };
const author = { staff: jesse, ref: 'm1' };

const line = (from: Line['from'], text: string, extra?: Line['extra']): Line => ({
  number: 2,
  id: 'l2',
  at: 0,
  from,
  text,
  ...(extra && { extra }),
});

describe('what Jesse reads', () => {
  const cases: Record<string, readonly [Line, Reading]> = {
    'of the visitor: the text': [line(visitor, 'Hi'), { body: 'Hi' }],
    'of their own, in another app: the text': [line(byJesse, 'Hi'), { body: 'Hi' }],
    'of a colleague: the name, marked': [line(byVarun, 'Hi'), { body: '▸ Varun Shah: Hi' }],
    'of the helpdesk: marked': [line({ is: 'notice' }, 'Varun joined.'), { body: '▸ Varun joined.' }],
    'a correction by a colleague has the name again': [
      line(byVarun, 'Hello', { is: 'correction', of: 'l1' }),
      { body: '▸ Varun Shah: Hello', extras: { replaces: 'l1' } },
    ],
    'an own correction speaks of the id that the own app gave': [
      line(byJesse, 'Hello', { is: 'correction', of: 'l1', author }),
      { body: 'Hello', extras: { replaces: 'm1' } },
    ],
    'an answer to an own line speaks of the own app’s id': [
      line(byVarun, 'Yes', { is: 'reply', of: 'l1', author }),
      { body: '▸ Varun Shah: Yes', extras: { answers: 'm1' } },
    ],
    'an answer to another’s line speaks of the line': [
      line(byVarun, 'Yes', { is: 'reply', of: 'l1', author: { staff: varun, ref: 'm1' } }),
      { body: '▸ Varun Shah: Yes', extras: { answers: 'l1' } },
    ],
    'what a colleague took back': [
      line(byVarun, '', { is: 'retraction', of: 'l1' }),
      { body: '▸ Varun Shah took back a message.', extras: { retracts: 'l1' } },
    ],
    'a colleague’s reaction is words, not a reaction of the visitor’s': [
      line(byVarun, '👍 🎉', { is: 'reaction', of: 'l1' }),
      { body: '▸ Varun Shah reacted with 👍 🎉', extras: { answers: 'l1' } },
    ],
    'an own reaction is one': [
      line(byJesse, '👍', { is: 'reaction', of: 'l1' }),
      { body: '▸ You reacted with 👍', extras: { reacts: { to: 'l1', with: ['👍'] } } },
    ],
    'a reaction that is gone': [
      line(byJesse, '', { is: 'reaction', of: 'l1' }),
      { body: '▸ You took back a reaction.', extras: { reacts: { to: 'l1', with: [] } } },
    ],
    'what a colleague took back since': [
      { ...line(byVarun, ''), takenBack: true },
      { body: '▸ Varun Shah: (taken back)' },
    ],
    'what one took back oneself since, in a correction': [
      { ...line(byJesse, '', { is: 'correction', of: 'l1', author }), takenBack: true },
      { body: '▸ (taken back)', extras: { replaces: 'm1' } },
    ],
    'a visitor’s file is its address': [
      line(visitor, 'https://x.test/f', {
        is: 'file',
        file: { name: 'f', type: 't', size: 1, url: 'https://x.test/f' },
      }),
      { body: 'https://x.test/f', extras: { url: 'https://x.test/f' } },
    ],
    'a page to look at': [
      line(byVarun, 'https://x.test/', { is: 'push' }),
      { body: '▸ Varun Shah asked the visitor to look at: https://x.test/' },
    ],
    'what the visitor took back': [
      line(visitor, '', { is: 'retraction', of: 'l1' }),
      { body: '▸ Chris took back a message.', extras: { retracts: 'l1' } },
    ],
  };
  for (const [name, [said, reading]] of Object.entries(cases)) {
    const by = said.from.is === 'staff' ? said.from.name : '';
    it(name, () => assert.deepEqual(readingOf(said, jesse, by, 'Chris'), reading));
  }
});
