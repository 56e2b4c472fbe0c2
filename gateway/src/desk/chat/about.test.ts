import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppMessage } from '../../bus/messages.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import { Bench, tenantOf, type TestApp } from '../testing/bench.ts';

const VISITOR = 'c1@visitors.acme.example/chat';
const FILES = { publicUrl: 'https://chat.acme.example' };
const FILE = 'https://chat.acme.example/files/acme.example/f1/a.png';

/** Jesse is in a chat with Chris, whose second line is `c1.3`; Jesse's first was `m0` in the app. */
async function chatting({ plain = false } = {}) {
  const bench = new Bench(tenantOf(FILES));
  if (!plain) bench.helpdesk.knowsExtras();
  await bench.start();
  const jesse = await bench.online('jesse');
  const phone = await bench.online('jesse', 'phone');
  const varun = await bench.online('varun');
  const chat = bench.helpdesk.waits('c1');
  await jesse.says(chat, 'Hello.', { id: 'm0' });
  await jesse.proves();
  await phone.proves();
  bench.helpdesk.visitorSays(chat, 'Where is it?');
  await bench.settle();
  for (const app of bench.apps.values()) app.items.length = 0;
  return { bench, jesse, phone, varun, chat };
}

/** An app says something without a text. */
async function does(app: TestApp, chat: ChatId, message: AppMessage): Promise<void> {
  const act = { type: 'message', session: app.id, to: { is: 'visitor', chat }, message } as const;
  app.do(act).catch(() => undefined);
  await app.bench.settle();
}

const lastLine = (bench: Bench, chat: ChatId) => bench.helpdesk.lines.get(chat)?.at(-1);
const count = (bench: Bench, chat: ChatId) => bench.helpdesk.lines.get(chat)?.length;
const messages = (app: TestApp) => app.of('message').map(({ body, extras }) => ({ body, extras }));

describe('what an app says of another message', () => {
  const table: Record<string, readonly [AppMessage, string, object]> = {
    'a correction of an own line': [
      { id: 'm1', body: 'Hi!', replaces: 'm0' },
      'Hi!',
      { is: 'correction', of: 'L1', author: { staff: 'jesse', ref: 'm0' } },
    ],
    'a retraction of an own line': [
      { id: 'm1', retracts: 'm0' },
      '',
      { is: 'retraction', of: 'L1', author: { staff: 'jesse', ref: 'm0' } },
    ],
    'a reaction to the visitor’s': [
      { id: 'm1', reacts: { to: 'c1.3', with: ['👍', '🎉'] } },
      '👍 🎉',
      { is: 'reaction', of: 'c1.3' },
    ],
    'no reaction any more': [{ id: 'm1', reacts: { to: 'c1.3', with: [] } }, '', { is: 'reaction', of: 'c1.3' }],
    'a reply, without the quotation': [
      { id: 'm1', body: '> Where is it?\nHere.', quoted: 15, answers: 'c1.3' },
      'Here.',
      { is: 'reply', of: 'c1.3' },
    ],
  };
  for (const [name, [message, text, extra]] of Object.entries(table)) {
    it(`${name} is a line that says so`, async () => {
      const { bench, jesse, chat } = await chatting();
      const first = bench.helpdesk.lines.get(chat)?.[1]?.id ?? '';
      await does(jesse, chat, message);
      const line = lastLine(bench, chat);
      assert.equal(line?.text, text);
      assert.equal(line.ref, 'm1');
      assert.deepEqual(line.extra, JSON.parse(JSON.stringify(extra).replace('"L1"', JSON.stringify(first))));
      assert.deepEqual(
        jesse.items.filter(({ kind }) => kind === 'refusal' || kind === 'message'),
        [],
      );
    });
  }

  it('a file of this tenant’s is one; any other address is a text', async () => {
    const { bench, jesse, chat } = await chatting();
    await does(jesse, chat, { id: 'm1', body: FILE, url: FILE });
    assert.equal(lastLine(bench, chat)?.extra?.is, 'file');
    const other = 'https://elsewhere.example/files/acme.example/f1/a.png';
    await does(jesse, chat, { id: 'm2', body: other, url: other });
    assert.equal(lastLine(bench, chat)?.text, other);
    assert.equal(lastLine(bench, chat)?.extra, undefined);
  });

  it('sent again after a broken connection, it is said once', async () => {
    const { bench, jesse, chat } = await chatting();
    const before = count(bench, chat) ?? 0;
    for (const message of [
      { id: 'm1', retracts: 'm0' },
      { id: 'm2', reacts: { to: 'c1.3', with: ['👍'] } },
    ]) {
      await does(jesse, chat, message);
      await does(jesse, chat, message);
    }
    assert.equal(count(bench, chat), before + 2);
  });

  it('gets its receipt', async () => {
    const { jesse, chat } = await chatting();
    await does(jesse, chat, { id: 'm1', retracts: 'm0', receipt: true });
    assert.deepEqual(
      jesse.of('receipt').map(({ of }) => of),
      ['m1'],
    );
  });
});

