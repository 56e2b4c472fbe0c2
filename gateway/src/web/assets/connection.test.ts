import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import { CallError } from './api.js';
import { Connection, type Frame, type Socket } from './connection.js';

class FakeSocket implements Socket {
  readyState: Socket['readyState'] = 0;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly sent: { type: string; after?: number }[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string });
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    Reflect.apply(this.onopen ?? (() => undefined), this, [new Event('open')]);
  }
  says(message: object): void {
    Reflect.apply(this.onmessage ?? (() => undefined), this, [
      new MessageEvent('message', { data: JSON.stringify(message) }),
    ]);
  }
  closes(code: number): void {
    this.readyState = 3;
    Reflect.apply(this.onclose ?? (() => undefined), this, [Object.assign(new Event('close'), { code })]);
  }
}

const frame = (from: number, to: number, more: Partial<Frame['view']> = {}): Frame => ({
  view: {
    phase: { is: 'running' },
    with: ['Jesse'],
    teamName: 'Sales',
    more: false,
    lines: Array.from({ length: to - from + 1 }, (_, index) => ({
      number: from + index,
      at: 0,
      from: { is: 'staff', name: 'Jesse' },
      text: `${from + index}`,
    })),
    ...more,
  },
  typing: [],
  version: 'v',
});

