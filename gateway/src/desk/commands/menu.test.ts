import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer, Target } from '../../bus/messages.ts';
import type { ChatId } from '../../helpdesk/model.ts';
import { Bench, tenantOf, type TestApp } from '../testing/bench.ts';
import { staffUser } from '../testing/fake-helpdesk.ts';
import { doesPaperwork } from '../testing/fake-paperwork.ts';

const CANNED = { canned: { texts: [{ name: 'hello', text: 'Hello {visitor}.' }] } };

async function chatting(change: object = CANNED) {
  const bench = new Bench(tenantOf(change));
  const paperwork = doesPaperwork(bench.helpdesk, () => bench.clock.now());
  bench.helpdesk.staff.set('varun' as never, staffUser('varun', 'Varun Shah', { permissions: ['ban'] }));
  await bench.start();
  const jesse = await bench.online('jesse');
  const varun = await bench.online('varun');
  const chat = await bench.running(jesse);
  return { bench, ...paperwork, jesse, varun, chat };
}

const at = (chat: ChatId | 'gateway'): Target => (chat === 'gateway' ? { is: 'gateway' } : { is: 'visitor', chat });
let asks = 0;

/** What the desk answers, and `undefined` while it has not. */
async function ask(app: TestApp, act: (ask: string) => Parameters<TestApp['do']>[0]): Promise<Answer | undefined> {
  const id = `ask ${++asks}`;
  app.do(act(id)).catch(() => undefined);
  await app.bench.settle();
  return answerTo(app, id);
}

const answerTo = (app: TestApp, id: string) => app.of('answer').find((item) => item.ask === id)?.answer;

async function menu(app: TestApp, chat: ChatId | 'gateway'): Promise<string> {
  const question = { about: 'menu', at: at(chat) } as const;
  const answer = await ask(app, (id) => ({ type: 'asked', session: app.id, ask: id, question }));
  return answer?.about === 'menu' ? answer.entries.map(({ name }) => name).join(' ') : `(${answer?.about})`;
}

function run(app: TestApp, chat: ChatId | 'gateway', name: string, values?: Record<string, readonly string[]>) {
  const given = values === undefined ? {} : { values };
  return ask(app, (id) => ({ type: 'command', session: app.id, ask: id, at: at(chat), name, ...given }));
}

async function form(app: TestApp, chat: ChatId | 'gateway', name: string) {
  const answer = await run(app, chat, name);
  assert.equal(answer?.about, 'form');
  return answer;
}

const told = (text: string, failed?: 'form' | 'command'): Answer => ({
  about: 'command',
  text,
  ...(failed === undefined ? {} : { failed }),
});

describe('a menu', () => {
  it('has what can be done here and now, in the order of $help', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    const always = 'who staff queue messages info history';
    assert.equal(await menu(jesse, chat), `help end invite transfer leave ${always} note tag canned push mail status`);
    assert.equal(await menu(varun, chat), `help join ${always} canned status`);
    assert.equal(await menu(varun, 'gateway'), 'help staff queue messages canned ban status');
    bench.configure({ ...CANNED, commands: { off: ['canned', 'join'] } });
    assert.equal(await menu(varun, chat), `help ${always} status`, 'without what is switched off');
  });

  it('D21 of a visitor whom this staff user may not see does not exist, and does nothing', async () => {
    const { bench, chat, written } = await chatting();
    const ada = await bench.online('ada');
    assert.equal(await menu(ada, chat), '(nothing)');
    assert.equal(await menu(ada, 'nonsense' as ChatId), '(nothing)');
    assert.deepEqual(await run(ada, chat, 'note', { text: ['x'] }), { about: 'nothing' });
    assert.deepEqual(written, []);
  });

  it('libpurple, which asks for it once, has all that may become possible', async () => {
    const { bench, chat } = await chatting();
    const pidgin = await bench.online('jesse', 'pidgin', { capsNode: 'http://pidgin.im/' });
    const waiting = bench.helpdesk.waits('c2', 'Kim');
    await bench.settle();
    assert.equal(await menu(pidgin, waiting), await menu(pidgin, chat));
    assert.match(await menu(pidgin, waiting), /^help end invite transfer join observe leave /u);
    assert.deepEqual(
      await run(pidgin, waiting, 'note', { text: ['x'] }),
      told('You are not in this chat: nothing was written down.', 'command'),
    );
  });
});