describe('what is not known, or not allowed', () => {
  const table: Record<string, readonly [AppMessage, RegExp]> = {
    'a correction of an unknown message': [{ id: 'm1', body: 'x', replaces: 'nope' }, /not known here/u],
    'a correction of the visitor’s line': [{ id: 'm1', body: 'x', replaces: 'c1.3' }, /your own/u],
    'a retraction of the visitor’s line': [{ id: 'm1', retracts: 'c1.3' }, /your own/u],
    'a reaction to a notice': [{ id: 'm1', reacts: { to: 'nope', with: ['👍'] } }, /react to is not known/u],
    'G29 an encrypted correction': [{ id: 'm1', body: 'x', replaces: 'm0', encrypted: true }, /encrypted/u],
  };
  for (const [name, [message, text]] of Object.entries(table)) {
    it(`${name}: the app is told, the visitor nothing`, async () => {
      const { bench, jesse, chat } = await chatting();
      const before = count(bench, chat);
      await does(jesse, chat, message);
      assert.equal(count(bench, chat), before);
      const [refusal] = jesse.of('refusal');
      assert.equal(refusal?.of, 'm1');
      assert.equal(refusal.from, VISITOR);
      assert.match(jesse.takes().join(), text);
    });
  }

  it('a reply to something unknown is said as a text: nothing is lost', async () => {
    const { bench, jesse, chat } = await chatting();
    await does(jesse, chat, { id: 'm1', body: 'Here.', answers: 'nope', receipt: true });
    assert.equal(lastLine(bench, chat)?.text, 'Here.');
    assert.equal(lastLine(bench, chat)?.extra, undefined);
    assert.deepEqual(
      jesse.of('receipt').map(({ of }) => of),
      ['m1'],
    );
    assert.deepEqual(jesse.of('refusal'), []);
  });

  it('a reply to something unknown stays before what is written right after it, also where it takes the chat', async () => {
    const { bench, jesse } = await chatting();
    const chat = bench.helpdesk.waits('c2', 'Kim');
    bench.helpdesk.asks(chat, 'jesse');
    await bench.settle();
    jesse.items.length = 0;
    await Promise.all([
      does(jesse, chat, { id: 'm1', body: 'Hi Kim.', answers: 'nope' }),
      does(jesse, chat, { id: 'm2', body: 'I am Jesse.' }),
    ]);
    assert.deepEqual(bench.said.slice(-2), ['Hi Kim.', 'I am Jesse.']);
    assert.deepEqual(jesse.of('refusal'), []);
  });

  it('a reply in a chat that has ended is refused', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set('say', [{ is: 'not-found' }]);
    await does(jesse, chat, { id: 'm1', body: 'Here.', answers: 'c1.3' });
    assert.equal(jesse.of('refusal')[0]?.condition, 'item-not-found');
  });

  it('G28 after the end of the chat nothing is changed', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    jesse.items.length = 0;
    const before = count(bench, chat);
    await does(jesse, chat, { id: 'm1', retracts: 'm0' });
    await does(jesse, chat, { id: 'm2', body: 'x', replaces: 'm0' });
    await does(jesse, chat, { id: 'm3', reacts: { to: 'c1.3', with: ['👍'] } });
    assert.deepEqual(
      jesse.of('refusal').map(({ of, condition }) => `${of} ${condition}`),
      ['m1 item-not-found', 'm2 item-not-found', 'm3 item-not-found'],
    );
    assert.equal(count(bench, chat), before);
  });
});

