import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatState } from '../../bus/messages.ts';
import { openBench } from '../testing/bench.ts';

async function chatting(change: object = {}, capsNode = 'https://example.com/client') {
  const bench = await openBench(change);
  const jesse = await bench.online('jesse', 'desk', { capsNode });
  const chat = await bench.running(jesse);
  bench.helpdesk.typed.length = 0;
  return { bench, jesse, chat };
}

describe('typing', () => {
  it('goes both ways', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.state(chat, 'composing');
    await jesse.state(chat, 'paused');
    assert.deepEqual(bench.helpdesk.typed, ['c1 jesse on', 'c1 jesse off']);
    bench.helpdesk.visitorTypes(chat, true);
    bench.helpdesk.visitorTypes(chat, false);
    await bench.settle();
    assert.deepEqual(
      jesse.of('chat-state').map(({ state }) => state),
      ['composing', 'active'],
    );
    assert.equal(jesse.of('chat-state')[0]?.from, 'c1@visitors.acme.example/chat');
  });
  for (const state of ['paused', 'active', 'inactive', 'gone'] as const) {
    it(`stops with ${state}`, async () => {
      const { bench, jesse, chat } = await chatting();
      await jesse.state(chat, 'composing');
      await jesse.state(chat, state);
      assert.equal(bench.helpdesk.typed.at(-1), 'c1 jesse off');
    });
  }
  it('stops with the line, with a lost connection, and after 30 s', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.state(chat, 'composing');
    await jesse.says(chat, 'Done.');
    await jesse.state(chat, 'composing');
    await bench.advance(29_000);
    await jesse.state(chat, 'composing');
    await bench.advance(29_999);
    assert.deepEqual(bench.helpdesk.typed, ['c1 jesse on', 'c1 jesse off', 'c1 jesse on', 'c1 jesse on']);
    await bench.advance(1);
    assert.equal(bench.helpdesk.typed.at(-1), 'c1 jesse off');
    await jesse.state(chat, 'composing');
    await jesse.lost();
    assert.equal(bench.helpdesk.typed.at(-1), 'c1 jesse off');
  });
  it('stops with a command, and with what is not sent', async () => {
    for (const text of ['$who', '$$$', '$nothing', 'one\n$end']) {
      const { bench, jesse, chat } = await chatting();
      await jesse.state(chat, 'composing');
      await jesse.says(chat, text);
      assert.deepEqual(bench.helpdesk.typed, ['c1 jesse on', 'c1 jesse off'], text);
    }
  });
  it('goes on with a command of another app', async () => {
    const { bench, jesse, chat } = await chatting();
    const phone = await bench.online('jesse', 'phone');
    await jesse.state(chat, 'composing');
    await phone.says(chat, '$who');
    assert.deepEqual(bench.helpdesk.typed, ['c1 jesse on']);
  });
  it('goes on while another app types', async () => {
    const { bench, jesse, chat } = await chatting();
    const phone = await bench.online('jesse', 'phone');
    await jesse.state(chat, 'composing');
    await phone.state(chat, 'composing');
    await jesse.state(chat, 'paused');
    assert.equal(bench.helpdesk.typed.at(-1), 'c1 jesse on');
    await phone.state(chat, 'active');
    assert.equal(bench.helpdesk.typed.at(-1), 'c1 jesse off');
  });
  it('I17 of staff who are not in the chat reaches nobody, and theirs is the visitor’s to see', async () => {
    const { bench, chat } = await chatting();
    const varun = await bench.online('varun');
    await varun.state(chat, 'composing');
    await varun.state('unknown' as never, 'composing');
    bench.helpdesk.visitorTypes(chat, true);
    await bench.settle();
    assert.deepEqual(bench.helpdesk.typed, []);
    assert.deepEqual(varun.of('chat-state'), []);
  });
});

