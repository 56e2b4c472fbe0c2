import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Handshakes, HANDSHAKES_PER_TURN } from './handshakes.ts';

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('handshakes', () => {
  it('R09 begin a few in each turn of the event loop, in their order, so that others have theirs', async () => {
    const handshakes = new Handshakes();
    const begun: number[] = [];
    for (let n = 0; n < 100; n++) handshakes.enter(() => begun.push(n));
    assert.deepEqual(begun, [], 'not before the others of this turn');
    for (let before = 0; begun.length < 100; before = begun.length) {
      await turn();
      assert.ok(
        begun.length > before && begun.length - before <= HANDSHAKES_PER_TURN,
        `${begun.length - before} in one turn`,
      );
    }
    assert.deepEqual(
      begun,
      Array.from({ length: 100 }, (_, n) => n),
    );
    assert.equal(handshakes.waiting, 0);
  });
  it('go on with those that come later', async () => {
    const handshakes = new Handshakes();
    let begun = 0;
    const begin = (): void => void begun++;
    handshakes.enter(begin);
    await turn();
    await turn();
    handshakes.enter(() => {
      begin();
      handshakes.enter(begin);
    });
    for (let n = 0; n < 4; n++) await turn();
    assert.equal(begun, 3);
  });
});
