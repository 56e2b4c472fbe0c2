import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const GATEWAY = 'gateway@visitors.acme.test';
const canned = {
  texts: [
    { name: 'hello', text: 'Hello {visitor}, I am {me}.' },
    { name: 'hours', text: 'We are here from 9 to 5.' },
  ],
};

scenarios('canned texts', () => {
  scenario('are listed, searched and shown', { tenant: { canned } }, async (world) => {
    const jesse = await world.online('jesse');
    jesse.says(GATEWAY, '$canned');
    await jesse.receives(
      `<message from='${GATEWAY}…'><body>▸ …hello: Hello {visitor}…hours: We are here…</body></message>`,
    );
    jesse.says(GATEWAY, '$canned from 9');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ hours …We are here from 9 to 5.</body></message>`);
  });

  scenario(
    'send is this staff user’s line: it accepts, and all their apps show it',
    { tenant: { canned } },
    async (world) => {
      const jesse = await world.online('jesse', { resource: 'desk' });
      const phone = await world.online('jesse', { resource: 'phone', carbons: true });
      const chris = await world.visitor('Chris').asks('Hello?');
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chat request…</body></message>`);
      jesse.says(chris.jid, '$canned send hello');
      const line = await chris.hears('Hello Chris, I am Jesse Stone.');
      assert.equal(line.from.is, 'staff');
      await chris.isIn('running');
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ You: Hello Chris, I am Jesse Stone.</body></message>`,
      );
      await phone.receives(
        `<message from='${jesse.bareJid}'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>` +
          `<message xmlns='jabber:client' to='${chris.fullJid}'><body>Hello Chris, I am Jesse Stone.</body></message></forwarded></sent></message>`,
      );
      assert.equal(chris.texts('staff').length, 1);
    },
  );

  scenario(
    'send to somebody in a chat with others joins it, as any text does',
    { tenant: { canned } },
    async (world) => {
      const { jesse, chris } = await talking(world);
      const varun = await world.online('varun');
      varun.says(chris.jid, '$canned send hello');
      await chris.hears('Hello Chris, I am Varun Shah.');
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ Varun Shah: Hello Chris, I am Varun Shah.</body></message>`,
      );
    },
  );

  scenario('follow the configuration while everything runs', { tenant: { canned } }, async (world) => {
    const jesse = await world.online('jesse');
    await world.reconfigure((config) => ({ ...config, canned: { texts: [{ name: 'new', text: 'Brand new.' }] } }));
    jesse.says(GATEWAY, '$canned');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …new: Brand new.</body></message>`);
    await world.reconfigure((config) => ({ ...config, canned: { texts: [] } }));
    jesse.says(GATEWAY, '$canned');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ This helpdesk cannot do $canned.…</body></message>`);
  });
});

scenarios('commands that a tenant has switched off', () => {
  scenario('say so when tried', { tenant: { canned, commands: { off: ['note', 'canned'] } } }, async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    for (const text of ['$note x', '$canned send hello']) {
      jesse.says(chris.jid, text);
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ $… is switched off on this helpdesk.…</body></message>`,
      );
    }
    jesse.says(chris.jid, '$help');
    const help = await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ You are in this chat…</body></message>`,
    );
    assert.doesNotMatch(help.getChildText('body') ?? '', /\$note|\$canned/u);
    assert.deepEqual(chris.texts('staff'), ['Hi']);
  });
});