describe('a closed window', () => {
  const isOver = async ({ bench, chat }: Pick<Awaited<ReturnType<typeof chatting>>, 'bench' | 'chat'>) => {
    await bench.advance(20_000);
    return bench.helpdesk.chats.get(chat)?.phase.is === 'ended';
  };

  it('ends the chat after 20 s, and does not open again for a word', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.state(chat, 'gone');
    await bench.advance(19_999);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'running');
    await bench.advance(1);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'ended');
    assert.deepEqual(jesse.takes(), []);
  });
  it('has a grace that the tenant sets, or does nothing', async () => {
    const slow = await chatting({ windowClose: { graceSeconds: 60 } });
    await slow.jesse.state(slow.chat, 'gone');
    assert.equal(await isOver(slow), false);
    await slow.bench.advance(40_000);
    assert.equal(slow.bench.helpdesk.chats.get(slow.chat)?.phase.is, 'ended');
    const off = await chatting();
    off.bench.configure({ windowClose: { enabled: false } });
    await off.jesse.state(off.chat, 'gone');
    assert.equal(await isOver(off), false);
  });
  it('does nothing on a request', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = bench.helpdesk.waits('c1');
    bench.helpdesk.asks(chat, 'jesse');
    await bench.settle();
    await jesse.proves();
    await jesse.state(chat, 'gone');
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
  });

  const life: Record<string, (setup: Awaited<ReturnType<typeof chatting>>) => unknown> = {
    'a line of the visitor': ({ bench, chat }) => bench.helpdesk.visitorSays(chat, 'wait'),
    'typing of the visitor': ({ bench, chat }) => bench.helpdesk.visitorTypes(chat, true),
    'a line of the staff user': ({ jesse, chat }) => jesse.says(chat, 'wait'),
    'typing of the staff user': ({ jesse, chat }) => jesse.state(chat, 'composing'),
    'the window opened again': ({ jesse, chat }) => jesse.state(chat, 'active'),
    'a command': ({ jesse, chat }) => jesse.says(chat, '$who'),
    'a logout': ({ jesse }) => jesse.closed(),
    'presence unavailable': ({ jesse }) => jesse.shows(null),
    'a lost connection': ({ jesse }) => jesse.lost(),
  };
  for (const [name, happens] of Object.entries(life)) {
    it(`is taken back by ${name}`, async () => {
      const setup = await chatting();
      await setup.jesse.state(setup.chat, 'gone');
      await setup.bench.advance(10_000);
      await happens(setup);
      assert.equal(await isOver(setup), false);
    });
  }
  it('is not taken back by inactive, which poezio sends after it', async () => {
    const setup = await chatting();
    await setup.jesse.state(setup.chat, 'gone');
    await setup.jesse.state(setup.chat, 'inactive');
    assert.equal(await isOver(setup), true);
  });
  it('G22 does nothing while another app takes part', async () => {
    const setup = await chatting();
    const phone = await setup.bench.online('jesse', 'phone');
    const silent = await setup.bench.online('jesse', 'silent');
    assert.ok(silent);
    await phone.says(setup.chat, 'From the phone.');
    await setup.jesse.state(setup.chat, 'gone');
    assert.equal(await isOver(setup), false);
    await phone.closed();
    await setup.jesse.state(setup.chat, 'active');
    await setup.jesse.state(setup.chat, 'gone');
    assert.equal(await isOver(setup), true);
  });

  const programs: Record<string, readonly [capsNode: string, states: readonly ChatState[], ends: boolean]> = {
    'Dino, that sends gone by a timer': ['https://dino.im', ['gone'], false],
    'profanity’s timer, that sends inactive first': ['http://profanity-im.github.io', ['inactive', 'gone'], false],
    'profanity’s /close': ['http://profanity-im.github.io', ['active', 'gone'], true],
    'poezio’s tab': ['https://poez.io', ['active', 'gone', 'gone', 'inactive'], true],
  };
  for (const [name, [capsNode, states, ends]] of Object.entries(programs)) {
    it(`Q9 of ${name} ${ends ? 'ends the chat' : 'does not end it'}`, async () => {
      const setup = await chatting({}, capsNode);
      for (const state of states) await setup.jesse.state(setup.chat, state);
      assert.equal(await isOver(setup), ends);
    });
  }
});
