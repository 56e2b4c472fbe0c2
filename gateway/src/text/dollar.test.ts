import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isCommandLike, readDollar } from './dollar.ts';

describe('what a $ means', () => {
  const commands = {
    'G01 $end': '$end',
    'G01 capitals': '$END',
    'G01 a space before': ' $end',
    'G01 a space after': '$end ',
    'G01 an empty line before': '\n$end',
    'G02 full-width': '＄end',
    'G02 small form': '﹩end',
    'G02 zero-width space before': '\u200b$end',
    'G02 right-to-left mark before': '\u200f$end',
    'G02 byte order mark before': '\ufeff$end',
    'G02 zero-width joiner inside': '$\u200den\u200bd',
    'G02 Hangul filler before': '\u3164$end',
    'a reply quotation before': '> what the visitor said\n> and more\n$end',
    'a reply quotation with an empty line': '> said\n\n$end',
  };
  for (const [name, text] of Object.entries(commands)) {
    it(`${name} is the command end`, () => {
      assert.deepEqual(readDollar(text), { is: 'command', name: 'end', rest: '' });
    });
  }

  const withArguments = {
    'G01 $end now': ['$end now', 'now'],
    'G01 text on the next line': ['$end\nhello', 'hello'],
  } as const;
  for (const [name, [text, rest]] of Object.entries(withArguments)) {
    it(`${name} is the command end with more after it`, () => {
      assert.deepEqual(readDollar(text), { is: 'command', name: 'end', rest });
    });
  }

  it('G03 an unknown word is a command too', () => {
    assert.deepEqual(readDollar('$foo bar'), { is: 'command', name: 'foo', rest: 'bar' });
  });
  it('a command is read as a whole word', () => {
    assert.deepEqual(readDollar('$end$end'), { is: 'command', name: 'end$end', rest: '' });
    assert.deepEqual(readDollar('$ｅｎｄ'), { is: 'command', name: 'end', rest: '' });
    assert.deepEqual(readDollar('$end.'), { is: 'command', name: 'end.', rest: '' });
    assert.deepEqual(readDollar('$e\u{e0065}nd'), { is: 'command', name: 'end', rest: '' });
  });
  it('only the first character is folded', () => {
    assert.deepEqual(readDollar('ﬁne ①'), { is: 'text', text: 'ﬁne ①' });
  });
  it('what hides between $ and its word does not make it text', () => {
    for (const text of ['$\u200b$end', '$\u0301end', '$\u20ddend', '$\u2800end', '$\tend'])
      assert.notEqual(readDollar(text).is, 'text', JSON.stringify(text));
  });
  it('G03 a lone $ is malformed', () => {
    assert.deepEqual(readDollar('$'), { is: 'malformed' });
    assert.deepEqual(readDollar('$ '), { is: 'malformed' });
    assert.deepEqual(readDollar('$ hello'), { is: 'malformed' });
    assert.deepEqual(readDollar('$-5'), { is: 'malformed' });
  });
  it('G03 $$ sends a literal $', () => {
    assert.deepEqual(readDollar('$$'), { is: 'text', text: '$' });
    assert.deepEqual(readDollar('$$end'), { is: 'text', text: '$end' });
    assert.deepEqual(readDollar('＄＄x'), { is: 'text', text: '$x' });
  });
  it('G03 a price is sent as it is', () => {
    for (const text of ['$5 off', '$ 5', ' $5', '$٥']) assert.deepEqual(readDollar(text), { is: 'text', text });
    assert.deepEqual(readDollar('$  5'), { is: 'malformed' });
  });
  it('a $ in the middle of a line is text', () => {
    assert.deepEqual(readDollar('it costs $five\nor 5$'), { is: 'text', text: 'it costs $five\nor 5$' });
  });
  it('G01 a later line that begins with a command refuses the whole message', () => {
    for (const end of ['\n', '\r', '\r\n', '\u2028', '\u2029', '\v', '\u0085']) {
      const refused = readDollar(`bye${end} \u200b$end`);
      assert.deepEqual(refused, { is: 'later-line', line: 2 }, JSON.stringify(end));
    }
    assert.deepEqual(readDollar('$5\n$end'), { is: 'later-line', line: 2 });
    assert.deepEqual(readDollar('$$x\n$end'), { is: 'later-line', line: 2 });
  });
  it('a marked quotation is not sent and hides no command', () => {
    assert.deepEqual(readDollar('> hi\nyes', 5), { is: 'text', text: 'yes' });
    assert.deepEqual(readDollar('> hi\n$end', 5), { is: 'command', name: 'end', rest: '' });
    // 😀 is two units
    assert.deepEqual(readDollar('> 😀\n$end', 5), { is: 'command', name: 'end', rest: '' });
    assert.deepEqual(readDollar('> 😀\nGood morning', 5), { is: 'text', text: 'Good morning' });
    assert.deepEqual(readDollar('> hi', 99), { is: 'text', text: '' });
  });
  it('a quotation marked as the whole text leaves the text after the quoted lines', () => {
    assert.deepEqual(readDollar('> hi\nyes', 8), { is: 'text', text: 'yes' });
    assert.deepEqual(readDollar('a reply in words', 16), { is: 'text', text: 'a reply in words' });
    assert.deepEqual(readDollar('> hi\n$end', 10), { is: 'command', name: 'end', rest: '' });
  });
  it('a quotation that ends within a line is distrusted: no word is cut, and no command is sent', () => {
    for (const quoted of [1, 3, 6, 7, 8, 9]) {
      assert.deepEqual(readDollar('> 😀\n$note x', quoted), { is: 'command', name: 'note', rest: 'x' }, String(quoted));
      assert.deepEqual(readDollar('> 😀\nhello x', quoted), { is: 'text', text: 'hello x' }, String(quoted));
    }
    assert.deepEqual(readDollar('ab$end', 2), { is: 'command', name: 'end', rest: '' });
    assert.deepEqual(readDollar('$note x', 1), { is: 'command', name: 'note', rest: 'x' });
    assert.equal(readDollar('said:\n$note x', 8).is, 'later-line');
    assert.deepEqual(readDollar('abcd', 2), { is: 'text', text: 'cd' });
  });
  it('wherever an app ends a quotation, what begins with $ after the quoted lines is not sent', () => {
    const quotation = fc.array(
      fc.string({ unit: 'grapheme' }).map((one) => `> ${one.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '')}\n`),
    );
    fc.assert(
      fc.property(quotation, fc.nat({ max: 7 }), (lines, past) => {
        const quoted = lines.join('');
        const read = readDollar(`${quoted}$note x`, quoted.length + past);
        assert.notEqual(read.is, 'text');
      }),
    );
  });

  it('nothing blank before $ and a letter makes it text', () => {
    const blank = fc.constantFrom(
      ' ',
      '\t',
      '\n',
      '\u00a0',
      '\u200b',
      '\u200e',
      '\u202e',
      '\ufeff',
      '\u2060',
      '\u00ad',
      '\ufe0f',
    );
    const letter = fc.constantFrom('e', 'E', 'é', 'ж', '終');
    fc.assert(
      fc.property(
        fc.array(blank),
        fc.constantFrom('$', '＄', '﹩'),
        letter,
        fc.string(),
        (before, dollar, first, rest) => isCommandLike(before.join('') + dollar + first + rest),
      ),
    );
  });
  it('takes time in proportion to the length', () => {
    const start = performance.now();
    readDollar(' \u200b'.repeat(100_000));
    readDollar('> \n'.repeat(20_000));
    readDollar('$a\n'.repeat(100_000));
    assert.ok(performance.now() - start < 1000);
  });
});
