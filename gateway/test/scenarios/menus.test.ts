import assert from 'node:assert/strict';
import type { XmlElement } from '../../src/xmpp/element.ts';
import type { App } from '../support/app.ts';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';
const GATEWAY = 'gateway@visitors.acme.test/gateway';
const LIBPURPLE = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://pidgin.im/' ver='x'/>`;
const tenant = { canned: { texts: [{ name: 'hello', text: 'Hello {visitor}, I am {me}.' }] } };

/** What an app shows as menu of a contact: node and name of each entry. */
async function menuOf(app: App, to: string): Promise<string[]> {
  const list = await app.iq('get', `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`, to);
  assert.equal(list.attrs.type, 'result', `no menu of ${to}`);
  const items = list.getChild('query')?.getChildren('item') ?? [];
  for (const item of items) assert.equal(item.attrs['jid'], to, 'libpurple runs a command at the address in the list');
  return items.flatMap(({ attrs }) => attrs['node'] ?? []);
}

async function run(app: App, to: string, node: string, rest = '', content = ''): Promise<XmlElement> {
  return app.iq('set', `<command xmlns='${COMMANDS}' node='${node}' action='execute' ${rest}>${content}</command>`, to);
}

const partOf = (answer: XmlElement) => answer.getChild('command', COMMANDS);
const noteOf = (answer: XmlElement) => partOf(answer)?.getChild('note')?.text();
const fieldsOf = (answer: XmlElement) => partOf(answer)?.getChild('x', 'jabber:x:data')?.getChildren('field') ?? [];
const choicesOf = (answer: XmlElement, name: string) =>
  fieldsOf(answer)
    .find(({ attrs }) => attrs['var'] === name)
    ?.getChildren('option')
    .map((option) => [option.attrs['label'], option.getChildText('value')] as const) ?? [];

/** Fills in the form that came, as an app does. */
async function fill(
  app: App,
  to: string,
  form: XmlElement,
  values: Readonly<Record<string, string>>,
): Promise<XmlElement> {
  const command = partOf(form);
  assert.equal(command?.attrs['status'], 'executing');
  const [type] = fieldsOf(form);
  const fields = Object.entries({ FORM_TYPE: type?.getChildText('value') ?? '', ...values }).map(
    ([name, value]) => `<field var='${name}'><value>${value.replaceAll('"', '&quot;')}</value></field>`,
  );
  return app.iq(
    'set',
    `<command xmlns='${COMMANDS}' node='${command?.attrs['node']}' sessionid='${command?.attrs['sessionid']}' action='complete'>` +
      `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x></command>`,
    to,
  );
}

