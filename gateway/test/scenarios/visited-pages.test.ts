import assert from 'node:assert/strict';
import { serialize } from '../../src/xmpp/serialize.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';

const VCARD = `<vCard xmlns='vcard-temp'/>`;
const VCARD4 = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4'/></pubsub>`;

/** Everything that an app can read of the visitor. */
async function known(
  world: World,
  app: Awaited<ReturnType<World['online']>>,
  jid: string,
): Promise<Record<string, string>> {
  app.forgets();
  app.says(jid, '$info');
  const info = await app.receives(`<message from='${jid}…'><body>▸ …</body></message>`);
  await world.advance(0);
  return {
    'vcard-temp': serialize(await app.iq('get', VCARD, jid)),
    vCard4: serialize(await app.iq('get', VCARD4, jid)),
    $info: info.getChildText('body') ?? '',
  };
}

scenarios('the pages that a visitor goes to', () => {
  scenario('are on the contact card at once, each with its own title', async (world) => {
    const jesse = await world.online('jesse');
    const page = { url: 'https://acme.test/shoes', title: 'Shoes', referrer: 'https://search.test/' };
    const chris = await world.visitor('Chris', { page }).asks('Hello?');
    jesse.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    for (const [where, text] of Object.entries(await known(world, jesse, chris.jid))) {
      for (const fact of ['https://acme.test/shoes', 'Shoes', 'https://search.test/'])
        assert.ok(text.includes(fact), where);
    }
    await chris.visits({ url: 'https://acme.test/boots', title: 'Boots', referrer: 'https://acme.test/shoes' });
    for (const [where, text] of Object.entries(await known(world, jesse, chris.jid))) {
      for (const fact of ['https://acme.test/boots', 'Boots', 'https://search.test/'])
        assert.ok(text.includes(fact), where);
      assert.ok(!text.includes('Shoes') && !text.includes('/shoes'), where);
    }
    await chris.visits({ url: 'https://acme.test/hats' });
    for (const [where, text] of Object.entries(await known(world, jesse, chris.jid))) {
      assert.ok(text.includes('https://acme.test/hats') && !text.includes('Boots'), where);
    }
  });
});
