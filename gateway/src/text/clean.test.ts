import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cleanLine, cleanText, cut, isBlank, isLongerThan } from './clean.ts';

describe('text of several lines', () => {
  const cases: Record<string, readonly [string, string]> = {
    'keeps lines and tabs': ['a\n\tb\n\nc', 'a\n\tb\n\nc'],
    'knows every line end': ['a\r\nb\rc\vd\fe\u0085f\u2028g\u2029h', 'a\nb\nc\nd\ne\nf\ng\nh'],
    'G17 loses control characters': ['a\u0000b\u001b[31mc\u007f\u009bd\ufffe\uffff', 'ab[31mcd'],
    'mends half characters': ['a\ud800b', 'a\ufffdb'],
    'keeps right-to-left text and emoji': ['שלום\u200f 👩\u200d💻', 'שלום\u200f 👩\u200d💻'],
    'G14 has no mark that a control character hides': ['\u0000▸ x\r\u0001▸y', 'x\ny'],
  };
  for (const [name, [text, clean]] of Object.entries(cases)) it(name, () => assert.equal(cleanText(text), clean));
  it('is cut between characters', () => {
    assert.equal(cleanText('😀😀😀', 2), '😀😀');
    assert.equal(cut('a😀b', 2), 'a😀');
    assert.ok(isLongerThan('😀😀', 1));
    assert.ok(!isLongerThan('😀😀', 2));
  });
});

describe('a blank text', () => {
  it('has nothing that can be seen', () => {
    for (const text of ['', ' \n\t', '\u200b\u200e', '\u3164\u2800']) assert.ok(isBlank(text));
    for (const text of ['.', ' x', '\u0301', '😀']) assert.ok(!isBlank(text));
  });
});

describe('one line', () => {
  const cases: Record<string, readonly [string, string]> = {
    'J20 has no line ends': ['Chris\r\nBcc: all@example.com', 'Chris Bcc: all@example.com'],
    'has one space between words and none around': ['  Chris \t  Smith\u00a0\u3000', 'Chris Smith'],
    'does not turn the direction of writing': ['Chris\u202egnp.exe\u2066', 'Chrisgnp.exe'],
    'has no invisible characters inside': ['Ga\u200bte\u00adway', 'Gateway'],
    'G14 has no mark': ['\u200b▸ ▶ Chat Gateway', 'Chat Gateway'],
    'is empty when nothing is to be seen': ['\u200b \u3164\u200d', ''],
    'keeps the joiners of scripts and emoji': ['می\u200cخواهم 👩\u200d💻 ❤\ufe0f', 'می\u200cخواهم 👩\u200d💻 ❤\ufe0f'],
  };
  for (const [name, [text, clean]] of Object.entries(cases)) it(name, () => assert.equal(cleanLine(text), clean));
});

describe('cleaning', () => {
  it('done twice is as done once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, length) => {
        const once = cleanText(text, length + 1);
        assert.equal(cleanText(once, length + 1), once);
        const line = cleanLine(text, length + 1);
        assert.equal(cleanLine(line, length + 1), line);
        assert.ok(!/[\n\r\u2028\u2029]/u.test(line));
      }),
    );
  });
  it('J16 takes time in proportion to the length', () => {
    const start = performance.now();
    for (const unit of [' ', '\u200b', '▸', '\n▸', '\r', '\u200d', ' \u200dx']) {
      cleanText(unit.repeat(200_000), 300_000);
      cleanLine(unit.repeat(200_000), 300_000);
    }
    assert.ok(performance.now() - start < 2_000);
  });
});
