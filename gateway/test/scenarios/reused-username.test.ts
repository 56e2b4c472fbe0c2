import assert from 'node:assert/strict';
import { wholeArchive } from '../support/archive.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import { conference, talking } from '../support/talking.ts';

const USERNAME = 'varun';

/** Varun Shah is staff no more. */
async function leavesTheCompany(world: World): Promise<void> {
  await world.reconfigure((config) => ({
    ...config,
    helpdesk: { ...config.helpdesk, staff: config.helpdesk.staff.filter((one) => one.username !== USERNAME) },
  }));
  await world.advance(6_000);
}

/** Somebody else gets the username. */
async function comes(world: World, name = 'Vera New'): Promise<void> {
  await world.reconfigure((config) => {
    const { staff } = config.helpdesk;
    const rest = staff.filter((one) => one.username !== USERNAME);
    const hash = staff[0]?.hash ?? '';
    const vera = { username: USERNAME, name, teams: ['sales'], permissions: [], disabled: false, hash };
    return { ...config, helpdesk: { ...config.helpdesk, staff: [...rest, vera] } };
  });
  await world.advance(1_000);
}

async function newApp(world: World) {
  const app = await world.online(USERNAME, { resource: 'test' });
  await app.settle();
  return app;
}

const bodies = (archived: Awaited<ReturnType<typeof wholeArchive>>) => archived.map(({ body }) => body);

scenarios('a username that was somebody else’s', () => {
  scenario('has nothing of that one’s chats and texts', async (world) => {
    const { varun, jesse, chris } = await conference(world);
    jesse.says('varun@acme.test', 'private for Varun Shah');
    await varun.receives(`<message><body>private for Varun Shah</body></message>`);
    varun.says(chris.fullJid, '$leave');
    await varun.settle();
    await varun.leaves();
    jesse.says('varun@acme.test', 'for later');
    await jesse.settle();
    await leavesTheCompany(world);
    await comes(world);
    const vera = await newApp(world);
    assert.deepEqual(bodies(await wholeArchive(vera)), []);
    assert.deepEqual(vera.bodies('jesse@acme.test'), []);
    jesse.says('varun@acme.test', 'Welcome!');
    await vera.receives(`<message><body>Welcome!</body></message>`);
    assert.deepEqual(bodies(await wholeArchive(vera)), ['Welcome!']);
  });

  scenario('has nothing of them either when it changed hands while nothing ran', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    jesse.says('varun@acme.test', 'private for Varun Shah');
    await varun.receives(`<message><body>private for Varun Shah</body></message>`);
    const dana = await world.visitor('Dana').asks('Where is it?');
    await world.ringingAt([jesse, varun], dana);
    varun.says(dana.fullJid, 'Let me see.');
    await varun.settle();
    await world.stop();
    await world.reconfigure((config) => ({
      ...config,
      helpdesk: { ...config.helpdesk, staff: config.helpdesk.staff.filter((one) => one.username !== USERNAME) },
    }));
    await world.start();
    await world.advance(1_000);
    await comes(world);
    const vera = await newApp(world);
    assert.deepEqual(bodies(await wholeArchive(vera)), []);
    assert.ok(
      vera.bodies(dana.jid).includes('▸ Varun Shah: Let me see.'),
      'what the former one said in a chat that waits again is not hers',
    );
  });

  scenario('gets nothing of a chat that has just ended', async (world) => {
    const { jesse } = await talking(world);
    const varun = await world.online('varun', { resource: 'test' });
    const dana = await world.visitor('Dana').asks('my diagnosis');
    await varun.receives(`<message from='${dana.fullJid}'><body>my diagnosis</body></message>`);
    varun.says(dana.fullJid, 'ok');
    await dana.hears('ok');
    await dana.ends();
    await jesse.settle();
    await leavesTheCompany(world);
    await comes(world);
    const vera = await newApp(world);
    vera.says(dana.fullJid, '$history');
    await vera.settle();
    assert.ok(!vera.bodies(dana.jid).some((body) => body.includes('diagnosis')), vera.bodies(dana.jid).join());
    assert.deepEqual(vera.bodies(dana.jid).length, 0);
  });

  scenario('has nothing of what that one’s apps kept at the gateway', async (world) => {
    const note = (text: string) =>
      `<query xmlns='jabber:iq:private'><storage xmlns='storage:rosternotes'>${text}</storage></query>`;
    const kept = async (app: Awaited<ReturnType<typeof newApp>>) =>
      (await app.iq('get', note(''))).getChild('query')?.getChildText('storage', 'storage:rosternotes');
    const varun = await newApp(world);
    await varun.iq('set', note('Jesse is a bore'));
    assert.equal(await kept(varun), 'Jesse is a bore');
    await leavesTheCompany(world);
    await comes(world);
    assert.equal(await kept(await newApp(world)), '');
  });

  scenario('is the same person’s again when the entry is put back as it was', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    jesse.says('varun@acme.test', 'Hello Varun');
    await varun.receives(`<message><body>Hello Varun</body></message>`);
    await leavesTheCompany(world);
    await comes(world, 'Varun Shah');
    assert.deepEqual(bodies(await wholeArchive(await newApp(world))), ['Hello Varun']);
  });
});
