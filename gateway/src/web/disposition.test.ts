import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contentDisposition } from './disposition.ts';

describe('the name of a file in a header', () => {
  it('is there for old programs and for others', () => {
    assert.equal(
      contentDisposition('attachment', `Übersicht "1" 'x' (50%).pdf`),
      `attachment; filename="Ubersicht _1_ 'x' (50_).pdf"; filename*=UTF-8''%C3%9Cbersicht%20%221%22%20%27x%27%20%2850%25%29.pdf`,
    );
    assert.equal(contentDisposition('inline', '概.png'), `inline; filename="_.png"; filename*=UTF-8''%E6%A6%82.png`);
  });
  it('J17 ends nothing and adds nothing, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const header = contentDisposition('inline', name);
        const [, plain = '', exact = ''] =
          /^inline; filename="([\x20-\x7e]*)"; filename\*=UTF-8''([\w.!~*%-]*)$/u.exec(header) ?? assert.fail(header);
        assert.doesNotMatch(plain, /["\\%]/u);
        assert.equal(decodeURIComponent(exact), name.toWellFormed());
      }),
    );
  });
});