scenarios('menus', () => {
  scenario(
    'say of a canned text that an observer cannot send that nothing was sent',
    { tenant, observers: ['boss'] },
    async (world) => {
      const { chris } = await talking(world);
      const boss = await world.online('boss');
      boss.says(chris.fullJid, '$observe');
      await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
      const form = await run(boss, chris.fullJid, 'canned');
      const answer = await fill(boss, chris.fullJid, form, { text: 'hello', send: 'true' });
      assert.match(noteOf(answer) ?? '', /^Not sent: you observe this chat/u);
    },
  );

  scenario('name a ban for what it does there, and whom it is for', { banning: ['jesse'] }, async (world) => {
    const { jesse, chris } = await talking(world);
    const titleAt = async (to: string) =>
      (await jesse.iq('get', `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`, to))
        .getChild('query')
        ?.getChildren('item')
        .find(({ attrs }) => attrs['node'] === 'ban')?.attrs['name'];
    assert.equal(await titleAt(chris.fullJid), 'Ban the visitor');
    assert.equal(await titleAt(GATEWAY), 'Bans');
    const form = partOf(await run(jesse, chris.fullJid, 'ban'))?.getChild('x', 'jabber:x:data');
    assert.equal(form?.getChildText('title'), 'Ban the visitor');
    assert.equal(
      form.getChildText('instructions'),
      'Chris: Ends the chat and lets this visitor start none for a time.',
    );
  });

  scenario('say of a hand-over that fails at once that it has', async (world) => {
    const { jesse, chris } = await talking(world);
    const form = await run(jesse, chris.fullJid, 'transfer');
    const [whom] = choicesOf(form, 'whom').filter(([label]) => label === 'Team Support');
    const answer = await fill(jesse, chris.fullJid, form, { whom: whom?.[1] ?? '' });
    assert.equal(noteOf(answer), 'Nobody of Support is available. You are still in the chat.');
  });

  scenario(
    'the same commands are menu entries of the visitor, of Chat Gateway and of the domain',
    { tenant },
    async (world) => {
      const { jesse, chris } = await talking(world);
      assert.deepEqual(
        await menuOf(jesse, chris.fullJid),
        'help end invite transfer leave who staff queue messages info history note tag canned push status'.split(' '),
      );
      const general = 'help staff queue messages canned status'.split(' ');
      assert.deepEqual(await menuOf(jesse, GATEWAY), general);
      assert.deepEqual(await menuOf(jesse, 'acme.test'), general);
    },
  );

  scenario('a contact’s capabilities say that it has a menu', async (world) => {
    const { jesse, chris } = await talking(world);
    for (const to of [chris.fullJid, GATEWAY, 'acme.test']) {
      const info = await jesse.iq('get', `<query xmlns='http://jabber.org/protocol/disco#info'/>`, to);
      const features = info
        .getChild('query')
        ?.getChildren('feature')
        .map(({ attrs }) => attrs['var']);
      assert.ok(features?.includes(COMMANDS), to);
    }
  });

  scenario('inviting from a menu is a choice of those who are there', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    const form = await run(jesse, chris.fullJid, 'invite');
    assert.deepEqual(choicesOf(form, 'whom'), [['Varun Shah', '"varun"']]);
    const done = await fill(jesse, chris.fullJid, form, { whom: '"varun"', why: 'You know this order' });
    assert.match(noteOf(done) ?? '', /Varun Shah/u);
    await varun.receives(
      `<message from='${chris.fullJid}'><body>▸ Jesse Stone invites you…You know this order…</body></message>`,
    );
    varun.says(chris.fullJid, 'Varun here.');
    await chris.hears('Varun here.');
  });

  scenario('handing over from a menu offers teams too', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    const form = await run(jesse, chris.fullJid, 'transfer');
    const team = choicesOf(form, 'whom').find(([label]) => label === 'Team Support')?.[1] ?? '';
    await fill(jesse, chris.fullJid, form, { whom: team, why: '' });
    await mia.receives(`<message from='${chris.fullJid}'><body>▸ …Jesse Stone…</body></message>`);
    mia.says(chris.fullJid, 'Support here.');
    await chris.hears('Support here.');
    await chris.isTold('Jesse Stone handed the chat over to');
  });

  scenario('a request is declined, a chat ended and a status set from menus', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chat request…</body></message>`);
    assert.equal(partOf(await run(jesse, chris.fullJid, 'end'))?.attrs['status'], 'completed');
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Declined.</body></message>`);
    const form = await run(jesse, GATEWAY, 'status');
    assert.deepEqual(
      choicesOf(form, 'status').map(([, value]) => value),
      ['online', 'away', 'busy'],
    );
    assert.match(
      noteOf(await fill(jesse, GATEWAY, form, { status: 'busy', text: 'lunch' })) ?? '',
      /You are busy now/u,
    );
    const varun = await world.online('varun');
    await varun.receives(`<presence from='jesse@acme.test/helpdesk'><show>dnd</show><status>lunch</status></presence>`);
  });

  scenario(
    'answers come in the menu and not as messages, also those that the helpdesk has to give',
    { tenant },
    async (world) => {
      const { jesse, chris } = await talking(world);
      jesse.forgets();
      assert.match(noteOf(await run(jesse, chris.fullJid, 'who')) ?? '', /Jesse Stone \(you\)/u);
      assert.match(noteOf(await run(jesse, chris.fullJid, 'info')) ?? '', /Name: Chris/u);
      const history = await fill(jesse, chris.fullJid, await run(jesse, chris.fullJid, 'history'), { count: '5' });
      assert.match(noteOf(history) ?? '', /Where is my order\?[^]*Let me look\./u);
      assert.match(noteOf(await run(jesse, 'acme.test', 'queue')) ?? '', /Nobody is waiting/u);
      await jesse.receivesNothing(`<message><body>…</body></message>`, 'an answer is given once');
    },
  );

  scenario('a canned text is chosen from a list and goes out', { tenant }, async (world) => {
    const { jesse, chris } = await talking(world);
    const form = await run(jesse, chris.fullJid, 'canned');
    await fill(jesse, chris.fullJid, form, { text: 'hello', send: '1' });
    await chris.hears('Hello Chris, I am Jesse Stone.');
  });

  scenario('D21 E24 menus of visitors whom one may not see do not exist', async (world) => {
    const { chris } = await talking(world);
    const mia = await world.online('mia');
    for (const to of [chris.fullJid, 'nobody@visitors.acme.test/chat']) {
      const list = await mia.iq(
        'get',
        `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`,
        to,
      );
      assert.ok(list.getChild('error')?.getChild('item-not-found'));
      const refused = await run(mia, to, 'end');
      assert.ok(refused.getChild('error')?.getChild('item-not-found'));
    }
    await chris.isIn('running');
  });

  scenario('E24 of another tenant’s visitors there is nothing at all', async (world) => {
    const { chris } = await talking(world);
    const stranger = await world.online('jesse', { domain: 'other.test' });
    const refused = await run(stranger, chris.fullJid, 'end');
    assert.ok(refused.getChild('error')?.getChild('service-unavailable'));
    await chris.isIn('running');
  });

  scenario('Pidgin, which asks for a contact’s menu once, has at once all that may become possible', async (world) => {
    const pidgin = await world.online('jesse', { presence: LIBPURPLE });
    const chris = await world.visitor('Chris').asks('Where is my order?');
    await pidgin.receives(`<message from='${chris.jid}'><body>▸ Chat request…</body></message>`);
    const entries = await menuOf(pidgin, chris.fullJid);
    for (const name of ['end', 'invite', 'transfer', 'leave', 'note']) assert.ok(entries.includes(name), name);
    const early = await run(pidgin, chris.fullJid, 'leave');
    assert.equal(partOf(early)?.getChild('note')?.attrs['type'], 'error');
    pidgin.says(chris.fullJid, 'Let me look.');
    await chris.hears('Let me look.');
    await run(pidgin, chris.fullJid, 'leave');
    await chris.isIn('waiting');
  });
});
