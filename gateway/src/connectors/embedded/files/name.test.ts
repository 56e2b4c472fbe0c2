import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FILE_TYPES } from '../../../config/file-types.ts';
import { fileName, percentEncoded } from './name.ts';
import { extensionOf, extensionsOf } from './types.ts';

describe('the name of a file', () => {
  const pdf = 'application/pdf';
  const names: Record<string, [given: string, name: string]> = {
    'stays as it is': ['Report 2026 (final).pdf', 'Report 2026 (final).pdf'],
    'stays in any script': ['Übersicht – 概要 😀.pdf', 'Übersicht – 概要 😀.pdf'],
    'has its extension in small letters': ['Report.PDF', 'Report.pdf'],
    'gets the extension of its type': ['Report', 'Report.pdf'],
    'that is of something else gets it too': ['evil.exe', 'evil.exe.pdf'],
    'has no folders': ['/etc/../tmp/a.pdf', 'a.pdf'],
    'has no folders of Windows': ['C:\\Users\\me\\a.pdf', 'a.pdf'],
    'does not hide': ['...hidden.pdf', 'hidden.pdf'],
    'does not end in dots and spaces': ['a .. .pdf', 'a.pdf'],
    'has nothing that Windows cannot keep': ['a<b>:"|?*.pdf', 'a_b______.pdf'],
    'is no device of Windows': ['CON.pdf', '_CON.pdf'],
    'is no device with an extension': ['aux.x.pdf', '_aux.x.pdf'],
    'turns no direction': ['a\u202efdp.exe', 'afdp.exe.pdf'],
    'has no control characters and lines': ['a\r\nContent-Type: b\0.pdf', 'a Content-Type_ b.pdf'],
    'does not begin as a notice does': ['▸ Jesse left.pdf', 'Jesse left.pdf'],
    'that cannot be seen is another one': ['\u200b\u2060.pdf', 'file.pdf'],
    'that is only an extension is another one': ['.pdf', 'file.pdf'],
    'that is not there is another one': ['', 'file.pdf'],
    'G15 may look like markup': ['<img src=x onerror=alert(1)>.pdf', '_img src=x onerror=alert(1)_.pdf'],
    'is in one form': ['u\u0308.pdf', 'ü.pdf'],
  };
  for (const [sentence, [given, name]] of Object.entries(names)) {
    it(sentence, () => {
      assert.equal(fileName(given, pdf), name);
    });
  }
  it('is cut before its extension', () => {
    const name = fileName(`${'😀'.repeat(300)}.pdf`, pdf);
    assert.equal(Array.from(name).length, 100);
    assert.ok(name.endsWith('😀.pdf'));
  });

  it('is fit for every system, whatever is given', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({
        unit: fc.constantFrom('.', '/', '\\', ' ', '\u202e', '\ud800', '▸', 'a', 'pdf', '%', '"'),
        maxLength: 40,
      }),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom(...FILE_TYPES), (given, type) => {
        const name = fileName(given, type);
        assert.doesNotMatch(name, /[<>:"|?*\\/\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        assert.doesNotMatch(name, /^[\s.▸]|[\s.]$|^$/u);
        assert.ok((extensionsOf(type) as readonly string[]).includes(extensionOf(name)));
        assert.ok(Array.from(name).length <= 100);
        assert.ok(name.isWellFormed());
        assert.equal(fileName(name, type), name);
        assert.equal(decodeURIComponent(percentEncoded(name)), name);
        assert.match(percentEncoded(name), /^[A-Za-z0-9._%-]+$/u);
      }),
      { numRuns: 2_000 },
    );
  });
  it('J16 a long one takes no longer than it is long', () => {
    for (const unit of ['.', ' ', '. ', 'a.', '\u200d', '▸ ', '/']) {
      const begin = performance.now();
      fileName(`${unit.repeat(200_000)}.pdf`, pdf);
      assert.ok(performance.now() - begin < 500, JSON.stringify(unit));
    }
  });
});
