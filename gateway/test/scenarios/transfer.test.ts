import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { conference, talking } from '../support/talking.ts';

scenarios('$transfer', () => {
  scenario('to a colleague: the request says so; by leaves as soon as it is accepted', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer Mia Wong she asked for you');
    await mia.receives(
      `<message from='${chris.fullJid}'><body>▸ Jesse Stone hands the chat with Chris (Sales) over to you: she asked for you…Any reply accepts…</body></message>`,
    );
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Mia Wong is asked to take over. You stay in the chat until then.</body></message>`,
    );
    jesse.says(chris.fullJid, 'A colleague will help you.');
    await chris.hears('A colleague will help you.');
    mia.says(chris.fullJid, 'I have it here.');
    await chris.hears('I have it here.');
    const told = await chris.isTold('Mia Wong');
    assert.ok(told.text.includes('Jesse Stone'), told.text);
    assert.deepEqual(chris.view?.with, ['Mia Wong']);
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Mia Wong has taken over the chat. You are no longer in it.</body></message>`,
    );
    await jesse.receives(
      `<presence from='${chris.fullJid}'><show>dnd</show><status>with Mia Wong since …</status></presence>`,
    );
    await jesse.receivesNothing(`<message><body>▸ You have left…</body></message>`, 'that is told already');
    await mia.receives(
      `<message><body>▸ Jesse Stone: A colleague will help you.</body><delay xmlns='urn:xmpp:delay'/></message>`,
    );
    await chris.says('Thanks!');
    await mia.receives(`<message><body>Thanks!</body></message>`);
    await jesse.receivesNothing(`<message><body>Thanks!</body></message>`, 'Jesse has handed over');
  });

  scenario('declined: who asked is told, and stays in the chat', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer mia');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    mia.says(chris.fullJid, '$end');
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Mia Wong does not take over the chat. You are still in the chat.</body></message>`,
    );
    jesse.says(chris.fullJid, 'Still me.');
    await chris.hears('Still me.');
  });

  scenario('in a conference the others stay', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer mia');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    mia.says(chris.fullJid, 'Mia here.');
    await varun.receives(`<message><body>▸ Mia Wong: Mia here.</body></message>`);
    await varun.receives(
      `<presence from='${chris.fullJid}'><status>with Varun Shah, Mia Wong since …</status></presence>`,
    );
  });

  scenario('to a colleague whom one has invited takes the place of that: their contact stays', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await mia.receives(`<presence from='${chris.fullJid}'><show>chat</show></presence>`);
    jesse.says(chris.fullJid, '$transfer mia');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    await jesse.receives(`<message><body>▸ Mia Wong is asked to take over…</body></message>`);
    await mia.receivesNothing(`<presence from='${chris.fullJid}' type='unavailable'/>`, 'she is still asked');
    await mia.receivesNothing(
      `<iq type='set'><query xmlns='jabber:iq:roster'><item subscription='remove'/></query></iq>`,
      'she is still asked',
    );
    await mia.receivesNothing(`<message><body>▸ The invitation was withdrawn.</body></message>`, 'it is another one');
    await jesse.receivesNothing(`<message><body>▸ Mia Wong is not asked any more.</body></message>`, 'she is');
    mia.says(chris.fullJid, 'I have it here.');
    await jesse.receives(`<message><body>▸ Mia Wong has taken over the chat…</body></message>`);
  });

  scenario('is withdrawn when who asked leaves otherwise', async (world) => {
    const { jesse, chris } = await conference(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer mia');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    jesse.says(chris.fullJid, '$end');
    await mia.receives(`<message><body>▸ The request to take over was withdrawn.</body></message>`);
    await mia.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });

  scenario('to a team: its available members are asked, and the chat becomes that team’s', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer team:Support a broken parcel');
    await mia.receives(
      `<message><body>▸ Jesse Stone hands the chat with Chris (Sales) over to Support: a broken parcel…</body></message>`,
    );
    await jesse.receives(`<message><body>▸ Support is asked to take over…</body></message>`);
    mia.says(chris.fullJid, 'Support here.');
    await chris.hears('Support here.');
    await jesse.receives(`<message><body>▸ Mia Wong has taken over the chat…</body></message>`);
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    mia.says(chris.fullJid, '$leave');
    await mia.receives(`<presence from='${chris.fullJid}'><status>waiting since … for Support</status></presence>`);
  });

  scenario('to a team of which nobody takes over: who asked stays, and is told', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer team:"Support"');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    mia.says(chris.fullJid, '$end');
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Nobody of Support took over the chat. You are still in it.</body></message>`,
    );
    jesse.says(chris.fullJid, 'Still me.');
    await chris.hears('Still me.');
  });

  scenario(
    'to a team that is asked all at once: the first one wins, and the others’ texts are not sent',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      const mia = await world.online('mia');
      const chris = await world.visitor('Chris').asks('Hello?', 'support');
      await mia.receives(`<message><body>Hello?</body></message>`);
      mia.says(chris.fullJid, 'Hi');
      await chris.hears('Hi');
      const jesse = await world.online('jesse');
      const varun = await world.online('varun');
      await world.advance(5_000);
      mia.says(chris.fullJid, '$transfer team:sales');
      for (const app of [jesse, varun])
        await app.receives(`<message><body>▸ Mia Wong hands the chat…</body></message>`);
      jesse.says(chris.fullJid, 'Jesse here.');
      await chris.hears('Jesse here.');
      await varun.receives(`<message><body>▸ Taken over by Jesse Stone.</body></message>`);
      varun.says(chris.fullJid, 'Varun here.');
      await varun.receives(`<message><body>▸ Taken by Jesse Stone. Your text was not sent…</body></message>`);
      await chris.reads();
      assert.deepEqual(chris.texts('staff'), ['Hi', 'Jesse here.']);
      assert.deepEqual(chris.view?.with, ['Jesse Stone']);
    },
  );

  scenario('to a team that cannot take over at all: every app of who asked is told that, once', async (world) => {
    const { jesse, chris } = await talking(world);
    const phone = await world.online('jesse', { resource: 'phone' });
    await phone.settle();
    for (const app of [jesse, phone]) app.forgets();
    jesse.says(chris.fullJid, '$transfer team:Support now');
    for (const app of [jesse, phone]) {
      await app.receives(
        `<message><body>▸ Nobody of Support is available. You are still in the chat.</body></message>`,
      );
      await app.settle();
      assert.deepEqual(app.bodies(chris.jid), []);
    }
  });

  scenario('to a team that there is not, or to nobody, is a local error', async (world) => {
    const { jesse, chris } = await talking(world);
    jesse.says(chris.fullJid, '$transfer team:Legal');
    await jesse.receives(
      `<message><body>▸ There is no team named “legal”. The teams are: Sales, Support.</body></message>`,
    );
    jesse.says(chris.fullJid, '$transfer');
    await jesse.receives(`<message><body>▸ Write $transfer and a name…</body></message>`);
    jesse.says(chris.fullJid, '$transfer team:');
    await jesse.receives(`<message><body>▸ Write the team too…</body></message>`);
    jesse.says(chris.fullJid, '$invite team:Support');
    await jesse.receives(`<message><body>▸ Only colleagues can be invited…</body></message>`);
  });

  scenario('G07 to oneself, to who is in the chat already, or to who is offline, is a local error', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    for (const [whom, answer] of [
      ['jesse', '▸ That is you…'],
      ['varun', '▸ Varun Shah is in this chat already…'],
      ['Nora Berg', '▸ Nora Berg is offline…'],
      ['zoe', '▸ There is no colleague named “zoe”…'],
    ]) {
      jesse.says(chris.fullJid, `$transfer ${whom}`);
      await jesse.receives(`<message from='${chris.fullJid}'><body>${answer}</body></message>`);
    }
    await varun.receivesNothing(`<message><body>▸ Jesse Stone hands…</body></message>`, 'nobody was asked');
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone', 'Varun Shah']);
  });

  scenario('goes on over a restart of everything', async (world) => {
    const { jesse, chris } = await talking(world, { resource: 'desk' });
    const mia = await world.online('mia', { resource: 'desk' });
    jesse.says(chris.fullJid, '$transfer mia');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    await mia.settle();
    await world.restart();
    await chris.opensPage(world.site);
    const [again, too] = [
      await world.online('jesse', { resource: 'desk' }),
      await world.online('mia', { resource: 'desk' }),
    ];
    await too.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    too.says(chris.fullJid, 'Taken over.');
    await chris.hears('Taken over.');
    await again.receives(
      `<message><body>▸ Mia Wong has taken over the chat. You are no longer in it.</body></message>`,
    );
    assert.deepEqual(chris.view?.with, ['Mia Wong']);
  });
});
