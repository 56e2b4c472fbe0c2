import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

scenarios('pages to look at', () => {
  scenario('$push asks the visitor to look at a page, and colleagues read which', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    varun.says(chris.jid, 'Me too.');
    await chris.hears('Me too.');
    jesse.says(chris.jid, '$push https://www.acme.example/pay');
    const line = await chris.hears('https://www.acme.example/pay');
    assert.equal(line.extra?.is, 'push');
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Chris is asked to look at the page.</body></message>`,
    );
    await varun.receives(`<message from='${chris.fullJid}'><body>▸ …https://www.acme.example/pay…</body></message>`);
  });

  scenario('G16 only web addresses are pushed', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Where do I pay?');
    jesse.says(chris.jid, 'I show you.');
    await chris.hears('I show you.');
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'https://acme.example@evil.example/']) {
      jesse.says(chris.jid, `$push ${address}`);
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Write $push …Nothing was sent.</body></message>`);
    }
    assert.deepEqual(chris.texts('staff'), ['I show you.']);
  });
});
