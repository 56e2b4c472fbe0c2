import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { conference, talking } from '../support/talking.ts';

scenarios('a conference', () => {
  scenario('goes on with the others when somebody is away for 5 min, and the visitor is told', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    await jesse.leaves();
    await world.advance(299_000);
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone', 'Varun Shah']);
    await world.advance(2_000);
    await chris.isTold('Jesse Stone had to go.');
    assert.deepEqual([chris.view?.phase.is, chris.view?.with], ['running', ['Varun Shah']]);
    await varun.receives(`<presence from='${chris.fullJid}'><status>with Varun Shah since …</status></presence>`);
    varun.says(chris.fullJid, 'I am still here.');
    await chris.hears('I am still here.');
  });

  scenario('of which nobody is left goes back to the front of the queue', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    const waits = await world.visitor('Dana').asks('And I?');
    const nora = await world.online('nora@acme.com', { resource: 'desk' });
    await Promise.all([jesse.leaves(), varun.leaves()]);
    await nora.receives(`<message from='${waits.fullJid}'><body>And I?</body></message>`);
    nora.says(waits.fullJid, '$end');
    await nora.settle();
    await world.advance(301_000);
    await chris.isTold('you are first in line');
    await chris.isIn('waiting');
    await nora.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body></message>`);
  });

  scenario('is left by who is disabled; what they are asked is over', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await world.reconfigure((config) => ({
      ...config,
      helpdesk: {
        ...config.helpdesk,
        staff: config.helpdesk.staff.map((one) => ({
          ...one,
          disabled: one.username === 'varun' || one.username === 'mia',
        })),
      },
    }));
    await chris.isTold('Varun Shah had to go.');
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
    jesse.says(chris.fullJid, '$who');
    const who = await jesse.receives(`<message from='${chris.fullJid}'><body>▸ …Jesse Stone…</body></message>`);
    assert.doesNotMatch(who.getChildText('body') ?? '', /Varun|Mia/u);
    await world.until(() => varun.closed && mia.closed, 'their streams are open');
  });
});

scenarios('a hand-over to a team', () => {
  scenario('asks one after the other, each for 60 s, and goes on over a restart of everything', async (world) => {
    const mia = await world.online('mia', { resource: 'desk' });
    const chris = await world.visitor('Chris').asks('Hello?', 'support');
    await mia.receives(`<message><body>Hello?</body></message>`);
    mia.says(chris.fullJid, 'Hi');
    await chris.hears('Hi');
    const jesse = await world.online('jesse', { resource: 'desk' });
    await world.advance(5_000);
    const varun = await world.online('varun', { resource: 'desk' });
    await world.advance(5_000);
    mia.says(chris.fullJid, '$transfer team:Sales');
    await jesse.receives(`<message><body>▸ Mia Wong hands the chat…</body></message>`);
    await varun.receivesNothing(`<message><body>▸ Mia Wong hands the chat…</body></message>`, 'one at a time');
    await world.restart();
    await chris.opensPage(world.site);
    await world.online('jesse', { resource: 'desk' });
    const later = await world.online('varun', { resource: 'desk' });
    const again = await world.online('mia', { resource: 'desk' });
    await world.advance(60_000);
    await later.receives(`<message><body>▸ Mia Wong hands the chat…</body></message>`);
    later.says(chris.fullJid, 'Varun here.');
    await chris.hears('Varun here.');
    await again.receives(`<message><body>▸ Varun Shah has taken over the chat…</body></message>`);
    assert.deepEqual(chris.view?.with, ['Varun Shah']);
  });

  scenario('asks nobody for two chats at once', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    const dana = await world.visitor('Dana').asks('And I?', 'support');
    await mia.receives(`<message from='${dana.fullJid}'><body>And I?</body></message>`);
    jesse.says(chris.fullJid, '$transfer team:Support');
    await mia.receivesNothing(`<message><body>▸ Jesse Stone hands the chat…</body></message>`, 'another request rings');
    mia.says(dana.fullJid, '$end');
    await mia.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone hands the chat…</body></message>`);
  });
});
