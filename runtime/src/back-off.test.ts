import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backOff } from './back-off.ts';

describe('waiting longer each time', () => {
  it('doubles from the first wait to the longest', () => {
    const waits = backOff({ first: 100, most: 1_000, random: () => 0.999999 });
    assert.deepEqual(
      [...Array(6)].map(() => waits.next()),
      [100, 200, 400, 800, 1_000, 1_000],
    );
  });
  it('begins again after a success', () => {
    const waits = backOff({ first: 100, most: 1_000, random: () => 0 });
    waits.next();
    waits.next();
    waits.reset();
    assert.equal(waits.next(), 50);
  });
  it('spreads those that failed together, within half of the wait', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (chances) => {
          const left = [...chances];
          const waits = backOff({ first: 100, most: 5_000, random: () => left.shift() ?? 0 });
          chances.forEach((_, index) => {
            const whole = Math.min(100 * 2 ** index, 5_000);
            const wait = waits.next();
            assert.ok(wait >= whole / 2 && wait <= whole, `${wait} of ${whole}`);
          });
        },
      ),
    );
  });
});
