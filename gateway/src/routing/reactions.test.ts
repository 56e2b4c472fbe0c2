import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEmoji } from './reactions.ts';

describe('what is taken for an emoji', () => {
  for (const text of ['👍', '👍🏽', '❤️', '❤', '🇩🇪', '1️⃣', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🫠'])
    it(`${text} is one`, () => assert.ok(isEmoji(text)));
  for (const text of [
    '',
    'a',
    '5',
    '$',
    '$5',
    '▸',
    '▶',
    '▶️',
    '👍👍',
    '👍 x',
    ' 👍',
    '👍\n',
    '\u200d',
    '\u202e',
    '🏽'.repeat(30),
  ])
    it(`${JSON.stringify(text)} is none`, () => assert.ok(!isEmoji(text)));
});
