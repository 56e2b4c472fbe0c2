import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@chat-gateway/runtime';
import { Paces } from './pace.ts';

describe('the pace of places', () => {
  it('is so many at once, and then so many a minute, for each key', async () => {
    const clock = new ManualClock();
    const paces = new Paces(clock);
    const pace = { burst: 3, perMinute: 6 };
    assert.deepEqual(
      [1, 2, 3].map(() => paces.take('a', pace)),
      [0, 0, 0],
    );
    assert.equal(paces.take('a', pace), 10_000);
    assert.equal(paces.take('b', pace), 0);
    await clock.advance(9_999);
    assert.ok(paces.take('a', pace) > 0);
    await clock.advance(1);
    assert.equal(paces.take('a', pace), 0);
    assert.ok(paces.take('a', pace) > 0);
    await clock.advance(3_600_000);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => paces.take('a', pace) > 0),
      [false, false, false, true],
    );
  });
});
