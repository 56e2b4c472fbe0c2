import assert from 'node:assert/strict';
import type { TenantConfig } from '../../src/config/schema.ts';
import { hashPassword } from '../../src/connectors/embedded/staff/password-hash.ts';
import { scenario, scenarios } from '../support/scenario.ts';

scenarios('the account', () => {
  scenario('a staff user logs in with username@domain and the helpdesk password', async (world) => {
    const jesse = await world.online('jesse', { resource: 'desk' });
    assert.equal(jesse.jid, 'jesse@acme.test/desk');
  });

  scenario('a wrong password is not-authorized', async (world) => {
    const app = world.app('jesse', { password: 'wrong' });
    await assert.rejects(app.authenticate(), /not-authorized/u);
  });

  scenario('a helpdesk user whose name is an e-mail address logs in with it escaped', async (world) => {
    const app = await world.online('nora\\40acme.com', { resource: 'desk' });
    assert.equal(app.jid, 'nora\\40acme.com@acme.test/desk');
  });

  scenario('with usernameDomain the part before the @ is enough', async (world) => {
    const app = await world.online('nora', { resource: 'desk' });
    assert.equal(app.bareJid.endsWith('@acme.test'), true);
    const chris = await world.visitor('Chris').asks('Hello?');
    await app.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  });

  scenario(
    'a helpdesk that is down holds the login, then the stream is closed, without a word on the password',
    async (world) => {
      world.helpdeskDown = true;
      const app = world.app('jesse');
      const login = app.authenticate().catch(() => undefined);
      for (let second = 0; second < 12; second++) await world.advance(1_000);
      await world.until(() => app.closed, 'the stream was not closed');
      void login;
      assert.equal(app.streamError, 'internal-server-error');
      assert.ok(!app.transcript.some((line) => line.includes('<failure')));
      world.helpdeskDown = false;
      await world.online('jesse');
    },
  );

  scenario('all apps of a staff user get every chat message, also those typed in another one', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk', carbons: true });
    const phone = await world.online('jesse', { resource: 'phone' });
    const tablet = await world.online('jesse', { resource: 'tablet', carbons: true });
    const chris = await world.visitor('Chris').asks('Where is my order?');
    for (const app of [desk, phone, tablet])
      await app.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body></message>`);
    desk.says(chris.fullJid, 'Let me look.');
    await chris.hears('Let me look.');
    await phone.receives(`<message from='${chris.jid}…' type='chat'><body>▸ You: Let me look.</body></message>`);
    await tablet.receives(
      `<message from='jesse@acme.test'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>` +
        `<message xmlns='jabber:client' from='jesse@acme.test/desk' to='${chris.jid}…'><body>Let me look.</body></message></forwarded></sent></message>`,
    );
    await desk.receivesNothing(`<message><body>…Let me look.…</body></message>`, 'it wrote this itself');
    await chris.says('Thank you');
    for (const app of [desk, phone, tablet])
      await app.receives(`<message from='${chris.fullJid}'><body>Thank you</body></message>`);
  });

  scenario('accepting is per staff user: a second app goes on in the same chat', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const phone = await world.online('jesse', { resource: 'phone' });
    const chris = await world.visitor('Chris').asks('Hello?');
    desk.says(chris.fullJid, 'one');
    phone.says(chris.jid, 'two');
    await chris.hears('one');
    await chris.hears('two');
    await phone.receivesNothing(`<message><body>…taken…</body></message>`, 'it is their own chat');
  });

  scenario('every copy of a line has the same stanza id', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const phone = await world.online('jesse', { resource: 'phone' });
    const chris = await world.visitor('Chris').asks('Hello?');
    const wanted = `<message from='${chris.fullJid}'><body>Hello?</body><stanza-id xmlns='urn:xmpp:sid:0' by='jesse@acme.test' id='*'/></message>`;
    const [one, two] = [await desk.receives(wanted), await phone.receives(wanted)];
    assert.equal(one.getChild('stanza-id')?.attrs['id'], two.getChild('stanza-id')?.attrs['id']);
  });

  scenario(
    'an app that binds its resource again while the old stream is dead takes it over, without a flap',
    async (world) => {
      const before = await world.online('jesse', { resource: 'desk' });
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      before.says(chris.fullJid, 'Hi');
      await chris.hears('Hi');
      varun.forgets();
      before.cut();
      const after = await world.online('jesse', { resource: 'desk' });
      assert.equal(after.jid, 'jesse@acme.test/desk');
      await after.receives(`<presence from='${chris.fullJid}'/>`);
      await varun.receivesNothing(`<presence from='jesse@acme.test/helpdesk' type='unavailable'/>`, 'nobody went away');
      after.says(chris.jid, 'still here');
      await chris.hears('still here');
    },
  );

  scenario('an app without a resource of its own finds the one it had', async (world) => {
    const first = await world.online('jesse');
    assert.equal(first.jid, 'jesse@acme.test/app-1');
    const second = await world.online('jesse');
    assert.equal(second.jid, 'jesse@acme.test/app-2');
    first.cut();
    assert.equal((await world.online('jesse')).jid, 'jesse@acme.test/app-1');
  });

  scenario('one tenant sees nothing of another', async (world) => {
    const here = await world.online('jesse');
    const there = await world.online('jesse', { domain: 'other.test' });
    const chris = await world.visitor('Chris').asks('secret question');
    await here.receives(`<message from='${chris.fullJid}'><body>secret question</body></message>`);
    await there.receivesNothing(`<message/>`, 'another tenant');
    const id = there.says(chris.fullJid, 'hello from elsewhere');
    await there.receives(`<message type='error' id='${id}'/>`);
    there.says('jesse@acme.test', 'hello colleague');
    await there.receives(
      `<message type='error' from='jesse@acme.test'><error><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    await here.receivesNothing(`<message><body>…hello…</body></message>`, 'another tenant');
    assert.deepEqual(chris.texts('staff'), []);
  });

  const withStaff = (config: TenantConfig, staff: TenantConfig['helpdesk']['staff']): TenantConfig => ({
    ...config,
    helpdesk: { ...config.helpdesk, staff },
  });

  scenario(
    'C24 a staff user who is removed is logged out, cannot resume, and loses nothing of the visitor',
    async (world) => {
      const jesse = await world.online('jesse', { sm: true });
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      jesse.says(chris.jid, 'Hi');
      await chris.hears('Hi');
      await world.reconfigure((config) =>
        withStaff(
          config,
          config.helpdesk.staff.filter(({ username }) => username !== 'jesse'),
        ),
      );
      await world.until(() => jesse.closed, 'the stream goes on');
      assert.equal(jesse.streamError, 'not-authorized');
      await assert.rejects(jesse.returns(), /not-authorized/u);
      await chris.isIn('waiting');
      await varun.receives(`<message from='${chris.jid}…'><body>Hello?</body></message>`);
      await varun.receives(
        `<iq><query xmlns='jabber:iq:roster'><item jid='jesse@acme.test' subscription='remove'/></query></iq>`,
      );
    },
  );

  scenario('C24 a changed password ends what was opened with the old one', async (world) => {
    const jesse = await world.online('jesse', { sm: true });
    const hash = await hashPassword('another one');
    await world.reconfigure((config) =>
      withStaff(
        config,
        config.helpdesk.staff.map((one) => (one.username === 'jesse' ? { ...one, hash } : one)),
      ),
    );
    await world.until(() => jesse.closed, 'the stream goes on');
    await assert.rejects(world.app('jesse').authenticate(), /not-authorized/u);
    await world.online('jesse', { password: 'another one' });
  });

  scenario('a staff user who is added can log in and is seen', async (world) => {
    const varun = await world.online('varun');
    await world.reconfigure((config) => {
      const [first] = config.helpdesk.staff;
      return first === undefined
        ? config
        : withStaff(config, [...config.helpdesk.staff, { ...first, username: 'zoe', name: 'Zoe Park' }]);
    });
    await varun.receives(
      `<iq><query xmlns='jabber:iq:roster'><item jid='zoe@acme.test' name='Zoe Park'/></query></iq>`,
    );
    await world.online('zoe');
    await varun.receives(`<presence from='zoe@acme.test/helpdesk'/>`);
  });

  scenario('I07 a tenant that is taken away: its streams are closed, others notice nothing', async (world) => {
    const jesse = await world.online('jesse');
    const other = await world.online('jesse', { domain: 'other.test' });
    await world.reconfigure(() => undefined);
    await world.until(() => jesse.closed, 'the stream goes on');
    assert.equal(jesse.streamError, 'host-gone');
    await other.settle();
    assert.equal(other.closed, false);
    const late = world.app('jesse');
    void late.authenticate().catch(() => undefined);
    await world.until(() => late.streamError === 'host-unknown', 'an unknown tenant is not told as such');
  });
});
