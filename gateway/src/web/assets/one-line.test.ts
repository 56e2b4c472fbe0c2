import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { oneLine } from './one-line.js';
import { ownPath } from './own-address.js';

describe('a name among other words', () => {
  const table: Record<string, [text: string, line: string]> = {
    'stays as it is': ['Jesse Vincent', 'Jesse Vincent'],
    'stays as it is in any script': ['مريم', 'مريم'],
    'keeps an emoji of several characters together': ['👩‍💻', '👩‍💻'],
    'G15 is one line': ['a\r\nb\u2028c\u2029d\u0085e\tf', 'a b c d e f'],
    'G15 turns nothing around': ['cv_\u202Egpj.exe\u202C\u2066x\u2069\u200F', 'cv_gpj.exex'],
    'G17 has no control characters': ['\u0000a\u0007b\u001B[31mc', 'a b [31mc'],
    'is cut when it is long': ['x'.repeat(300), `${'x'.repeat(200)}…`],
  };
  for (const [sentence, [text, expected]] of Object.entries(table)) {
    it(sentence, () => {
      assert.equal(oneLine(text), expected);
    });
  }

  it('has none of what breaks a line or turns a direction, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(oneLine(text, 20), /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });

  it('J16 takes time in proportion to what is shown', () => {
    const start = performance.now();
    oneLine(' \u202E'.repeat(1_000_000));
    assert.ok(performance.now() - start < 500);
  });
});

describe("an address of the helpdesk's own", () => {
  const origins = ['http://127.0.0.1:8080', 'https://chat.acme.example'];
  const table: [url: string, path: string | undefined][] = [
    ['https://chat.acme.example/files/1/a%20b.png', '/files/1/a%20b.png'],
    ['http://127.0.0.1:8080/files/1?x=y#z', '/files/1?x=y'],
    ['https://chat.acme.example:444/files/1', undefined],
    ['http://chat.acme.example/files/1', undefined],
    ['https://evil.example/files/1', undefined],
    ['https://chat.acme.example.evil.example/', undefined],
    ['https://chat.acme.example@evil.example/', undefined],
    ['https://x@chat.acme.example/', undefined],
    ['javascript:alert(1)', undefined],
    ['data:image/png;base64,AAAA', undefined],
    ['//chat.acme.example/files/1', undefined],
    ['', undefined],
  ];
  for (const [url, path] of table) {
    it(`G16 ${url === '' ? 'nothing' : url} is ${path === undefined ? 'none' : 'one'}`, () => {
      assert.equal(ownPath(url, origins), path);
    });
  }
});
