import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import { CallError } from './api.js';
import { Outbox } from './outbox.js';
import { openStorage } from './storage.js';

/** As `localStorage`, for two pages of one browser. */
function browserStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => {
      items.clear();
    },
  };
}

function openOutbox(kept = browserStorage()) {
  const clock = new ManualClock();
  const sent: string[] = [];
  const reasons: string[] = [];
  const state = { send: (_text: string): Promise<unknown> => Promise.resolve() };
  const outbox = new Outbox({
    storage: openStorage(() => kept, 'chat:'),
    random: () => 0,
    async send({ text }) {
      sent.push(text);
      await state.send(text);
    },
    wait: async (ms, wake) => {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve);
        wake(() => {
          cancel();
          resolve();
        });
      });
    },
    changed(why) {
      if (why !== undefined) reasons.push(why);
    },
  });
  return { outbox, clock, sent, reasons, state, kept };
}
const states = ({ outbox }: ReturnType<typeof openOutbox>) =>
  outbox.messages.map(({ text, state }) => `${text} ${state}`);

describe('messages on their way', () => {
  it('are sent one after the other, in order', async () => {
    const box = openOutbox();
    let answer: () => void = () => undefined;
    box.state.send = async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
    };
    box.outbox.add('1', 'one', 1);
    box.outbox.add('2', 'two', 2);
    await settled();
    assert.deepEqual(box.sent, ['one']);
    answer();
    await settled();
    assert.deepEqual(box.sent, ['one', 'two']);
    assert.deepEqual(states(box), ['one sent', 'two sending']);
  });

  it('are forgotten once their line is shown', async () => {
    const box = openOutbox();
    box.outbox.add('1', 'one', 1);
    await settled();
    assert.equal(box.kept.length, 0);
    box.outbox.shown('1');
    assert.deepEqual(states(box), []);
  });

  it('are kept over a reload until the server has them', async () => {
    const first = openOutbox();
    first.state.send = async () => await new Promise(() => undefined);
    first.outbox.add('b', 'two', 20);
    first.outbox.add('a', 'three', 100);
    await settled();
    const second = openOutbox(first.kept);
    second.outbox.run();
    await settled();
    assert.deepEqual(second.sent, ['two', 'three']);
    assert.equal(first.kept.length, 0);
  });

  it('G26 wait as long as the server says when it was too fast, and are sent then', async () => {
    const box = openOutbox();
    let isFast = true;
    box.state.send = async () => {
      await Promise.resolve();
      if (isFast) throw new CallError('too-fast', { retryAfterMs: 200 });
    };
    box.outbox.add('1', 'one', 1);
    await settled();
    assert.deepEqual([states(box), box.reasons], [['one waiting'], ['too-fast']]);
    isFast = false;
    await box.clock.advance(199);
    assert.deepEqual(box.sent, ['one']);
    await box.clock.advance(1);
    assert.deepEqual(states(box), ['one sent']);
  });

  it('wait longer and longer without a connection, at most 15 s, and go at once when it is back', async () => {
    const box = openOutbox();
    box.state.send = async () => await Promise.reject(new CallError('offline', { retryAfterMs: 1_000 }));
    box.outbox.add('1', 'one', 1);
    await box.clock.advance(1_000 + 2_000 + 4_000 + 8_000);
    assert.equal(box.sent.length, 5);
    await box.clock.advance(14_999);
    assert.equal(box.sent.length, 5);
    await box.clock.advance(1);
    assert.equal(box.sent.length, 6);
    box.state.send = async () => await Promise.resolve();
    box.outbox.hurry();
    await settled();
    assert.deepEqual(states(box), ['one sent']);
  });

  it('fail for good where the server says so, and the next one goes', async () => {
    const box = openOutbox();
    box.state.send = async (text) => {
      await Promise.resolve();
      if (text === 'one') throw new CallError('bad-form');
    };
    box.outbox.add('1', 'one', 1);
    box.outbox.add('2', 'two', 2);
    await settled();
    assert.deepEqual(states(box), ['one failed', 'two sent']);
    assert.equal(box.kept.length, 0);
  });

  it('fail when the chat is over', async () => {
    const box = openOutbox();
    box.state.send = async () => await Promise.reject(new CallError('offline', { retryAfterMs: 1_000 }));
    box.outbox.add('1', 'one', 1);
    await settled();
    box.outbox.close();
    await box.clock.advance(60_000);
    assert.deepEqual([states(box), box.sent.length, box.kept.length], [['one failed'], 1, 0]);
  });

  it('what is kept and no message is thrown away', () => {
    const kept = browserStorage();
    for (const junk of ['', '{', 'null', '{"id":1}']) kept.setItem(`chat:out:${junk}`, junk);
    kept.setItem('other:out:1', 'x');
    const { outbox } = openOutbox(kept);
    assert.deepEqual([outbox.messages.length, kept.length], [0, 1]);
  });
});

describe('what the page keeps', () => {
  it('lasts as long as the page where the browser keeps nothing', () => {
    const storage = openStorage(() => {
      throw new Error('blocked');
    }, 'x:');
    storage.set('a', '1');
    assert.deepEqual([storage.get('a'), storage.keys('')], ['1', ['a']]);
    storage.remove('a');
    assert.equal(storage.get('a'), undefined);
  });
  it('lasts as long as the page where the browser has no room', () => {
    const full = browserStorage();
    full.setItem = () => {
      throw new Error('full');
    };
    const storage = openStorage(() => full, 'x:');
    storage.set('a', '1');
    assert.equal(storage.get('a'), '1');
  });
});
