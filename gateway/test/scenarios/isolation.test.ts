import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { wholeArchive } from '../support/archive.ts';
import { scenario, scenarios } from '../support/scenario.ts';
import { conference } from '../support/talking.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';

scenarios('another tenant with the same people', () => {
  scenario(
    'I01 I02 G07 hears nothing of invitations, transfers, observers, notes, tags, pages and bans, and can do nothing to them',
    { observers: ['boss'], banning: ['boss'] },
    async (world) => {
      const strangers: App[] = [];
      for (const username of ['jesse', 'varun', 'mia', 'boss'])
        strangers.push(await world.online(username, { domain: 'other.test' }));
      for (const app of strangers) {
        await app.settle();
        app.forgets();
      }
      const { jesse, varun, chris } = await conference(world);
      const mia = await world.online('mia');
      const boss = await world.online('boss');
      boss.says(chris.fullJid, '$observe');
      await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
      for (const text of ['$note canary', '$tag canary', '$push https://acme.example/canary', '$invite mia canary'])
        jesse.says(chris.fullJid, text);
      await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
      mia.says(chris.fullJid, 'Mia here.');
      await chris.hears('Mia here.');
      varun.says(chris.fullJid, '$transfer boss canary');
      await boss.receives(`<message><body>▸ Varun Shah hands the chat…</body></message>`);

      const there = chris.fullJid;
      const here = `${chris.ticket.chat}@visitors.other.test`;
      const view = JSON.stringify(chris.view?.with);
      for (const app of strangers) {
        for (const to of [there, here])
          for (const text of ['let me in', '$join', '$observe', '$end', '$ban', '$note x']) app.says(to, text);
        app.says('mia@acme.test', 'canary');
        for (const to of [there, here]) {
          for (const query of [
            `<vCard xmlns='vcard-temp'/>`,
            `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`,
            `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4'/></pubsub>`,
            `<query xmlns='jabber:iq:version'/>`,
          ])
            assert.equal((await app.iq('get', query, to)).attrs['type'], 'error', `${query} to ${to}`);
          const run = await app.iq('set', `<command xmlns='${COMMANDS}' node='end' action='execute'/>`, to);
          assert.equal(run.attrs['type'], 'error');
        }
        assert.deepEqual(await wholeArchive(app, { with: chris.jid }), []);
        assert.deepEqual(await wholeArchive(app), []);
        await app.settle();
        for (const stanza of app.received) assert.notEqual(stanza.attrs['type'], 'set', 'no roster push');
        const heard = app.transcript.filter((text) => text.startsWith('← ')).join('\n');
        assert.doesNotMatch(heard.replaceAll(/type='error'[^\n]*/gu, ''), /canary|Where is my order|acme\.test/u);
      }
      await chris.reads();
      assert.equal(JSON.stringify(chris.view?.with), view);
      assert.doesNotMatch(JSON.stringify(chris.seen), /let me in/u);
      await mia.receivesNothing(`<message from='…other.test…'/>`, 'texts go to nobody outside');
      await chris.isIn('running');
    },
  );
});