describe('nobody comes into a chat by it', () => {
  const changes: Record<string, AppMessage> = {
    correction: { id: 'x', body: 'x', replaces: 'm0' },
    retraction: { id: 'x', retracts: 'm0' },
    reaction: { id: 'x', reacts: { to: 'c2.1', with: ['👍'] } },
  };
  for (const [name, message] of Object.entries(changes)) {
    it(`a ${name} takes no request`, async () => {
      const { bench, varun } = await chatting();
      const chat = bench.helpdesk.waits('c2', 'Kim');
      bench.helpdesk.asks(chat, 'varun');
      await bench.settle();
      await does(varun, chat, message);
      assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'waiting');
      assert.equal(varun.of('refusal').length, 1);
    });
    it(`a ${name} joins no chat of others`, async () => {
      const { bench, varun, chat } = await chatting();
      await bench.advance(60_000);
      await does(varun, chat, message);
      assert.deepEqual(bench.helpdesk.chats.get(chat)?.participants, ['jesse']);
      assert.equal(varun.of('refusal').length, 1);
    });
    it(`a ${name} of who observes is not sent`, async () => {
      const { bench, varun, chat } = await chatting();
      bench.helpdesk.change(chat, { observers: ['varun' as StaffId] });
      await bench.settle();
      const before = count(bench, chat);
      await does(varun, chat, message);
      assert.equal(count(bench, chat), before);
      assert.equal(varun.of('refusal').length, 1);
    });
  }
  it('a reply takes a request, as any text does', async () => {
    const { bench, varun } = await chatting();
    const chat = bench.helpdesk.waits('c2', 'Kim');
    bench.helpdesk.asks(chat, 'varun');
    await bench.settle();
    await does(varun, chat, { id: 'x', body: 'Hi Kim', answers: 'c2.1' });
    assert.deepEqual(bench.helpdesk.chats.get(chat)?.participants, ['varun']);
    assert.deepEqual(lastLine(bench, chat)?.extra, { is: 'reply', of: 'c2.1' });
  });
});

describe('at a helpdesk that knows texts alone', () => {
  it('a correction is a new text', async () => {
    const { bench, jesse, chat } = await chatting({ plain: true });
    await does(jesse, chat, { id: 'm1', body: 'Hi!', replaces: 'm0' });
    assert.equal(lastLine(bench, chat)?.text, '* Hi!');
    assert.equal(lastLine(bench, chat)?.extra, undefined);
  });
  it('a reply is the text, without quotation or marks of it', async () => {
    const { bench, jesse, chat } = await chatting({ plain: true });
    await does(jesse, chat, { id: 'm1', body: '> Where is it?\nHere.', quoted: 15, answers: 'c1.3' });
    assert.equal(lastLine(bench, chat)?.text, 'Here.');
  });
  it('G30 reactions and retractions are refused in words', async () => {
    const { bench, jesse, chat } = await chatting({ plain: true });
    const before = count(bench, chat);
    await does(jesse, chat, { id: 'm1', retracts: 'm0' });
    await does(jesse, chat, { id: 'm2', reacts: { to: 'c1.3', with: ['👍'] } });
    assert.equal(count(bench, chat), before);
    assert.deepEqual(
      jesse.of('refusal').map(({ text }) => text),
      [
        'Nothing was taken back: this helpdesk keeps what was said.',
        'Not sent: this helpdesk shows no reactions. Write it in words.',
      ],
    );
  });
});

