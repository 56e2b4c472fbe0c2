import assert from 'node:assert/strict';
import type { XmlElement } from '../../src/xmpp/element.ts';
import type { App } from '../support/app.ts';
import { wholeArchive } from '../support/archive.ts';
import { type World, scenario, scenarios } from '../support/scenario.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';
const ADMIN = 'http://jabber.org/protocol/admin';

/** The two steps that an app takes. */
async function runs(app: App, command: string, fields: Readonly<Record<string, string>>): Promise<XmlElement> {
  const node = `${ADMIN}#${command}`;
  const form = await app.iq('set', `<command xmlns='${COMMANDS}' node='${node}' action='execute'/>`, 'acme.test');
  const id = form.getChild('command')?.attrs['sessionid'];
  if (id === undefined) return form;
  const values = Object.entries({ FORM_TYPE: ADMIN, ...fields })
    .map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`)
    .join('');
  return app.iq(
    'set',
    `<command xmlns='${COMMANDS}' node='${node}' sessionid='${id}'><x xmlns='jabber:x:data' type='submit'>${values}</x></command>`,
    'acme.test',
  );
}

async function adds(boss: App, username: string, password = 's3cret'): Promise<void> {
  const added = await runs(boss, 'add-user', { accountjid: `${username}@acme.test`, password, given_name: 'New' });
  assert.equal(added.getChild('command')?.attrs['status'], 'completed', username);
}

const deletes = (boss: App, username: string) => runs(boss, 'delete-user', { accountjids: `${username}@acme.test` });

const added = (world: World, username: string) =>
  world.online(username, { password: 's3cret', resource: 'desk', sm: true });

scenarios('a lab tenant', () => {
  scenario(
    'an administrator adds a user, who logs in at once and is seen by the others',
    { lab: true },
    async (world) => {
      const boss = await world.online('boss');
      const jesse = await world.online('jesse');
      await adds(boss, 'ann');
      await jesse.receives(
        `<iq type='set'><query xmlns='jabber:iq:roster'><item jid='ann@acme.test' name='New'><group>Lab</group></item></query></iq>`,
      );
      const ann = await added(world, 'ann');
      await jesse.receives(`<presence from='ann@acme.test/helpdesk'/>`);
      await ann.receives(`<presence from='jesse@acme.test/helpdesk'/>`);
      await adds(boss, 'bob');
      await added(world, 'bob');
      await ann.receives(`<presence from='bob@acme.test/helpdesk'/>`);
      ann.says('jesse@acme.test', 'Hello Jesse');
      await jesse.receives(`<message from='ann@acme.test/helpdesk'><body>Hello Jesse</body></message>`);
    },
  );

  scenario('who gets the name of a deleted user reads nothing of that one’s archive', { lab: true }, async (world) => {
    const boss = await world.online('boss');
    await adds(boss, 'ann');
    const ann = await added(world, 'ann');
    boss.says('ann@acme.test', 'for the first Ann');
    await ann.receives(`<message><body>for the first Ann</body></message>`);
    await deletes(boss, 'ann');
    await world.until(() => ann.closed, 'the stream was not closed');
    boss.says('ann@acme.test', 'nobody has this name');
    await boss.settle();
    await adds(boss, 'ann', 'another');
    const next = await world.online('ann', { password: 'another', resource: 'desk' });
    await next.settle();
    assert.deepEqual(await wholeArchive(next), []);
    assert.deepEqual(next.bodies('boss@acme.test'), []);
  });

  scenario(
    'a user who is deleted is gone: the stream is closed, cannot be resumed, and nobody sees them',
    { lab: true },
    async (world) => {
      const boss = await world.online('boss');
      const jesse = await world.online('jesse');
      await adds(boss, 'ann');
      const ann = await added(world, 'ann');
      const away = await world.online('ann', { password: 's3cret', resource: 'phone', sm: true });
      away.cut();
      const answer = await deletes(boss, 'ann');
      assert.equal(answer.getChild('command')?.attrs['status'], 'completed');
      await world.until(() => ann.closed, 'the stream was not closed');
      assert.equal(ann.streamError, 'not-authorized');
      await jesse.receives(
        `<iq type='set'><query xmlns='jabber:iq:roster'><item jid='ann@acme.test' subscription='remove'/></query></iq>`,
      );
      await assert.rejects(away.returns(), /not-authorized/u);
      await adds(boss, 'ann');
      assert.equal(await away.returns(), false, 'the old session is void, also for who has the name again');
    },
  );

  scenario('who gets the name of a user that was deleted begins anew', { lab: true }, async (world) => {
    const boss = await world.online('boss');
    const jesse = await world.online('jesse');
    const storage = (note: string) =>
      `<query xmlns='jabber:iq:private'><note xmlns='urn:example:note'>${note}</note></query>`;
    for (const note of ['first', 'second']) {
      await adds(boss, 'ann');
      const ann = await added(world, 'ann');
      const seen = await jesse.receives(`<presence from='ann@acme.test/helpdesk'/>`);
      assert.equal(seen.getChild('show'), undefined);
      const kept = await ann.iq('get', storage(''));
      assert.equal(kept.getChild('query')?.getChildText('note', 'urn:example:note'), '');
      await ann.iq('set', storage(note));
      ann.says('gateway@visitors.acme.test', `$status busy ${note}`);
      await jesse.receives(`<presence from='ann@acme.test/helpdesk'><show>dnd</show></presence>`);
      await deletes(boss, 'ann');
      await world.until(() => ann.closed, 'the stream was not closed');
      await jesse.receives(
        `<iq type='set'><query xmlns='jabber:iq:roster'><item jid='ann@acme.test' subscription='remove'/></query></iq>`,
      );
      jesse.forgets();
    }
  });

  scenario('what was added is there after a restart', { lab: true }, async (world) => {
    await adds(await world.online('boss'), 'ann');
    await world.kill();
    await added(world, 'ann');
    const boss = await world.online('boss');
    assert.equal((await deletes(boss, 'ann')).attrs['type'], 'result');
    await world.restart();
    await assert.rejects(world.online('ann', { password: 's3cret' }), /not-authorized/u);
  });

  scenario(
    'who has not the permission, and the users that were added, cannot add any',
    { lab: true },
    async (world) => {
      const boss = await world.online('boss');
      await adds(boss, 'ann');
      for (const app of [await world.online('jesse'), await added(world, 'ann')]) {
        const refused = await runs(app, 'add-user', { accountjid: 'eve@acme.test', password: 'x' });
        assert.ok(refused.getChild('error')?.getChild('forbidden'), app.jid);
      }
    },
  );

  scenario('accounts are not slowed down and not limited in their apps', { lab: true }, async (world) => {
    await adds(await world.online('boss'), 'ann');
    for (let count = 0; count < 15; count++)
      await assert.rejects(world.app('ann', { password: 'wrong' }).authenticate(), /not-authorized/u);
    const apps: App[] = [];
    // more apps than an account has elsewhere, and more binds than it may make at once
    for (let count = 0; count < 25; count++)
      apps.push(await world.online('ann', { password: 's3cret', resource: `app-${count}` }));
    const [first, second] = apps;
    assert.ok(first && second);
    for (let count = 0; count < 40; count++) first.sends(`<presence><status>number ${count}</status></presence>`);
    await second.receives(`<presence from='ann@acme.test/app-0'><status>number 39</status></presence>`);
  });

  scenario('when the tenant is a lab no more, those who were added are closed', { lab: true }, async (world) => {
    await adds(await world.online('boss'), 'ann');
    const ann = await added(world, 'ann');
    await world.reconfigure((config) => ({ ...config, lab: false }));
    await world.until(() => ann.closed, 'the stream was not closed');
    await assert.rejects(world.online('ann', { password: 's3cret' }), /not-authorized/u);
  });
});

scenarios('a tenant that is no lab', () => {
  scenario('has no commands for accounts, and says nothing of them', async (world) => {
    const boss = await world.online('boss');
    const refused = await runs(boss, 'add-user', { accountjid: 'ann@acme.test', password: 'x' });
    assert.ok(refused.getChild('error')?.getChild('service-unavailable'));
    const ITEMS = 'http://jabber.org/protocol/disco#items';
    const items = await boss.iq('get', `<query xmlns='${ITEMS}'/>`, 'acme.test');
    assert.deepEqual(
      items
        .getChild('query')
        ?.getChildren('item')
        .map(({ attrs }) => attrs['jid']),
      ['visitors.acme.test', 'acme.test'],
    );
    const nodes = await boss.iq('get', `<query xmlns='${ITEMS}' node='${COMMANDS}'/>`, 'acme.test');
    const names = nodes
      .getChild('query')
      ?.getChildren('item')
      .map(({ attrs }) => attrs['node'] ?? '');
    assert.ok(names?.includes('queue') && !names.some((name) => name.includes('admin')), 'only those of all staff');
    await assert.rejects(world.online('ann', { password: 'x' }), /not-authorized/u);
  });
});
