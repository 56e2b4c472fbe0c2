import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import { flowing } from './flow.ts';

function flow() {
  const clock = new ManualClock();
  const pushed: ((chunk: Uint8Array | undefined) => void)[] = [];
  let isReleased = false;
  const source = async function* () {
    try {
      for (;;) {
        const chunk = await new Promise<Uint8Array | undefined>((resolve) => pushed.push(resolve));
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      isReleased = true;
    }
  };
  let stalls = 0;
  const bytes = flowing(source(), 30_000, clock, () => {
    stalls++;
  });
  return {
    clock,
    bytes,
    push: (text?: string) => pushed.shift()?.(text === undefined ? undefined : Buffer.from(text)),
    stalls: () => stalls,
    isReleased: () => isReleased,
  };
}

describe('a flow of bytes', () => {
  it('passes what comes', async () => {
    const { bytes, push } = flow();
    const first = bytes.next();
    await settled();
    push('a');
    assert.equal(String((await first).value), 'a');
    const end = bytes.next();
    await settled();
    push();
    assert.equal((await end).done, true);
  });
  it('stalls when nothing comes for so long, not when something does', async () => {
    const { bytes, push, clock, stalls } = flow();
    const first = bytes.next();
    await clock.advance(29_999);
    push('a');
    await first;
    const second = bytes.next();
    await clock.advance(29_999);
    assert.equal(stalls(), 0);
    await clock.advance(1);
    assert.equal(stalls(), 1);
    push();
    await second;
  });
  it('stalls when nothing is taken for so long', async () => {
    const { bytes, push, clock, stalls } = flow();
    const first = bytes.next();
    await settled();
    push('a');
    await first;
    await clock.advance(30_000);
    assert.equal(stalls(), 1);
    await bytes.return(undefined);
  });
  it('stalls no more when it has ended or is given up', async () => {
    for (const finish of [true, false]) {
      const { bytes, push, clock, stalls, isReleased } = flow();
      const first = bytes.next();
      await settled();
      push(finish ? undefined : 'a');
      await first;
      if (!finish) await bytes.return(undefined);
      assert.ok(isReleased());
      await clock.advance(60_000);
      assert.equal(stalls(), 0);
    }
  });
});