describe('lines that say something of others', () => {
  it('reach own apps by the id that the author’s app gave, colleagues by the line’s', async () => {
    const { bench, jesse, phone, varun, chat } = await chatting();
    bench.helpdesk.change(chat, { participants: ['jesse' as StaffId, 'varun' as StaffId] });
    await bench.settle();
    await varun.proves();
    for (const app of bench.apps.values()) app.items.length = 0;
    const first = bench.helpdesk.lines.get(chat)?.[1]?.id ?? '';
    await does(jesse, chat, { id: 'm1', body: 'Hi!', replaces: 'm0' });
    await does(jesse, chat, { id: 'm2', retracts: 'm0' });
    assert.deepEqual(messages(phone), [
      { body: 'Hi!', extras: { replaces: 'm0' } },
      { body: '▸ You took back a message.', extras: { retracts: 'm0' } },
    ]);
    assert.deepEqual(
      phone.of('message').map(({ own }) => own?.ref),
      ['m1', 'm2'],
    );
    assert.deepEqual(messages(varun), [
      { body: '▸ Jesse Lee: Hi!', extras: { replaces: first } },
      { body: '▸ Jesse Lee took back a message.', extras: { retracts: first } },
    ]);
    await does(varun, chat, { id: 'v1', body: 'Right.', answers: first });
    await does(varun, chat, { id: 'v2', reacts: { to: first, with: ['👍'] } });
    assert.deepEqual(messages(jesse), [
      { body: '▸ Varun Shah: Right.', extras: { answers: 'm0' } },
      { body: '▸ Varun Shah reacted with 👍', extras: { answers: 'm0' } },
    ]);
  });

  it('come late as they came live', async () => {
    const { bench, jesse, chat } = await chatting();
    await does(jesse, chat, { id: 'm1', body: 'Hi!', replaces: 'm0' });
    const tablet = await bench.logsIn('jesse', 'tablet');
    const late = tablet.of('message').find(({ extras }) => extras?.replaces !== undefined);
    assert.equal(late?.body, 'Hi!');
    assert.equal(late.extras?.replaces, 'm0');
    assert.notEqual(late.at, undefined);
  });

  it('notices of the gateway are in no archive', async () => {
    const { jesse } = await chatting();
    await jesse.says('gateway', 'hello?');
    assert.deepEqual(
      jesse.of('message').map(({ passing }) => passing),
      [true],
    );
  });
});

describe('markers', () => {
  it('the visitor has seen it: the last line of each author, in all their apps', async () => {
    const { bench, jesse, phone, chat } = await chatting();
    await jesse.says(chat, 'one', { id: 'm1', markable: true });
    await jesse.says(chat, 'two', { id: 'm2', markable: true });
    await jesse.says(chat, 'three', { id: 'm3', markable: true });
    await jesse.says(chat, 'four', { id: 'm4' });
    const number = (bench.helpdesk.lines.get(chat)?.length ?? 0) - 2;
    bench.helpdesk.visitorHasSeen(chat, number);
    await bench.settle();
    for (const app of [jesse, phone]) assert.deepEqual(app.of('marker'), [{ kind: 'marker', from: VISITOR, of: 'm2' }]);
    bench.helpdesk.visitorHasSeen(chat, number);
    bench.helpdesk.visitorHasSeen(chat, number + 5);
    await bench.settle();
    assert.deepEqual(
      jesse.of('marker').map(({ of }) => of),
      ['m2', 'm3'],
      'each once',
    );
  });

  it('are not given to colleagues, or for lines of which nobody wants to know', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    bench.helpdesk.change(chat, { participants: ['jesse' as StaffId, 'varun' as StaffId] });
    await jesse.says(chat, 'one', { id: 'm1', markable: true });
    await varun.says(chat, 'two', { id: 'v1' });
    bench.helpdesk.visitorHasSeen(chat, 99);
    await bench.settle();
    assert.equal(jesse.of('marker').length, 1);
    assert.deepEqual(varun.of('marker'), []);
  });

  it('visitors’ lines ask for one, and what apps have shown is told to the helpdesk', async () => {
    const { bench, jesse, phone, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, 'Hello?');
    await bench.settle();
    const [line] = jesse.of('message');
    assert.equal(line?.extras?.markable, true);
    bench.host.signal(bench.tenant.id, { type: 'displayed', session: jesse.id, chat, of: line.stanzaId });
    await bench.settle();
    assert.deepEqual(bench.helpdesk.shown, [`c1 jesse ${line.stanzaId}`]);
    const own = { kind: 'marker', from: 'jesse@acme.example/desk', of: line.stanzaId, own: { to: VISITOR } };
    assert.deepEqual([...phone.of('marker'), ...jesse.of('marker')], [own], 'other own apps know it as well');
  });

  it('G18 who is asked, invited or observes is not told of', async () => {
    const { bench, varun, chat } = await chatting();
    const show = () => bench.host.signal(bench.tenant.id, { type: 'displayed', session: varun.id, chat, of: 'c1.3' });
    show();
    bench.helpdesk.asks(chat, 'varun');
    await bench.settle();
    show();
    bench.helpdesk.change(chat, { observers: ['varun' as StaffId] });
    await bench.settle();
    show();
    await bench.settle();
    assert.deepEqual(bench.helpdesk.shown, []);
  });
});
