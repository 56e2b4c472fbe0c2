import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const DELAY = `<delay xmlns='urn:xmpp:delay' stamp='2026-…Z'/>`;

scenarios('joining a chat', () => {
  scenario('a message to a visitor in Visitors (Chatting) joins that chat', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun', { resource: 'desk' });
    const phone = await world.online('varun', { resource: 'phone' });
    await varun.receives(
      `<presence from='${chris.fullJid}'><show>dnd</show><status>with Jesse Stone since …</status></presence>`,
    );
    varun.says(chris.jid, 'May I help?');
    await chris.hears('May I help?');
    await chris.isTold('Varun Shah joined');
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Varun Shah: May I help?</body></message>`);
    for (const app of [varun, phone]) {
      await app.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body>${DELAY}</message>`);
      await app.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone: Let me look.</body>${DELAY}</message>`);
      await app.receives(
        `<presence from='${chris.fullJid}'><status>with Jesse Stone, Varun Shah since …</status></presence>`,
      );
    }
    await phone.receives(`<message from='${chris.fullJid}'><body>▸ You: May I help?</body></message>`);
    await varun.receivesNothing(`<message><body>▸ You: May I help?</body></message>`, 'it was written there');
  });

  scenario('several lines written at once all get there, in order', async (world) => {
    const { chris } = await talking(world);
    const varun = await world.online('varun');
    for (const text of ['one', 'two', 'three']) varun.says(chris.fullJid, text);
    await chris.hears('three');
    assert.deepEqual(chris.texts('staff'), ['Let me look.', 'one', 'two', 'three']);
  });

  scenario('an automatic reply of an app that is away does not join', async (world) => {
    const { chris } = await talking(world);
    const varun = await world.online('varun', { presence: '<show>xa</show>' });
    const id = varun.says(chris.fullJid, 'I am on holiday.');
    await varun.receives(`<message type='error' id='${id}'/>`);
    await varun.receives(`<message><body>▸ Not sent…automatic reply. To join the chat…</body></message>`);
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
    varun.says(chris.fullJid, 'It is really me.');
    await chris.hears('It is really me.');
  });

  scenario('a command joins nothing, whatever it says', async (world) => {
    const { chris } = await talking(world);
    const varun = await world.online('varun');
    for (const text of ['$who', '$foo', '$ help', '$info']) varun.says(chris.fullJid, text);
    await varun.settle();
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
  });

  scenario('$join takes part without a word', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    varun.says(chris.fullJid, '$join');
    await varun.receives(
      `<message from='${chris.fullJid}'><body>▸ You are in this chat now: what you write goes to Chris.</body></message>`,
    );
    await varun.receives(`<message><body>Where is my order?</body>${DELAY}</message>`);
    await jesse.receives(`<message><body>▸ Varun Shah joined the chat.</body></message>`);
    await chris.isTold('Varun Shah joined');
    varun.says(chris.fullJid, '$join');
    await varun.receives(`<message><body>▸ You are in this chat already.</body></message>`);
  });

  scenario('what is written right behind $join is said', async (world) => {
    const { chris } = await talking(world);
    const varun = await world.online('varun');
    varun.says(chris.fullJid, '$join');
    varun.says(chris.fullJid, 'Hello, Chris.');
    await chris.hears('Hello, Chris.');
  });

  scenario('$join accepts an invitation, and a transfer', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$transfer mia');
    await mia.receives(`<message><body>▸ Jesse Stone hands the chat…</body></message>`);
    mia.says(chris.fullJid, '$join');
    await jesse.receives(
      `<message><body>▸ Mia Wong has taken over the chat. You are no longer in it.</body></message>`,
    );
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Mia Wong']);
  });

  scenario('$join of a chat that waits says that any text takes it', async (world) => {
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris').asks('Hello?');
    await varun.receives(`<presence from='${chris.fullJid}'/>`);
    varun.says(chris.fullJid, '$join');
    await varun.receives(`<message><body>▸ Chris waits: any text takes the chat.</body></message>`);
    await chris.isIn('waiting');
  });

  scenario('a chat of another team cannot be joined, and is not there', async (world) => {
    const { chris } = await talking(world);
    const mia = await world.online('mia');
    const id = mia.says(chris.fullJid, 'Hello?');
    await mia.receives(`<message type='error' id='${id}'/>`);
    mia.says(chris.fullJid, '$join');
    await mia.settle();
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
  });

  scenario('who has left can come back, and gets what was said meanwhile', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    varun.says(chris.fullJid, 'One.');
    await chris.hears('One.');
    await varun.receives(`<message><body>▸ Jesse Stone: Let me look.</body></message>`);
    varun.says(chris.fullJid, '$end');
    await varun.receives(`<presence from='${chris.fullJid}'><status>with Jesse Stone since …</status></presence>`);
    await chris.says('Meanwhile.');
    await jesse.receives(`<message><body>Meanwhile.</body></message>`);
    await varun.receivesNothing(`<message><body>Meanwhile.</body></message>`, 'Varun has left');
    varun.forgets();
    varun.says(chris.fullJid, 'Back again.');
    await chris.hears('Back again.');
    await varun.receives(`<message><body>Meanwhile.</body>${DELAY}</message>`);
    await varun.receivesNothing(`<message><body>Where is my order?</body></message>`, 'Varun had that');
  });

  scenario('three staff users with two apps each, one app of each gone and back', async (world) => {
    const { jesse, chris } = await talking(world, { sm: true, resource: 'a' });
    const apps = [
      jesse,
      await world.online('jesse', { sm: true, resource: 'b' }),
      await world.online('varun', { sm: true, resource: 'a' }),
      await world.online('varun', { sm: true, resource: 'b' }),
      await world.online('boss', { sm: true, resource: 'a' }),
      await world.online('boss', { sm: true, resource: 'b' }),
    ] as const;
    const [, , varun, , boss] = apps;
    varun.says(chris.fullJid, 'Varun.');
    await chris.hears('Varun.');
    boss.says(chris.fullJid, 'Boss.');
    await chris.hears('Boss.');
    for (const app of apps) await app.settle();
    for (const app of [apps[1], apps[3], apps[5]]) app.cut();
    for (let n = 0; n < 5; n++) {
      await chris.says(`v${n}`);
      jesse.says(chris.fullJid, `j${n}`);
      await chris.hears(`j${n}`);
    }
    for (const app of [apps[1], apps[3], apps[5]]) {
      world.moveApp(app);
      assert.equal(await app.returns(), true);
    }
    await chris.says('the end');
    for (const app of apps) {
      await world.until(() => app.bodies(chris.jid).includes('the end'), `${app.jid} did not get the end`);
      const lines = app.bodies(chris.jid).filter((body) => /^v\d$/u.test(body));
      assert.deepEqual(lines, ['v0', 'v1', 'v2', 'v3', 'v4'], app.jid);
      if (app.bareJid === jesse.bareJid) continue;
      const theirs = app.bodies(chris.jid).filter((body) => body.startsWith('▸ Jesse Stone: j'));
      assert.deepEqual(
        theirs,
        [0, 1, 2, 3, 4].map((n) => `▸ Jesse Stone: j${n}`),
        app.jid,
      );
    }
  });
});
