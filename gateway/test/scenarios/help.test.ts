import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { scenario, scenarios } from '../support/scenario.ts';
import { talking } from '../support/talking.ts';

const GATEWAY = 'gateway@visitors.acme.test';
const COMMANDS = 'http://jabber.org/protocol/commands';

/** Names of what `$help` offers in this window. */
async function helpOf(app: App, to: string): Promise<readonly string[]> {
  await app.settle();
  app.forgets();
  app.says(to, '$help');
  const told = await app.receives(`<message><body>▸ …$help: …</body></message>`);
  return Array.from((told.getChildText('body') ?? '').matchAll(/^\$(\w+)/gmu), ([, name]) => name ?? '');
}

async function menuOf(app: App, to: string): Promise<readonly string[]> {
  const list = await app.iq('get', `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`, to);
  return (list.getChild('query')?.getChildren('item') ?? []).map(({ attrs }) => attrs['node'] ?? '');
}

const ALWAYS = ['help', 'who', 'staff', 'queue', 'messages', 'info', 'history', 'status'];
const sorted = (names: readonly string[]): readonly string[] => names.toSorted();

scenarios('$help', () => {
  scenario(
    'shows what can be done in this chat now, by this staff user, on this helpdesk; the menu of the contact shows the same',
    { observers: ['boss'], banning: ['jesse'] },
    async (world) => {
      const { jesse, chris } = await talking(world);
      const nora = await world.online('nora@acme.com');
      const boss = await world.online('boss');
      const mia = await world.online('mia');
      const shows = async (app: App, who: string, more: readonly string[]): Promise<void> => {
        assert.deepEqual(sorted(await helpOf(app, chris.fullJid)), sorted([...ALWAYS, ...more]), who);
        assert.deepEqual(sorted(await menuOf(app, chris.fullJid)), sorted([...ALWAYS, ...more]), `menu: ${who}`);
      };
      const inIt = ['end', 'invite', 'transfer', 'leave', 'note', 'tag', 'push'];
      await shows(jesse, 'takes part', [...inIt, 'ban']);
      await shows(nora, 'sees it', ['join']);
      await shows(boss, 'sees it and may observe', ['join', 'observe']);
      boss.says(chris.fullJid, '$observe');
      await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
      await shows(boss, 'observes', ['join', 'end', 'leave', 'note', 'tag']);
      jesse.says(chris.fullJid, '$invite mia');
      await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
      await shows(mia, 'is invited', ['join', 'end']);

      const general = await helpOf(jesse, GATEWAY);
      assert.deepEqual(sorted(general), sorted(['help', 'staff', 'queue', 'messages', 'ban', 'status']));
      for (const name of ['mail', 'canned']) {
        jesse.says(chris.fullJid, `$${name}`);
        await jesse.receives(
          `<message from='${chris.fullJid}'><body>▸ This helpdesk cannot do $${name}…</body></message>`,
        );
      }
    },
  );
});
