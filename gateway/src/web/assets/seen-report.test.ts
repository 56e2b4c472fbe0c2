import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import { SeenReport } from './seen-report.js';

function openReport() {
  const clock = new ManualClock();
  const told: number[] = [];
  const state = { isLookedAt: true, isCut: false };
  const report = new SeenReport({
    isLookedAt: () => state.isLookedAt,
    async tell(line) {
      told.push(line);
      await Promise.resolve();
      if (state.isCut) throw new Error('offline');
    },
    after: (ms, fire) => clock.after(ms, fire),
  });
  return { report, clock, told, state };
}

describe('what was seen', () => {
  it('is told at once, then once a second at most, and never twice', async () => {
    const { report, clock, told } = openReport();
    for (const line of [1, 2, 3, 3, 2]) report.shown(line);
    assert.deepEqual(told, [1]);
    await clock.advance(1_000);
    assert.deepEqual(told, [1, 3]);
    await clock.advance(10_000);
    report.look();
    report.shown(2);
    assert.deepEqual(told, [1, 3]);
  });

  it('is not told of a page that nobody looks at, but once somebody does', async () => {
    const { report, clock, told, state } = openReport();
    state.isLookedAt = false;
    report.shown(4);
    await clock.advance(5_000);
    assert.deepEqual(told, []);
    state.isLookedAt = true;
    report.look();
    assert.deepEqual(told, [4]);
  });

  it('is told again when the connection is back, and not over and over before', async () => {
    const { report, clock, told, state } = openReport();
    state.isCut = true;
    report.shown(4);
    await settled();
    await clock.advance(60_000);
    assert.deepEqual(told, [4]);
    state.isCut = false;
    report.look();
    assert.deepEqual(told, [4, 4]);
  });
});
