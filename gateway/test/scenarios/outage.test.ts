import assert from 'node:assert/strict';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const GATEWAY = 'gateway@visitors.acme.test';
const AWAY = `<message from='${GATEWAY}/gateway'><body>▸ The helpdesk has not answered since …</body></message>`;
const BACK = `<message from='${GATEWAY}/gateway'><body>▸ The helpdesk answers again …</body></message>`;

/** Lets time pass no faster than the store can do meanwhile what is asked of it. */
async function pass(
  world: World,
  visitor: Awaited<ReturnType<typeof talking>>['chris'],
  seconds: number,
): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await world.advance(1_000);
    await visitor.reads().catch(() => undefined);
  }
}

scenarios('outages', () => {
  scenario(
    'a helpdesk that is away is told once to each staff user, with what happens to the text, and so is its return',
    async (world) => {
      const { jesse, chris } = await talking(world);
      const varun = await world.online('varun');
      const mia = await world.online('mia');
      world.storeDown = true;
      jesse.says(chris.fullJid, 'It is on its way.');
      await pass(world, chris, 20);
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ The helpdesk does not answer. Your text is kept…</body></message>`,
      );
      for (const app of [jesse, varun, mia]) {
        await app.receives(AWAY);
        await app.receivesNothing(AWAY, 'it was told already');
      }
      await pass(world, chris, 120);
      for (const app of [jesse, varun, mia]) await app.receivesNothing(AWAY, 'it was told already');
      assert.ok(!chris.texts('staff').includes('It is on its way.'));
      world.storeDown = false;
      await pass(world, chris, 30);
      for (const app of [jesse, varun, mia]) {
        await app.receives(BACK);
        await app.receivesNothing(BACK, 'once');
      }
      await chris.hears('It is on its way.');
      assert.equal(chris.texts('staff').filter((text) => text === 'It is on its way.').length, 1, 'and once');
    },
  );

  scenario('who logs in in the middle is told too', async (world) => {
    const { jesse, chris } = await talking(world);
    world.storeDown = true;
    jesse.says(chris.fullJid, 'Still there?');
    await pass(world, chris, 20);
    await jesse.receives(AWAY);
    const varun = await world.online('varun');
    await varun.receives(AWAY);
    world.storeDown = false;
    await pass(world, chris, 30);
    await varun.receives(BACK);
    await chris.hears('Still there?');
  });

  scenario('who logs in in the middle gets what was said before as soon as it is there', async (world) => {
    const { jesse, chris } = await talking(world);
    await jesse.leaves();
    await chris.says('Are you there?');
    world.storeDown = true;
    const again = await world.online('jesse');
    await pass(world, chris, 20);
    world.storeDown = false;
    await pass(world, chris, 30);
    await again.receives(`<message from='${chris.fullJid}'><body>Are you there?</body></message>`);
  });

  scenario('a stumble of a second is told to nobody', async (world) => {
    const { jesse, chris } = await talking(world);
    world.storeDown = true;
    jesse.says(chris.fullJid, 'It is on its way.');
    await pass(world, chris, 1);
    world.storeDown = false;
    await pass(world, chris, 30);
    await chris.hears('It is on its way.');
    await jesse.receivesNothing(AWAY, 'nobody had time to notice');
  });

  scenario(
    'commands say that the helpdesk does not answer, and what changes something is done later',
    async (world) => {
      const { jesse, chris } = await talking(world);
      world.storeDown = true;
      jesse.says(chris.fullJid, '$history');
      await pass(world, chris, 20);
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ The helpdesk does not answer.</body></message>`);
      jesse.says(chris.fullJid, '$note Wants a refund.');
      await pass(world, chris, 20);
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ The helpdesk does not answer. $note is done as soon as it does.</body></message>`,
      );
      world.storeDown = false;
      await pass(world, chris, 30);
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ Note by Jesse Stone: Wants a refund.</body></message>`,
      );
    },
  );

  scenario(
    'a full queue is told to staff when it begins and when it ends',
    { limits: { waitingChatsPerTenant: 2 } },
    async (world) => {
      const mia = await world.online('mia');
      const first = await world.visitor('First').asks('Hello?', 'support');
      const second = await world.visitor('Second').asks('Hello?', 'support');
      await mia.receives(`<message from='${GATEWAY}/gateway'><body>▸ As many visitors wait as can.…</body></message>`);
      await assert.rejects(world.visitor('Third').asks('Hello?', 'support'));
      const jesse = await world.online('jesse');
      await jesse.receives(
        `<message from='${GATEWAY}/gateway'><body>▸ As many visitors wait as can.…</body></message>`,
      );
      for (const visitor of [first, second]) {
        mia.says(visitor.fullJid, 'Hello!');
        await visitor.hears('Hello!');
      }
      for (const app of [jesse, mia])
        await app.receives(
          `<message from='${GATEWAY}/gateway'><body>▸ There is room in the queue again…</body></message>`,
        );
      await world.visitor('Fourth').asks('Hello?', 'support');
    },
  );

  scenario('a line that is too long is refused in the chat, with what can be done', async (world) => {
    const { jesse, chris } = await talking(world);
    const id = jesse.says(chris.fullJid, 'x'.repeat(4_001));
    await jesse.receives(`<message type='error' id='${id}'/>`);
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Not sent: one message has at most 4000 characters. Send it in parts.</body></message>`,
    );
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
  });
});
