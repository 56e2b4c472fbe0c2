import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from './clock.ts';
import { createLifecycle } from './lifecycle.ts';
import { silentLogger } from './logger.ts';

function started() {
  const clock = new ManualClock();
  const said: string[] = [];
  const log = {
    ...silentLogger,
    warn: (facts: Readonly<Record<string, unknown>>) => said.push(`late: ${String(facts['step'])}`),
    error: (facts: Readonly<Record<string, unknown>>) => said.push(`failed: ${String(facts['step'])}`),
  };
  return { clock, said, lifecycle: createLifecycle({ clock, log }) };
}

describe('stopping', () => {
  it('goes from what was started last to what was started first, one after the other', async () => {
    const { lifecycle, said } = started();
    lifecycle.onStop('store', () => void said.push('store'));
    lifecycle.onStop('desks', async () => {
      await Promise.resolve();
      said.push('desks');
    });
    lifecycle.onStop('listeners', () => void said.push('listeners'));
    await lifecycle.stop(1_000);
    assert.deepEqual(said, ['listeners', 'desks', 'store']);
  });
  it('is done once, however often it is asked for', async () => {
    const { lifecycle, said } = started();
    lifecycle.onStop('store', () => void said.push('store'));
    await Promise.all([lifecycle.stop(1_000), lifecycle.stop(1_000)]);
    assert.deepEqual(said, ['store']);
  });
  it('leaves out no step when one fails', async () => {
    const { lifecycle, said } = started();
    lifecycle.onStop('store', () => void said.push('store'));
    lifecycle.onStop('desks', () => {
      throw new Error('no');
    });
    lifecycle.onStop('edge', async () => Promise.reject(new Error('no')));
    await lifecycle.stop(1_000);
    assert.deepEqual(said, ['failed: edge', 'failed: desks', 'store']);
  });
  it('goes on after the time of a step that hangs', async () => {
    const { lifecycle, said, clock } = started();
    lifecycle.onStop('store', () => void said.push('store'));
    lifecycle.onStop('edge', async () => new Promise(() => undefined), 200);
    const stopped = lifecycle.stop(1_000);
    await clock.advance(199);
    assert.deepEqual(said, []);
    await clock.advance(1);
    await stopped;
    assert.deepEqual(said, ['late: edge', 'store']);
  });
  it('begins every step even when the whole time is over', async () => {
    const { lifecycle, said, clock } = started();
    lifecycle.onStop('store', () => void said.push('store'));
    lifecycle.onStop('desks', async () => new Promise(() => undefined));
    lifecycle.onStop('edge', async () => new Promise(() => undefined));
    const stopped = lifecycle.stop(1_000);
    await clock.advance(1_000);
    await clock.advance(0);
    await stopped;
    assert.deepEqual(said, ['late: edge', 'late: desks', 'store']);
  });
});