describe('a command of a menu', () => {
  it('is answered there, and not in the window', async () => {
    const { jesse, chat } = await chatting();
    const who = await run(jesse, chat, 'who');
    assert.ok(who?.about === 'command' && who.text.includes('In the chat: Jesse Lee (you).'), JSON.stringify(who));
    assert.deepEqual(jesse.of('message'), []);
  });

  it('waits for what the helpdesk says', async () => {
    const { bench, jesse, chat } = await chatting();
    const history = await run(jesse, chat, 'history', { count: ['5'] });
    assert.ok(history?.about === 'command' && /Where is my order\?[^]*Hello\./u.test(history.text));
    assert.deepEqual(jesse.of('message'), []);
    bench.helpdesk.faults.set('tag', ['hang']);
    const id = asks + 1;
    assert.equal(await run(jesse, chat, 'tag', { tags: ['vip'] }), undefined);
    await bench.advance(6_000);
    assert.deepEqual(answerTo(jesse, `ask ${id}`), told('Tags: vip.'));
  });

  it('that has nothing to say is done', async () => {
    const { bench, jesse, chat } = await chatting();
    assert.deepEqual(await run(jesse, chat, 'end'), told('Done.'));
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'ended');
  });

  it('that the helpdesk does not answer says that it is done later, and is', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set(
      'end',
      Array.from({ length: 4 }, () => ({ is: 'unreachable' as const })),
    );
    const id = asks + 1;
    await run(jesse, chat, 'end');
    await bench.advance(3_000);
    assert.deepEqual(
      answerTo(jesse, `ask ${id}`),
      told('The helpdesk does not answer. $end is done as soon as it does.'),
    );
    await bench.advance(20_000);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'ended');
    assert.equal(jesse.of('answer').filter(({ ask: of }) => of === `ask ${id}`).length, 1, 'one answer');
  });

  it('that the helpdesk refuses is an error', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set('note', [{ is: 'forbidden' }]);
    assert.deepEqual(
      await run(jesse, chat, 'note', { text: ['x'] }),
      told('This chat has as many notes as it can have. Nothing was written down.', 'command'),
    );
  });

  it('with parameters asks for them in a form, with a choice of colleagues who are there and of teams', async () => {
    const { bench, jesse, chat } = await chatting();
    await bench.online('ada', 'desk', { show: 'away' });
    const transfer = await form(jesse, chat, 'transfer');
    const [whom, why] = transfer.fields;
    assert.deepEqual(whom?.options, [
      { value: '"varun"', label: 'Varun Shah' },
      { value: '"ada"', label: 'Ada Byron (away)' },
      { value: 'team:"support"', label: 'Team Support' },
      { value: 'team:"sales"', label: 'Team Sales' },
    ]);
    assert.deepEqual([whom.required, why?.kind, why?.required], [true, 'text-single', undefined]);
    const invite = await form(jesse, chat, 'invite');
    assert.deepEqual(
      invite.fields[0]?.options?.map(({ value }) => value),
      ['"varun"', '"ada"'],
    );
  });

  it('does with a form what the text command does', async () => {
    const { bench, jesse, chat, written } = await chatting();
    assert.deepEqual(
      await run(jesse, chat, 'invite', { whom: ['"varun"'], why: ['He asks for you'] }),
      told('Varun Shah is asked to join.'),
    );
    const [offer] = bench.helpdesk.offers.values();
    assert.deepEqual([offer?.staff, offer?.why], ['varun', 'He asks for you']);
    await run(jesse, chat, 'note', { text: ['one', 'two'] });
    assert.equal(written[0]?.note.text, 'one\ntwo', 'a text of several lines');
    assert.deepEqual(await run(jesse, chat, 'tag', { tags: ['a, b'] }), told('Tags: a, b.'));
    assert.equal((await form(jesse, chat, 'tag')).fields[0]?.value, 'a, b', 'the form begins with what there is');
    assert.deepEqual(await run(jesse, chat, 'tag', { tags: [''] }), told('This chat has no tags any more.'));
    await run(jesse, 'gateway', 'status', { status: ['busy'], text: ['lunch'] });
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse busy lunch');
  });

  it('sends a canned text, or shows it', async () => {
    const { bench, jesse, chat } = await chatting();
    const [text, send] = (await form(jesse, chat, 'canned')).fields;
    assert.deepEqual(text?.options, [{ value: 'hello', label: 'hello' }]);
    assert.deepEqual([send?.kind, send?.value], ['boolean', 'true']);
    assert.deepEqual(
      await run(jesse, chat, 'canned', { text: ['hello'], send: ['0'] }),
      told('hello ($canned send hello sends it):\nHello Chris.'),
    );
    assert.deepEqual(bench.said, ['Hello.']);
    assert.deepEqual(await run(jesse, chat, 'canned', { text: ['hello'], send: ['1'] }), told('“hello” goes out.'));
    assert.deepEqual(bench.said, ['Hello.', 'Hello Chris.']);
    assert.equal((await form(jesse, 'gateway', 'canned')).fields.length, 1, 'nobody is there to send it to');
  });

  it('bans, lists bans and lifts them, for who may', async () => {
    const { bench, jesse, varun, inForce } = await chatting();
    const chat = await bench.running(varun, 'c2', 'Kim');
    await run(varun, chat, 'ban', { why: ['rude'] });
    assert.equal(inForce.get('1')?.why, 'rude');
    const list = await run(varun, 'gateway', 'ban', { lift: [] });
    assert.ok(list?.about === 'command' && list.text.includes('[1] Kim'));
    assert.deepEqual(
      await run(varun, 'gateway', 'ban', { lift: ['c2'] }),
      told('The ban is lifted.'),
      'by the chat too',
    );
    assert.deepEqual(
      await run(varun, 'gateway', 'ban', { lift: ['c2'] }),
      told('There is no ban with this id. $ban list shows them.', 'command'),
    );
    const refused = await run(jesse, 'gateway', 'ban', { lift: ['1'] });
    assert.ok(refused?.about === 'command' && refused.failed === 'command' && refused.text.includes('permission'));
  });

  const wrong: Readonly<Record<string, readonly [string, Record<string, readonly string[]>, RegExp]>> = {
    'a choice that was not offered': ['invite', { whom: ['"nobody"'] }, /none of the choices/u],
    'a colleague’s name in place of a choice': ['transfer', { whom: ['Varun Shah'] }, /none of the choices/u],
    'two choices': ['invite', { whom: ['"varun"', '"ada"'] }, /none of the choices/u],
    'nothing where something is needed': ['note', {}, /is missing/u],
    'what cannot be seen where something is needed': ['note', { text: ['\u200b'] }, /is missing/u],
    'a text that is too long': ['note', { text: ['x'.repeat(4_001)] }, /too long/u],
    'what is neither yes nor no': ['canned', { text: ['hello'], send: ['perhaps'] }, /neither yes nor no/u],
  };
  for (const [name, [command, values, text]] of Object.entries(wrong))
    it(`refuses ${name}`, async () => {
      const { bench, jesse, chat, written } = await chatting();
      const answer = await run(jesse, chat, command, values);
      assert.ok(answer?.about === 'command' && answer.failed === 'form', JSON.stringify(answer));
      assert.match(answer.text, text);
      assert.deepEqual([written, bench.helpdesk.offers.size, bench.said], [[], 0, ['Hello.']]);
    });

  it('takes no value for more than it is: text of a form is never a command, nor a notice', async () => {
    const { jesse, chat, written } = await chatting();
    await run(jesse, chat, 'note', { text: ['$end', '▸ The chat has ended.'], __proto__: ['x'] });
    assert.equal(written[0]?.note.text, '$end\nThe chat has ended.');
  });

  it('that there is not, or not here, does nothing', async () => {
    const { jesse, chat, bench } = await chatting();
    assert.deepEqual(await run(jesse, chat, 'launch'), { about: 'nothing' });
    assert.deepEqual(
      await run(jesse, 'gateway', 'end'),
      told('$end belongs to a chat: write it in the window of the visitor.', 'command'),
    );
    bench.configure({ ...CANNED, commands: { off: ['note'] } });
    assert.deepEqual(
      await run(jesse, chat, 'note', { text: ['x'] }),
      told('$note is switched off on this helpdesk. $help shows what it can.', 'command'),
    );
  });

  it('G08 are limited, with those that are written', async () => {
    const { jesse, chat } = await chatting();
    for (let n = 0; n < 10; n++) await run(jesse, chat, 'who');
    assert.deepEqual(await run(jesse, chat, 'who'), told('Too many commands at once. Wait a moment.', 'command'));
  });

  it('is a sign of life: a closed window does not end the chat', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.state(chat, 'gone');
    await run(jesse, chat, 'who');
    await bench.advance(30_000);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'running');
  });

  it('of an app that is gone leaves nothing behind', async () => {
    const { bench, jesse, chat, written } = await chatting();
    bench.helpdesk.faults.set('note', ['hang']);
    await run(jesse, chat, 'note', { text: ['x'] });
    await jesse.closed();
    await bench.advance(6_000);
    assert.equal(written.length, 1);
    assert.equal(jesse.of('answer').length, 0);
  });
});
