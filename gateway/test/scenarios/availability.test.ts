import assert from 'node:assert/strict';
import { type World, scenario, scenarios } from '../support/scenario.ts';

async function chatting(world: World, options: Parameters<World['online']>[1] = {}) {
  const jesse = await world.online('jesse', options);
  const chris = await world.visitor('Chris').asks('Hello?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  jesse.says(chris.fullJid, 'Hi');
  await chris.hears('Hi');
  return { jesse, chris };
}

scenarios('availability', () => {
  for (const show of ['away', 'xa', 'dnd']) {
    scenario(`${show}: no new chats, running ones go on`, async (world) => {
      const { jesse, chris } = await chatting(world);
      jesse.sends(`<presence><show>${show}</show></presence>`);
      await jesse.settle();
      const dana = await world.visitor('Dana').asks('Anybody?');
      await dana.isIn('ended');
      await jesse.receivesNothing(`<message from='${dana.fullJid}'/>`, 'they are not available');
      await chris.says('one more');
      await jesse.receives(`<message from='${chris.fullJid}'><body>one more</body></message>`);
      jesse.says(chris.jid, 'yes?');
      await chris.hears('yes?');
    });
  }

  scenario('available if any app is', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    await world.online('jesse', { resource: 'phone', presence: '<show>away</show>' });
    const chris = await world.visitor('Chris').asks('Hello?');
    await desk.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  });

  scenario('an app with a negative priority gets no chats', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const bot = await world.online('jesse', { resource: 'bot', priority: -1 });
    const chris = await world.visitor('Chris').asks('Hello?');
    await desk.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    await bot.receivesNothing(`<message/>`, 'its priority is below 0');
  });

  scenario(
    'the last app gone: no new chats at once, the helpdesk is told after 60 s, chats return after 5 min and the visitor is told',
    async (world) => {
      const { jesse, chris } = await chatting(world);
      const varun = await world.online('varun');
      await jesse.leaves();
      const dana = await world.visitor('Dana').asks('Anybody?');
      await varun.receives(`<message from='${dana.fullJid}'><body>Anybody?</body></message>`);
      varun.says(dana.fullJid, 'I am');
      await dana.hears('I am');
      varun.forgets();
      await world.advance(59_000);
      await varun.receivesNothing(
        `<presence from='jesse@acme.test/helpdesk' type='unavailable'/>`,
        'the grace is not over',
      );
      await world.advance(2_000);
      await varun.receives(`<presence from='jesse@acme.test/helpdesk' type='unavailable'/>`);
      await chris.reads();
      assert.equal(chris.view?.phase.is, 'running');
      await world.advance(238_000);
      await chris.reads();
      assert.equal(chris.view?.phase.is, 'running');
      assert.deepEqual(chris.texts('notice'), ['Jesse Stone joined the chat.']);
      await world.advance(2_000);
      await chris.isIn('waiting');
      await chris.isTold('Jesse Stone had to go. We are looking for a colleague: you are first in line.');
      await varun.receives(`<message from='${chris.jid}…'><body>Hello?</body></message>`);
      varun.says(chris.jid, 'I take over');
      await chris.hears('I take over');
      varun.says(chris.jid, '$history');
      await varun.receives(
        `<message from='${chris.jid}…'><body>▸ …Jesse Stone had to go. The chat went back to the front of the queue.…</body></message>`,
      );
    },
  );

  scenario('a dropped connection is not an absence', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    const varun = await world.online('varun');
    varun.forgets();
    jesse.cut();
    await world.advance(200_000);
    await chris.says('hello?');
    assert.equal(await jesse.returns(), true);
    await jesse.receives(`<message from='${chris.fullJid}'><body>hello?</body></message>`);
    await world.advance(200_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    jesse.says(chris.jid, 'here');
    await chris.hears('here');
  });

  scenario('an app that is cut off and never comes back loses its chats after 5 min', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    jesse.cut();
    await world.advance(301_000);
    await chris.reads();
    assert.notEqual(chris.view?.phase.is, 'running');
    assert.equal(await jesse.returns(), false);
    await chris.reads();
  });

  scenario('who was online before a start of the gateway and does not come back is not available', async (world) => {
    await world.online('jesse');
    await world.kill();
    await world.advance(61_000);
    assert.equal((await world.site.reception(world.tenant)).teams[0]?.available, false);
    const varun = await world.online('varun');
    await varun.receivesNothing(`<presence from='jesse@acme.test/helpdesk'/>`, 'nobody of theirs came back');
  });

  scenario('a visitor whose page has not been heard for 20 s is shown away', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.forgets();
    chris.closesPage();
    await world.advance(19_000);
    await jesse.receivesNothing(`<presence from='${chris.fullJid}'><show>away</show></presence>`, 'not yet 20 s');
    await world.advance(2_000);
    await jesse.receives(`<presence from='${chris.fullJid}'><show>…</show><status>…</status></presence>`);
    await chris.opensPage();
    await jesse.receives(`<presence from='${chris.fullJid}'/>`);
  });

  scenario('after 5 min a running chat ends with a notice; until then what staff write is kept', async (world) => {
    const { jesse, chris } = await chatting(world);
    chris.closesPage();
    await world.advance(60_000);
    jesse.says(chris.jid, 'are you there?');
    await jesse.settle();
    await chris.opensPage();
    await chris.hears('are you there?');
    chris.closesPage();
    jesse.forgets();
    await world.advance(299_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    await world.advance(10_000);
    await chris.reads();
    await chris.isIn('ended');
    await jesse.receives(
      `<message from='${chris.jid}…'><body>▸ …the visitor…s page was away for 5 minutes…</body></message>`,
    );
    await chris.isTold('your page was away for 5 minutes');
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });

  scenario('how long it takes is a setting of the tenant', { visitorAwayMinutes: 2 }, async (world) => {
    const { chris } = await chatting(world);
    chris.closesPage();
    await world.advance(119_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    await world.advance(2_000);
    await chris.reads();
    await chris.isIn('ended');
    await chris.isTold('away for 2 minutes');
  });

  scenario(
    'after 5 min a waiting chat is withdrawn everywhere',
    { ring: { strategy: 'open-queue', openQueueSeconds: 3_600 } },
    async (world) => {
      const jesse = await world.online('jesse');
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      for (const app of [jesse, varun])
        await app.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      chris.closesPage();
      await world.advance(310_000);
      for (const app of [jesse, varun]) await app.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
      await chris.reads();
      assert.equal(chris.view?.phase.is === 'ended' && chris.view.phase.why, 'visitor-away');
    },
  );

  scenario('a reload is not an end', async (world) => {
    const { jesse, chris } = await chatting(world);
    chris.closesPage();
    await world.advance(3_000);
    await chris.opensPage();
    await chris.says('I am still here');
    await jesse.receives(`<message from='${chris.fullJid}'><body>I am still here</body></message>`);
  });

  scenario('a chat in which nobody writes for 60 min ends', async (world) => {
    const { jesse, chris } = await chatting(world);
    await world.advance(59 * 60_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    await world.advance(2 * 60_000);
    await chris.isIn('ended');
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });

  scenario('deadlines survive a restart', async (world) => {
    const { jesse, chris } = await chatting(world);
    await jesse.leaves();
    await world.advance(200_000);
    await world.restart();
    await chris.opensPage(world.site);
    await world.advance(110_000);
    await chris.reads();
    assert.notEqual(chris.view?.phase.is, 'running', 'the 5 min of absence began before the restart');
  });

  scenario('deadlines survive a restart: of a page that is away', async (world) => {
    const { jesse, chris } = await chatting(world);
    chris.closesPage();
    await world.advance(200_000);
    jesse.cut();
    await world.restart();
    await jesse.returns();
    const is = async () => (await world.site.read(world.tenant, chris.ticket, 0)).phase.is;
    await world.advance(98_000);
    assert.equal(await is(), 'running');
    await world.advance(3_000);
    assert.equal(await is(), 'ended');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …was away for 5 minutes…</body></message>`);
  });

  scenario('deadlines survive a restart: of a chat in which nobody writes', async (world) => {
    const { jesse, chris } = await chatting(world);
    await world.advance(50 * 60_000);
    jesse.cut();
    await world.restart();
    await chris.opensPage(world.site);
    await jesse.returns();
    await world.advance(9 * 60_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    await world.advance(61_000);
    await chris.isIn('ended');
    await chris.isTold('nobody wrote for 60 minutes');
  });

  scenario('within the grace an app without resumption finds its chats as they were', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.cut();
    await world.advance(120_000);
    const back = await world.online('jesse');
    await back.receives(`<presence from='${chris.fullJid}'><status>…with…</status></presence>`);
    back.says(chris.jid, 'sorry');
    await chris.hears('sorry');
    await world.advance(400_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });
});
