import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ByteRange, rangeOf } from './range.ts';

describe('a range of ten bytes', () => {
  const all = undefined;
  const cases: Record<string, [header: string | undefined, range: ByteRange | 'none' | undefined]> = {
    'that is not asked for is all': [undefined, all],
    'has its first and its last byte': ['bytes=2-4', { from: 2, to: 5 }],
    'goes to the end': ['bytes=2-', { from: 2, to: 10 }],
    'is the last bytes': ['bytes=-3', { from: 7, to: 10 }],
    'is no longer than there is': ['bytes=8-99', { from: 8, to: 10 }],
    'is not more last bytes than there are': ['bytes=-99', { from: 0, to: 10 }],
    'is one byte': ['bytes=9-9', { from: 9, to: 10 }],
    'is asked for in capitals': ['Bytes=0-0', { from: 0, to: 1 }],
    'behind the end is none': ['bytes=10-', 'none'],
    'of no last bytes is none': ['bytes=-0', 'none'],
    'that goes back is no range': ['bytes=4-2', all],
    'of several is all': ['bytes=0-1,4-5', all],
    'in other units is all': ['lines=0-1', all],
    'of nothing is all': ['bytes=-', all],
    'of a number too long is all': [`bytes=${'9'.repeat(400)}-`, all],
  };
  for (const [sentence, [header, range]] of Object.entries(cases)) {
    it(sentence, () => {
      assert.deepEqual(rangeOf(header, 10), range);
    });
  }
  it('is within the file, whatever is asked for', () => {
    const number = fc.oneof(fc.constant(''), fc.nat(20).map(String), fc.bigInt({ min: 0n }).map(String));
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 15 }), (first, last, size) => {
        const range = rangeOf(`bytes=${first}-${last}`, size);
        if (range === undefined || range === 'none') return;
        assert.ok(range.from >= 0 && range.from < range.to && range.to <= size);
      }),
    );
  });
});
