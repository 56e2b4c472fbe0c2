import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import { stopOnSignal } from './stopping.ts';

function gateway(stop: () => Promise<void>) {
  const clock = new ManualClock();
  const ends: string[] = [];
  const { promise: started, resolve: isUp } = Promise.withResolvers<Parameters<typeof stopOnSignal>[0]['started']>();
  const signal = stopOnSignal({
    started: started.then(async (up) => up),
    clock,
    exit: (status) => ends.push(`exit ${status}`),
    exitNow: (status) => ends.push(`exit ${status} at once`),
    fail: () => ends.push('fail'),
  });
  const up = () => {
    isUp(Promise.resolve({ log: silentLogger, reload: async () => Promise.resolve(), stop }));
  };
  return { clock, ends, signal, up };
}

describe('a signal', () => {
  it('stops the gateway and ends with 0', async () => {
    let stops = 0;
    const { signal, up, ends } = gateway(async () => {
      stops++;
      return Promise.resolve();
    });
    up();
    signal('SIGTERM');
    await settled();
    assert.deepEqual([stops, ends], [1, ['exit 0']]);
  });
  it('during the start stops what has started then', async () => {
    let stops = 0;
    const { signal, up, ends } = gateway(async () => {
      stops++;
      return Promise.resolve();
    });
    signal('SIGINT');
    await settled();
    assert.deepEqual([stops, ends], [0, []]);
    up();
    await settled();
    assert.deepEqual([stops, ends], [1, ['exit 0']]);
  });
  it('ends with 0 within 10 s when something does not stop', async () => {
    const { signal, up, ends, clock } = gateway(async () => new Promise(() => undefined));
    up();
    signal('SIGTERM');
    await clock.advance(9_000);
    assert.deepEqual(ends, []);
    await clock.advance(999);
    assert.deepEqual(ends, ['exit 0']);
  });
  it('that comes a second time ends at once', async () => {
    const { signal, up, ends } = gateway(async () => new Promise(() => undefined));
    up();
    signal('SIGTERM');
    signal('SIGINT');
    await settled();
    assert.deepEqual(ends, ['exit 130 at once']);
  });
  it('that comes twice for one key press stops once; a second key press ends at once', async () => {
    const { signal, up, ends, clock } = gateway(async () => new Promise(() => undefined));
    up();
    signal('SIGINT');
    signal('SIGINT');
    await clock.advance(999);
    signal('SIGINT');
    assert.deepEqual(ends, []);
    await clock.advance(1);
    signal('SIGINT');
    assert.deepEqual(ends, ['exit 130 at once']);
  });
  it('tells a stop that fails', async () => {
    const { signal, up, ends } = gateway(async () => Promise.reject(new Error('no')));
    up();
    signal('SIGTERM');
    await settled();
    assert.deepEqual(ends, ['fail']);
  });
});
