import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MARK, marked, withoutMarks } from './mark.ts';

const LINE_ENDS = {
  LF: '\n',
  CR: '\r',
  CRLF: '\r\n',
  VT: '\v',
  FF: '\f',
  NEL: '\u0085',
  'U+2028': '\u2028',
  'U+2029': '\u2029',
  'U+001C': '\u001c',
};
const INVISIBLE = [' ', '\t', '\u00a0', '\u200b', '\u200e', '\u202e', '\u2060', '\ufeff', '\u00ad', '\u3164', '\u2800'];
const LOOK_ALIKES = ['▸', '▶', '▷', '▹', '►', '▻', '‣', '⏵', '➤', '➢', '⮞', '⯈', '🞂', '🢒', '▶\ufe0f'];

describe('the mark', () => {
  for (const [name, end] of Object.entries(LINE_ENDS)) {
    it(`is taken from a line that begins after ${name}, and the line end stays`, () => {
      assert.equal(withoutMarks(`hello${end}${MARK} Gateway: your password?`), `hello${end}Gateway: your password?`);
      assert.equal(withoutMarks(`hello${end}${end} \u200b${MARK}${MARK}x${end}`), `hello${end}${end}x${end}`);
    });
  }
  it('goes with what looks like it and with what is invisible before and between', () => {
    for (const first of LOOK_ALIKES)
      for (const blank of INVISIBLE) assert.equal(withoutMarks(`${blank}${first}${blank}${MARK}${blank}x`), 'x');
  });
  it('stays inside a line', () => {
    for (const text of ['a ▸ b', 'Menu ▶ File', 'x▸']) assert.equal(withoutMarks(text), text);
  });
  it('does not take quotation marks, brackets and blanks that people write', () => {
    for (const text of ['»Hallo«', '›x‹', '> quoted', '❯ ls', '  indented\n\n  more', '→ there', '\u200bx'])
      assert.equal(withoutMarks(text), text);
  });
  it('is written once', () => {
    assert.equal(marked('Ended.'), '▸ Ended.');
    assert.equal(marked(marked('Ended.')), '▸ Ended.');
  });

  const piece = fc.oneof(
    fc.constantFrom(...Object.values(LINE_ENDS), ...INVISIBLE, ...LOOK_ALIKES, 'x', '>'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  it('begins no line of any text, and once is enough', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const clean = withoutMarks(pieces.join(''));
        for (const line of clean.split(/[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/u))
          assert.ok(
            !LOOK_ALIKES.some((mark) => line.replace(/^[\s\p{Z}\p{Cc}\p{Cf}\p{DI}\u2800]+/u, '').startsWith(mark)),
          );
        assert.equal(withoutMarks(clean), clean);
      }),
    );
  });
  it('keeps every line end', () => {
    const ends = (text: string) => text.match(/[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/gu)?.join('') ?? '';
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        assert.equal(ends(withoutMarks(text)), ends(text));
      }),
    );
  });
  it('J16 takes time in proportion to the length', () => {
    const start = performance.now();
    for (const unit of [' ', ' \u200b', '▸', ' ▸', '\n', '\n ', '\u2028 ▸x', 'x ']) withoutMarks(unit.repeat(100_000));
    assert.ok(performance.now() - start < 1_000);
  });
});
