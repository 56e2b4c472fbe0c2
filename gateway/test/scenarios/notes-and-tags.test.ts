import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

scenarios('notes and tags', () => {
  scenario(
    'a note is for colleagues alone: all in the chat read it, in all their apps, the visitor never',
    async (world) => {
      const jesse = await world.online('jesse', { resource: 'desk' });
      const phone = await world.online('jesse', { resource: 'phone', carbons: true });
      const chris = await world.visitor('Chris').asks('Where is my order?');
      jesse.says(chris.jid, 'Let me look.');
      await chris.hears('Let me look.');
      jesse.says(chris.jid, '$note Wants a refund.');
      for (const app of [jesse, phone])
        await app.receives(
          `<message from='${chris.fullJid}'><body>▸ Note by Jesse Stone: Wants a refund.</body></message>`,
        );
      jesse.says(chris.jid, 'It is on its way.');
      await chris.hears('It is on its way.');
      assert.ok(!JSON.stringify(chris.seen).includes('refund'), 'nothing of it is on the page');
    },
  );

  scenario('$info shows notes and tags to colleagues, also after a restart', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Where is my order?');
    jesse.says(chris.jid, 'Let me look.');
    await chris.hears('Let me look.');
    jesse.says(chris.jid, '$note Wants a refund.');
    await jesse.receives(`<message><body>▸ Note by Jesse Stone: Wants a refund.</body></message>`);
    jesse.says(chris.jid, '$tag refund, VIP');
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Tags: refund, VIP.</body></message>`);
    await world.restart();
    await chris.opensPage(world.site);
    const varun = await world.online('varun');
    varun.says(chris.jid, '$info');
    await varun.receives(
      `<message from='${chris.fullJid}'><body>▸ …Tags: refund, VIP…Note by Jesse Stone: Wants a refund.…</body></message>`,
    );
  });

  scenario('who joins later is played no note, and finds it in $info', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    jesse.says(chris.jid, '$note Wants a refund.');
    await jesse.receives(`<message><body>▸ Note by …</body></message>`);
    await varun.receivesNothing(`<message><body>…refund…</body></message>`, 'a note is for those in the chat');
    varun.says(chris.jid, 'I can help.');
    await chris.hears('I can help.');
    await varun.receives(
      `<message from='${chris.fullJid}'><body>…Let me look.</body><delay xmlns='urn:xmpp:delay'/></message>`,
    );
    await varun.receivesNothing(`<message><body>…refund…</body></message>`, 'G24 no note is in a transcript');
    varun.says(chris.jid, '$info');
    await varun.receives(`<message><body>▸ …Wants a refund.…</body></message>`);
  });
});
