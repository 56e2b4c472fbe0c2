import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatState } from '../bus/messages.ts';
import { FakeEdge, noLayer } from './fake-edge.ts';
import { Typing, TYPING_WINDOW } from './typing.ts';

function setUp() {
  const edge = new FakeEdge(noLayer);
  const app = edge.app('jesse');
  const typing = new Typing(edge.clock);
  const passed: ChatState[] = [];
  return {
    ...{ clock: edge.clock, app, typing, passed },
    heard: (state: ChatState, key = 'chris') => {
      typing.heard(app, key, state, (one) => passed.push(one));
    },
  };
}

describe('chat states of an app', () => {
  it('pass at once as a person types', () => {
    const { heard, passed } = setUp();
    heard('composing');
    heard('paused');
    assert.deepEqual(passed, ['composing', 'paused']);
  });

  it('E22 a hundred in a second are one composing in 2 s, and the last one counts', async () => {
    const { heard, passed, clock } = setUp();
    for (let n = 0; n < 50; n++) {
      heard('composing');
      heard('paused');
    }
    assert.deepEqual(passed, ['composing', 'paused']);
    heard('composing');
    await clock.advance(TYPING_WINDOW);
    assert.deepEqual(passed, ['composing', 'paused', 'composing']);
  });

  it('E22 a flood over a minute is one composing in 2 s', async () => {
    const { heard, passed, clock } = setUp();
    for (let n = 0; n < 600; n++) {
      heard(n % 2 === 0 ? 'composing' : 'inactive');
      await clock.advance(100, () => Promise.resolve());
    }
    const composing = passed.filter((state) => state === 'composing').length;
    assert.ok(composing <= 31, `${composing} in 60 s`);
    assert.ok(passed.length <= 95, `${passed.length} in 60 s`);
  });

  it('a state that is held back and changes back is not sent', async () => {
    const { heard, passed, clock } = setUp();
    heard('composing');
    heard('paused');
    heard('composing');
    heard('paused');
    await clock.advance(TYPING_WINDOW);
    assert.deepEqual(passed, ['composing', 'paused']);
  });

  it('a text ends what was held back', async () => {
    const { heard, passed, clock, typing, app } = setUp();
    heard('composing');
    heard('paused');
    heard('composing');
    typing.said(app, 'chris');
    await clock.advance(2 * TYPING_WINDOW);
    assert.deepEqual(passed, ['composing', 'paused']);
  });

  it('the same state again passes after the window: somebody types on', async () => {
    const { heard, passed, clock } = setUp();
    heard('composing');
    heard('composing');
    await clock.advance(TYPING_WINDOW);
    heard('composing');
    assert.deepEqual(passed, ['composing', 'composing']);
  });

  it('contacts do not hold each other up', () => {
    const { heard, passed } = setUp();
    heard('composing', 'chris');
    heard('composing', 'dana');
    assert.deepEqual(passed, ['composing', 'composing']);
  });

  it('so many contacts are remembered, the newest; nothing of the others is sent any more', async () => {
    const { heard, passed, clock } = setUp();
    heard('composing', 'c0');
    heard('paused', 'c0');
    heard('composing', 'c0');
    for (let n = 1; n <= 100; n++) heard('composing', `c${n}`);
    assert.equal(passed.length, 102);
    await clock.advance(TYPING_WINDOW);
    assert.equal(passed.length, 102);
  });

  it('nothing is sent for an app that is gone', async () => {
    const { heard, passed, clock, typing, app } = setUp();
    heard('composing');
    heard('paused');
    heard('composing');
    typing.closed(app);
    await clock.advance(TYPING_WINDOW);
    assert.deepEqual(passed, ['composing', 'paused']);
    assert.equal(app.memory.size, 0);
  });
});
