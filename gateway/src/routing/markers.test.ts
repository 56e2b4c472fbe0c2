import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeEdge, noLayer } from './fake-edge.ts';
import { MARKER_WINDOW } from './limits.ts';
import { Markers } from './markers.ts';

function setUp() {
  const edge = new FakeEdge(noLayer);
  const app = edge.app('jesse');
  const markers = new Markers(edge.clock);
  const passed: string[] = [];
  return {
    ...{ clock: edge.clock, app, markers, passed },
    heard: (of: string, key = 'chris') => {
      markers.heard(app, key, of, (one) => passed.push(one));
    },
  };
}

describe('what an app says that it has shown', () => {
  it('passes once, however often it is said', async () => {
    const { heard, passed, clock } = setUp();
    for (let n = 0; n < 3; n++) {
      heard('a');
      await clock.advance(MARKER_WINDOW);
    }
    assert.deepEqual(passed, ['a']);
  });

  it('is one in a second at most, the newest, however long it goes on', async () => {
    const { heard, passed, clock } = setUp();
    for (let n = 0; n < 100; n++) {
      heard(`m${n}`);
      await clock.advance(MARKER_WINDOW / 10, () => Promise.resolve());
    }
    await clock.advance(MARKER_WINDOW);
    assert.ok(passed.length <= 11, `${passed.length} in 10 s`);
    assert.equal(passed.at(-1), 'm99');
  });

  it('passes at once after a quiet second, which begins another one', async () => {
    const { heard, passed, clock } = setUp();
    heard('a');
    await clock.advance(MARKER_WINDOW);
    heard('b');
    heard('c');
    assert.deepEqual(passed, ['a', 'b']);
    await clock.advance(MARKER_WINDOW);
    assert.deepEqual(passed, ['a', 'b', 'c']);
  });

  it('is remembered of so many contacts, the newest', () => {
    const { heard, passed } = setUp();
    for (let n = 0; n <= 100; n++) heard('a', `c${n}`);
    heard('a', 'c1');
    assert.equal(passed.length, 101);
    heard('a', 'c0');
    assert.equal(passed.length, 102);
  });

  it('is not passed on for an app that is gone', async () => {
    const { heard, passed, clock, markers, app } = setUp();
    heard('a');
    heard('b');
    markers.closed(app);
    await clock.advance(MARKER_WINDOW);
    assert.deepEqual(passed, ['a']);
    assert.equal(app.memory.size, 0);
  });
});
