import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { scenario, scenarios } from '../support/scenario.ts';

scenarios('pictures', () => {
  scenario(
    'a visitor has a picture, the same for all who see them and for as long as the chat lasts',
    async (world) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris').asks('Hello?');
      const wanted = `<presence from='${chris.fullJid}'><x xmlns='vcard-temp:x:update'><photo>*</photo></x></presence>`;
      const presence = await jesse.receives(`<presence from='${chris.fullJid}'/>`);
      const sha1 = presence.getChild('x', 'vcard-temp:x:update')?.getChildText('photo') ?? '';
      const card = await jesse.iq('get', `<vCard xmlns='vcard-temp'/>`, chris.jid);
      const data = card.getChild('vCard')?.getChild('PHOTO')?.getChildText('BINVAL') ?? '';
      assert.equal(hash('sha1', Buffer.from(data, 'base64')), sha1);
      await world.restart();
      for (const username of ['jesse', 'varun']) {
        const app = await world.online(username);
        await app.receives(wanted.replace('*', sha1));
      }
    },
  );
});
