import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const GATEWAY = 'gateway@visitors.acme.test';
const banning = ['jesse'];
const email = 'rude@example.com';

scenarios('bans', () => {
  scenario('$ban ends the chat and keeps the visitor out, until somebody lifts it', { banning }, async (world) => {
    const jesse = await world.online('jesse');
    const rude = await world.visitor('Rude', { email }).asks('!!!');
    jesse.says(rude.jid, 'Please be kind.');
    await rude.hears('Please be kind.');
    jesse.says(rude.jid, '$ban swears');
    await jesse.receives(`<message from='${rude.fullJid}'><body>▸ Rude is banned…</body></message>`);
    await rude.isIn('ended');
    await assert.rejects(world.visitor('Other name', { email }).asks('It is me'), /No chat can be started now/u);
    await world.visitor('Chris', { email: 'chris@example.com' }).asks('Hello?');
    jesse.says(GATEWAY, '$ban list');
    const list = await jesse.receives(
      `<message from='${GATEWAY}…'><body>▸ Who may not start chats now…swears</body></message>`,
    );
    const id = /^\[(\S+)\] Rude, known by (?:\S+ or )?rude@example\.com, by Jesse Stone/mu.exec(
      list.getChildText('body') ?? '',
    )?.[1];
    assert.ok(id, list.getChildText('body') ?? '');
    jesse.says(GATEWAY, `$ban lift ${id}`);
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ The ban is lifted.</body></message>`);
    await world.visitor('Better', { email }).asks('I am sorry.');
  });

  scenario(
    'by somebody who observes names nobody to those who take part',
    { banning: ['boss'], observers: ['boss'] },
    async (world) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris', { email }).asks('Hello?');
      await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      jesse.says(chris.fullJid, 'Hi');
      await chris.hears('Hi');
      const boss = await world.online('boss');
      boss.says(chris.fullJid, '$observe');
      await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
      boss.says(chris.fullJid, '$ban');
      await jesse.receives(`<message><body>▸ The chat was ended and the visitor banned for …</body></message>`);
      await jesse.settle();
      assert.ok(!jesse.bodies(chris.jid).some((body) => body.includes('Bo ')), jesse.bodies(chris.jid).join());
    },
  );

  scenario('$ban needs the permission', { banning }, async (world) => {
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris', { email }).asks('Hello?');
    varun.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    varun.says(chris.jid, '$ban no reason');
    await varun.receives(`<message from='${chris.fullJid}'><body>▸ You may not use $ban…</body></message>`);
    await chris.isIn('running');
    varun.says(GATEWAY, '$ban list');
    await varun.receives(`<message from='${GATEWAY}…'><body>▸ You may not use $ban…</body></message>`);
  });

  scenario('an app’s block is a ban, its list shows it, and its unblock lifts it', { banning }, async (world) => {
    const jesse = await world.online('jesse');
    const rude = await world.visitor('Rude', { email }).asks('!!!');
    jesse.says(rude.jid, 'Please be kind.');
    await rude.hears('Please be kind.');
    const blocking = (name: string, jid = '') =>
      `<${name} xmlns='urn:xmpp:blocking'>${jid === '' ? '' : `<item jid='${jid}'/>`}</${name}>`;
    const info = await jesse.iq('get', `<query xmlns='http://jabber.org/protocol/disco#info'/>`, 'acme.test');
    assert.ok(
      info
        .getChild('query')
        ?.getChildren('feature')
        .some(({ attrs }) => attrs.var === 'urn:xmpp:blocking'),
    );
    assert.deepEqual((await jesse.iq('get', blocking('blocklist'))).getChild('blocklist')?.children, []);
    assert.equal((await jesse.iq('set', blocking('block', rude.jid))).attrs.type, 'result');
    await jesse.receives(`<iq type='set'>${blocking('block', rude.jid)}</iq>`);
    await rude.isIn('ended');
    const list = await jesse.iq('get', blocking('blocklist'));
    assert.equal(list.getChild('blocklist')?.getChild('item')?.attrs.jid, rude.jid);
    assert.equal((await jesse.iq('set', blocking('unblock', rude.jid))).attrs.type, 'result');
    await world.visitor('Better', { email }).asks('I am sorry.');
    assert.deepEqual((await jesse.iq('get', blocking('blocklist'))).getChild('blocklist')?.children, []);
  });

  scenario(
    'every app with the list hears of every ban and its end, wherever and however it was made',
    { banning: ['jesse', 'boss'] },
    async (world) => {
      const { jesse } = await talking(world);
      const phone = await world.online('jesse', { resource: 'phone' });
      const boss = await world.online('boss');
      for (const app of [phone, boss]) await app.iq('get', `<blocklist xmlns='urn:xmpp:blocking'/>`);
      const push = (change: string, jid: string) =>
        `<iq type='set'><${change} xmlns='urn:xmpp:blocking'><item jid='${jid}'/></${change}></iq>`;
      for (const way of ['block', '$ban']) {
        const rude = await world.visitor('Rude', { email }).asks('!!!');
        await jesse.receives(`<message from='${rude.fullJid}'><body>!!!</body></message>`);
        jesse.says(rude.fullJid, 'Please be kind.');
        await rude.hears('Please be kind.');
        if (way === '$ban') jesse.says(rude.fullJid, '$ban');
        else await jesse.iq('set', `<block xmlns='urn:xmpp:blocking'><item jid='${rude.jid}'/></block>`);
        for (const app of [phone, boss]) await app.receives(push('block', rude.jid));
        if (way === '$ban') jesse.says(GATEWAY, '$ban lift 2');
        else await jesse.iq('set', `<unblock xmlns='urn:xmpp:blocking'><item jid='${rude.jid}'/></unblock>`);
        for (const app of [phone, boss]) await app.receives(push('unblock', rude.jid));
        await world.advance(10_000);
      }
    },
  );

  scenario('a visitor can be banned for a while after the chat has ended', { banning }, async (world) => {
    const jesse = await world.online('jesse');
    const rude = await world.visitor('Rude', { email }).asks('!!!');
    await jesse.receives(`<message from='${rude.fullJid}'><body>!!!</body></message>`);
    jesse.says(rude.fullJid, 'Please be kind.');
    await rude.hears('Please be kind.');
    await rude.ends();
    await jesse.receives(`<message from='${rude.fullJid}'><body>▸ Rude ended the chat.</body></message>`);
    jesse.says(rude.fullJid, '$ban swears');
    await jesse.receives(`<message from='${rude.fullJid}'><body>▸ Rude is banned…</body></message>`);
    await assert.rejects(world.visitor('Other', { email }).asks('It is me'), /No chat can be started now/u);
  });

  scenario('a block without the permission is an error that says why', { banning }, async (world) => {
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris', { email }).asks('Hello?');
    varun.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    const refused = await varun.iq('set', `<block xmlns='urn:xmpp:blocking'><item jid='${chris.jid}'/></block>`);
    assert.match(refused.getChild('error')?.getChildText('text') ?? '', /You may not use \$ban/u);
    await chris.isIn('running');
    const list = await varun.iq('get', `<blocklist xmlns='urn:xmpp:blocking'/>`);
    assert.deepEqual(list.getChild('blocklist')?.children, []);
  });
});
