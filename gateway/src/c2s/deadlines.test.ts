import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@chat-gateway/runtime';
import fc from 'fast-check';
import { Deadlines, type Due, GRAIN } from './deadlines.ts';

class Noting implements Due {
  slot: number | undefined;
  at: number[] = [];
  due(now: number): void {
    this.at.push(now);
  }
}

/** Counts the timers that are set. */
class CountingClock extends ManualClock {
  timers = 0;
  override after(ms: number, fire: () => void): () => void {
    this.timers++;
    return super.after(ms, fire);
  }
}

describe('deadlines', () => {
  it('each is called once, not early, and at most a grain late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 30 }), async (times) => {
        const clock = new ManualClock();
        const deadlines = new Deadlines(clock);
        const all = times.map((at) => ({ at, who: new Noting() }));
        for (const { at, who } of all) deadlines.set(who, at);
        await clock.advance(6_000, async () => undefined);
        for (const { at, who } of all) {
          assert.equal(who.at.length, 1);
          const late = (who.at[0] ?? 0) - at;
          assert.ok(late >= 0 && late < GRAIN, `${late} ms late`);
        }
        assert.equal(deadlines.size, 0);
      }),
    );
  });
  it('a new one replaces the old one, and a cleared one is not called', async () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock);
    const [moved, cleared] = [new Noting(), new Noting()];
    deadlines.set(moved, 1_000);
    deadlines.set(moved, 3_000);
    deadlines.set(cleared, 1_000);
    deadlines.clear(cleared);
    await clock.advance(10_000);
    assert.deepEqual(moved.at, [3_000]);
    assert.deepEqual(cleared.at, []);
  });
  it('one that sets itself again while it is called comes again', async () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock);
    const times: number[] = [];
    const who: Due = {
      slot: undefined,
      due(now) {
        times.push(now);
        if (times.length < 3) deadlines.set(who, now + 1_000);
      },
    };
    deadlines.set(who, 1_000);
    await clock.advance(10_000);
    assert.deepEqual(times, [1_000, 2_000, 3_000]);
  });
  it('R10 many deadlines need few timers', () => {
    const clock = new CountingClock();
    const deadlines = new Deadlines(clock);
    for (let index = 0; index < 10_000; index++) deadlines.set(new Noting(), 60_000 + (index % 100));
    assert.ok(clock.timers <= 2, `${clock.timers} timers`);
  });
});
