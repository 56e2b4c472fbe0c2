import assert from 'node:assert/strict';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const DELAY = `<delay xmlns='urn:xmpp:delay' stamp='2026-…Z'/>`;
const composing = `<composing xmlns='http://jabber.org/protocol/chatstates'/>`;
const WATCHERS = { observers: ['boss', 'varun'] };

async function observing(world: World) {
  const { jesse, chris } = await talking(world);
  const boss = await world.online('boss', { resource: 'desk' });
  boss.says(chris.fullJid, '$observe');
  await boss.receives(`<message from='${chris.fullJid}'><body>▸ You observe this chat…</body></message>`);
  await boss.receives(`<message><body>▸ Jesse Stone: Let me look.</body>${DELAY}</message>`);
  await boss.settle();
  return { jesse, chris, boss };
}

scenarios('$observe', () => {
  scenario('plays the transcript back and goes on live, with names', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    await boss.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body>${DELAY}</message>`);
    await chris.says('Hello?');
    await boss.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    jesse.says(chris.fullJid, 'One moment.');
    await boss.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone: One moment.</body></message>`);
    chris.types();
    await boss.receives(`<message from='${chris.fullJid}'>${composing}</message>`);
  });

  scenario(
    'who is asked into a chat of another team cannot observe it, and is told why',
    { observers: ['mia'] },
    async (world) => {
      const { jesse, chris } = await talking(world);
      const mia = await world.online('mia');
      jesse.says(chris.fullJid, '$invite mia');
      await mia.receives(`<message><body>▸ Jesse Stone invites…</body></message>`);
      await mia.settle();
      mia.forgets();
      mia.says(chris.fullJid, '$help');
      const help = await mia.receives(`<message><body>▸ You are asked into this chat…</body></message>`);
      assert.ok(!help.getChildText('body')?.includes('$observe'));
      mia.says(chris.fullJid, '$observe');
      await mia.receives(`<message><body>▸ You can observe the chats of your own teams only…</body></message>`);
    },
  );

  scenario('nobody but other observers is told', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
    assert.deepEqual(chris.texts('notice'), ['Jesse Stone joined the chat.']);
    jesse.says(chris.fullJid, '$who');
    const told = await jesse.receives(`<message><body>▸ Chris (visitor)…</body></message>`);
    assert.doesNotMatch(told.getChildText('body') ?? '', /Bo Ström|bserv/u);
    await jesse.receivesNothing(`<message><body>…Bo Ström…</body></message>`, 'it is silent');
    await jesse.receivesNothing(`<presence><status>…observed…</status></presence>`, 'it is silent');
    const nora = await world.online('nora@acme.com');
    await nora.receives(`<presence from='${chris.fullJid}'><status>with Jesse Stone since …</status></presence>`);
    await nora.receivesNothing(`<presence><status>…observed…</status></presence>`, 'it is silent');
    const varun = await world.online('varun');
    varun.says(chris.fullJid, '$observe');
    for (const app of [varun, boss])
      await app.receives(
        `<presence from='${chris.fullJid}'><show>dnd</show><status>with Jesse Stone since …, observed by Bo Ström, Varun Shah</status></presence>`,
      );
    boss.says(chris.fullJid, '$who');
    await boss.receives(`<message><body>▸ …Observing: Bo Ström (you), Varun Shah. Nobody else knows.</body></message>`);
    const late = await world.online('boss', { resource: 'late' });
    await late.receives(
      `<presence from='${chris.fullJid}'><status>with Jesse Stone since …, observed by Bo Ström, Varun Shah</status></presence>`,
    );
    await jesse.receivesNothing(`<presence><status>…observed…</status></presence>`, 'it is silent');
  });

  scenario('G10 what an observer types is not sent, and neither is that they type', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    boss.sends(`<message to='${chris.fullJid}' type='chat'>${composing}</message>`);
    const id = boss.says(chris.fullJid, 'Tell them the truth!');
    await boss.receives(`<message type='error' from='${chris.fullJid}' id='${id}'/>`);
    await boss.receives(
      `<message from='${chris.fullJid}'><body>▸ Not sent: you observe this chat. $join…</body></message>`,
    );
    boss.says(chris.fullJid, '$$5');
    await boss.receives(`<message><body>▸ Not sent: you observe this chat…</body></message>`);
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
    assert.equal(chris.staffTyping, undefined);
    await jesse.receivesNothing(`<message><body>…truth…</body></message>`, 'it was not said');
  });

  scenario('G10 $join takes part, and what is written then is sent', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    boss.forgets();
    boss.says(chris.fullJid, '$join');
    await chris.isTold('Bo Ström joined');
    await boss.receives(`<message><body>▸ You are in this chat now…</body></message>`);
    boss.says(chris.fullJid, 'Good day.');
    await chris.hears('Good day.');
    await jesse.receives(`<message><body>▸ Bo Ström: Good day.</body></message>`);
    await boss.receivesNothing(`<message><body>Where is my order?</body></message>`, 'Bo has read that');
    await boss.receives(
      `<presence from='${chris.fullJid}'><status>with Jesse Stone, Bo Ström since …</status></presence>`,
    );
  });

  for (const command of ['$leave', '$end'])
    scenario(`${command} stops it, and the chat goes on`, WATCHERS, async (world) => {
      const { jesse, chris, boss } = await observing(world);
      boss.says(chris.fullJid, command);
      await boss.receives(`<message from='${chris.fullJid}'><body>▸ You no longer observe this chat.</body></message>`);
      await chris.says('Hello?');
      await jesse.receives(`<message><body>Hello?</body></message>`);
      await boss.receivesNothing(`<message><body>Hello?</body></message>`, 'Bo has stopped');
      await chris.isIn('running');
      assert.deepEqual(chris.texts('notice'), ['Jesse Stone joined the chat.']);
    });

  scenario('closing its window stops it', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    boss.forgets();
    boss.state(chris.fullJid, 'gone');
    await boss.settle();
    await world.advance(20_000);
    await boss.receives(
      `<presence from='${chris.fullJid}'><show>dnd</show><status>with Jesse Stone since …</status></presence>`,
    );
    await chris.says('Hello?');
    await jesse.receives(`<message><body>Hello?</body></message>`);
    await boss.receivesNothing(`<message><body>…</body></message>`, 'the window is closed');
    await chris.isIn('running');
  });

  scenario('G09 without the permission the helpdesk refuses, and $help does not offer it', WATCHERS, async (world) => {
    const { chris } = await talking(world);
    const nora = await world.online('nora@acme.com');
    nora.says(chris.fullJid, '$observe');
    await nora.receives(`<message><body>▸ You do not have the permission to observe chats.</body></message>`);
    nora.says(chris.fullJid, '$help');
    const help = await nora.receives(`<message><body>…$join: …</body></message>`);
    assert.doesNotMatch(help.getChildText('body') ?? '', /^\$observe/mu);
    await chris.says('Hello?');
    await nora.receivesNothing(`<message><body>Hello?</body></message>`, 'Nora does not observe');
  });

  scenario('G10 what an observer was typing when the last one left is not sent either', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    jesse.says(chris.fullJid, '$leave');
    await boss.receives(`<message><body>▸ You no longer observe this chat.</body></message>`);
    boss.says(chris.fullJid, 'Between us: he is lying.');
    await boss.receives(`<message><body>▸ Not sent: you observed this chat until now…</body></message>`);
    boss.says(chris.fullJid, 'Hello, this is Bo.');
    await chris.hears('Hello, this is Bo.');
    assert.ok(!chris.texts('staff').includes('Between us: he is lying.'));
  });

  scenario('who stops observing by a command takes part with the next text', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    boss.says(chris.fullJid, '$leave');
    await boss.receives(`<message><body>▸ You no longer observe this chat.</body></message>`);
    await boss.settle();
    boss.says(chris.fullJid, 'May I?');
    await chris.hears('May I?');
    await jesse.receives(`<message><body>▸ Bo Ström: May I?</body></message>`);
  });

  scenario('ends with the permission', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    await world.reconfigure((config) => ({
      ...config,
      helpdesk: {
        ...config.helpdesk,
        staff: config.helpdesk.staff.map((one) =>
          one.username === 'boss' ? { ...one, permissions: ['all-teams' as const] } : one,
        ),
      },
    }));
    await boss.receives(`<message><body>▸ You no longer observe this chat.</body></message>`);
    await chris.says('Hello?');
    await jesse.receives(`<message><body>Hello?</body></message>`);
    await boss.receivesNothing(`<message><body>Hello?</body></message>`, 'Bo must not');
  });

  scenario('an observer can be invited: $join accepts', WATCHERS, async (world) => {
    const { jesse, chris, boss } = await observing(world);
    jesse.says(chris.fullJid, '$invite boss have a look');
    await boss.receives(
      `<message><body>▸ Jesse Stone invites you…: have a look…$join accepts. $end declines…</body></message>`,
    );
    boss.says(chris.fullJid, 'On my way.');
    await boss.receives(`<message><body>▸ Not sent: you observe this chat…</body></message>`);
    boss.says(chris.fullJid, '$join');
    await jesse.receives(`<message><body>▸ Bo Ström has accepted your invitation.</body></message>`);
    await chris.isTold('Bo Ström joined');
  });

  scenario('the end of the chat is told to observers, too', WATCHERS, async (world) => {
    const { chris, boss } = await observing(world);
    await chris.ends();
    await boss.receives(`<message from='${chris.fullJid}'><body>▸ Chris ended the chat.</body></message>`);
    await boss.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });

  scenario('goes on over a restart of everything', WATCHERS, async (world) => {
    const { chris, boss } = await observing(world);
    await boss.settle();
    await world.kill();
    await chris.opensPage(world.site);
    const again = await world.online('boss', { resource: 'desk' });
    await again.receives(
      `<presence from='${chris.fullJid}'><status>with Jesse Stone since …, observed by Bo Ström</status></presence>`,
    );
    await chris.says('Are you back?');
    await again.receives(`<message><body>Are you back?</body></message>`);
    const id = again.says(chris.fullJid, 'Still silent.');
    await again.receives(`<message type='error' id='${id}'/>`);
    await again.receivesNothing(`<message><body>Where is my order?</body></message>`, 'Bo had that');
  });
});