function openConnection() {
  const clock = new ManualClock();
  const sockets: FakeSocket[] = [];
  const reads: {
    body: { after: number; unless?: string };
    answer: (frame: Frame) => void;
    fail: (error: CallError) => void;
  }[] = [];
  const lines: number[] = [];
  const states: string[] = [];
  const typed: boolean[] = [];
  const seen: number[] = [];
  const connection = new Connection({
    ticket: 'chat.token',
    clock: { now: () => clock.monotonic(), after: (ms, fire) => clock.after(ms, fire) },
    random: () => 0.5,
    openSocket() {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    read: async (body) =>
      await new Promise((answer, fail) => {
        reads.push({ body, answer, fail });
      }),
    async typing(on) {
      typed.push(on);
      await Promise.resolve();
    },
    async seen(line) {
      seen.push(line);
      await Promise.resolve();
    },
    onFrame: ({ view }) => lines.push(...view.lines.map(({ number }) => number)),
    onState(state) {
      if (states.at(-1) !== state) states.push(state);
    },
  });
  let isRunning = true;
  void connection.run().then(() => {
    isRunning = false;
  });
  const last = <Item>(items: readonly Item[]): Item => {
    const item = items.at(-1);
    assert.ok(item !== undefined);
    return item;
  };
  return {
    connection,
    clock,
    sockets,
    reads,
    lines,
    states,
    typed,
    seen,
    isRunning: () => isRunning,
    socket: () => last(sockets),
    read: () => last(reads),
  };
}

describe('how a page keeps up to date', () => {
  it('over a socket: it says which line it has, and reads nothing', async () => {
    const page = openConnection();
    page.socket().opens();
    assert.deepEqual(page.socket().sent, [{ type: 'hello', ticket: 'chat.token', after: 0 }]);
    page.socket().says({ type: 'frame', ...frame(1, 3) });
    await settled();
    assert.deepEqual([page.lines, page.states, page.reads.length], [[1, 2, 3], ['online'], 0]);
  });

  it('a socket that breaks is opened again at once, after the last line', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 3) });
    page.socket().closes(1006);
    await page.clock.advance(300);
    assert.equal(page.sockets.length, 2);
    page.socket().opens();
    assert.deepEqual(page.socket().sent, [{ type: 'hello', ticket: 'chat.token', after: 3 }]);
    // a line that was on its way twice is taken once
    page.socket().says({ type: 'frame', ...frame(3, 4) });
    assert.deepEqual(page.lines, [1, 2, 3, 4]);
    assert.deepEqual(page.states, ['online']);
  });

  it('without a socket it reads, and reads again at once', async () => {
    const page = openConnection();
    page.socket().closes(1006);
    await settled();
    assert.deepEqual(page.read().body, { after: 0 });
    page.read().answer(frame(1, 2));
    await settled();
    assert.deepEqual(page.read().body, { after: 2, unless: 'v' });
    assert.deepEqual([page.lines, page.states], [[1, 2], ['online']]);
  });

  it('a proxy that holds the upgrade without an answer is given up after 6 s', async () => {
    const page = openConnection();
    await page.clock.advance(5_999);
    assert.equal(page.reads.length, 0);
    await page.clock.advance(1);
    assert.equal(page.reads.length, 1);
  });

  it('a proxy that opens the socket and lets nothing through, too', async () => {
    const page = openConnection();
    page.socket().opens();
    await page.clock.advance(6_000);
    assert.equal(page.reads.length, 1);
  });

  it('while it reads it tries a socket again after a minute, then after two', async () => {
    const page = openConnection();
    page.socket().closes(1006);
    const minutes = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5_000) {
        await page.clock.advance(5_000);
        page.read().answer(frame(1, 0));
        await settled();
      }
    };
    await minutes(55_000);
    assert.equal(page.sockets.length, 1);
    await minutes(5_000);
    assert.equal(page.sockets.length, 2);
    page.socket().closes(1006);
    await settled();
    await minutes(115_000);
    assert.equal(page.sockets.length, 2);
    await minutes(5_000);
    assert.equal(page.sockets.length, 3);
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    assert.deepEqual(page.lines, [1]);
  });

  it('without anything it is offline, tries both, and comes back by a socket', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    for (let outage = 0; outage < 30; outage++) {
      if (page.socket().readyState !== 3) page.socket().closes(1006);
      page.reads.at(-1)?.fail(new CallError('offline', { retryAfterMs: 1_000 }));
      await page.clock.advance(15_000);
    }
    assert.deepEqual(page.states, ['online', 'offline']);
    assert.ok(page.sockets.length > 5 && page.reads.length > 5);
    while (page.socket().readyState === 3) {
      page.read().fail(new CallError('offline', { retryAfterMs: 1_000 }));
      await page.clock.advance(20_000);
    }
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(2, 2) });
    assert.deepEqual(
      [page.lines, page.states],
      [
        [1, 2],
        ['online', 'offline', 'online'],
      ],
    );
  });

  it('the browser says that the network is back: no more waiting', async () => {
    const page = openConnection();
    page.socket().closes(1006);
    await settled();
    page.read().fail(new CallError('offline', { retryAfterMs: 1_000 }));
    await settled();
    const tries = page.reads.length;
    page.connection.hurry();
    await settled();
    assert.equal(page.reads.length, tries + 1);
  });

  it('a dead connection that nobody closed is noticed within 20 s', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    await page.clock.advance(9_000);
    assert.equal(page.socket().sent.at(-1)?.type, 'heard');
    page.socket().says({ type: 'alive' });
    await page.clock.advance(19_400);
    assert.equal(page.sockets.length, 2);
  });

  it('a socket that answers signs of life stays', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    for (let beat = 0; beat < 20; beat++) {
      await page.clock.advance(9_000);
      page.socket().says({ type: 'alive' });
    }
    assert.equal(page.sockets.length, 1);
  });

  for (const [how, code] of [
    ['a socket', 4404],
    ['a socket', 4401],
  ] as const) {
    it(`a ticket that is refused by ${how} with ${code} ends it`, async () => {
      const page = openConnection();
      page.socket().opens();
      page.socket().closes(code);
      await settled();
      assert.deepEqual([page.states, page.isRunning()], [['gone'], false]);
    });
  }

  it('a ticket that is refused by a read ends it', async () => {
    const page = openConnection();
    page.socket().closes(1006);
    await settled();
    page.read().fail(new CallError('not-found'));
    await settled();
    assert.deepEqual([page.states, page.isRunning()], [['gone'], false]);
  });

  it('an ended chat ends it, once all lines are there', async () => {
    const page = openConnection();
    page.socket().closes(1006);
    await settled();
    const phase = { is: 'ended', why: 'staff', at: 0 } as const;
    page.read().answer(frame(1, 1, { phase, more: true }));
    await settled();
    assert.equal(page.isRunning(), true);
    page.read().answer(frame(2, 2, { phase }));
    await settled();
    assert.deepEqual([page.lines, page.isRunning()], [[1, 2], false]);
  });

  it('typing goes over the socket, or by a call', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    page.connection.typing(true);
    assert.deepEqual(page.socket().sent.at(-1), { type: 'typing', on: true });
    page.socket().closes(1006);
    page.connection.typing(false);
    assert.deepEqual(page.typed, [false]);
    page.connection.stop();
    await settled();
    assert.equal(page.isRunning(), false);
  });

  it('what was seen goes over the socket, or by a call', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    await page.connection.seen(1);
    assert.deepEqual(page.socket().sent.at(-1), { type: 'seen', line: 1 });
    page.socket().closes(1006);
    await page.connection.seen(2);
    assert.deepEqual(page.seen, [2]);
    page.connection.stop();
  });

  it('what comes while it closes is for nobody: not to what is shown in its place', async () => {
    const page = openConnection();
    page.socket().opens();
    page.socket().says({ type: 'frame', ...frame(1, 1) });
    page.connection.stop();
    page.socket().says({ type: 'frame', ...frame(2, 2) });
    page.socket().closes(4404);
    await settled();
    assert.deepEqual([page.lines, page.states, page.isRunning()], [[1], ['online'], false]);

    const reading = openConnection();
    reading.socket().closes(1006);
    await settled();
    reading.connection.stop();
    reading.read().answer(frame(1, 1));
    await settled();
    assert.deepEqual([reading.lines, reading.states], [[], []]);
  });
});
