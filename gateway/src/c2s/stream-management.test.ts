import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { after, isUpTo, judge, steps } from './stream-management.ts';

const count = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('counters of stream management', () => {
  it('begin again at 2^32', () => {
    assert.equal(after(2 ** 32 - 1), 0);
    assert.equal(steps(2 ** 32 - 2, 3), 5);
    assert.ok(isUpTo(2 ** 32 - 1, 0));
    assert.ok(!isUpTo(0, 2 ** 32 - 1));
  });
  it('steps and after are each others opposite, wherever one begins', () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 0, max: 10_000 }), (from, by) => steps(from, after(from, by)) === by),
    );
  });
  it('M03, M04 an h is good between the last one and what was written, also across the wrap', () => {
    fc.assert(
      fc.property(count, fc.nat(500), fc.nat(500), (acknowledged, sent, more) => {
        const written = after(acknowledged, sent);
        assert.equal(judge(after(acknowledged, Math.min(more, sent)), acknowledged, written), 'good');
        assert.equal(judge(after(written, more + 1), acknowledged, written), 'too-high');
        assert.equal(judge(steps(more + 1, acknowledged), acknowledged, written), 'backward');
      }),
    );
  });
});
