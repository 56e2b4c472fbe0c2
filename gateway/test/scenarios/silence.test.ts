import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { scenario, scenarios } from '../support/scenario.ts';
import { conference } from '../support/talking.ts';

const STATES = 'http://jabber.org/protocol/chatstates';
const MARKERS = 'urn:xmpp:chat-markers:0';

scenarios('who observes', () => {
  scenario(
    'G09 G10 leaves no trace at all: with no app of the others, nor on the page, whatever their apps do',
    { observers: ['boss', 'nora@acme.com'], tenant: { canned: { texts: [{ name: 'hello', text: 'canary' }] } } },
    async (world) => {
      const { jesse, varun, chris } = await conference(world);
      const late = await world.online('jesse', { resource: 'b' });
      const mia = await world.online('mia');
      jesse.says(chris.fullJid, '$invite mia');
      await mia.receives(`<message><body>▸ The last lines…</body></message>`);
      const nora = await world.online('nora@acme.com');
      const boss = await world.online('boss', { resource: 'a', sm: true });
      const phone = await world.online('boss', { resource: 'b' });
      const others = [jesse, varun, late, mia];
      for (const app of others) await app.settle();
      const told = (app: App): readonly string[] => app.transcript.filter((text) => isOfChat(text, chris.jid));
      const before = others.map((app) => told(app).length);
      const view = JSON.stringify(chris.view);

      boss.says(chris.fullJid, '$observe');
      await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
      const last = await boss.receives(
        `<message from='${chris.fullJid}'><body>▸ Varun Shah: Varun here.</body></message>`,
      );
      await phone.receives(`<message from='${chris.fullJid}'><body>▸ Varun Shah: Varun here.</body></message>`);
      for (const state of ['active', 'composing', 'paused', 'inactive']) phone.state(chris.fullJid, state);
      boss.sends(
        `<message to='${chris.fullJid}' type='chat'><displayed xmlns='${MARKERS}' id='${last.attrs['id']}'/></message>`,
      );
      boss.says(chris.fullJid, 'canary', `<composing xmlns='${STATES}'/><request xmlns='urn:xmpp:receipts'/>`);
      boss.sends(
        `<message to='${chris.fullJid}' type='chat' id='x1'><reactions xmlns='urn:xmpp:reactions:0' id='${last.attrs['id']}'><reaction>👍</reaction></reactions></message>`,
      );
      boss.sends(
        `<message to='${chris.fullJid}' type='chat' id='x2'><retract xmlns='urn:xmpp:message-retract:1' id='${last.attrs['id']}'/></message>`,
      );
      boss.sends(
        `<message to='${chris.fullJid}' type='chat' id='x3'><body>canary</body><replace xmlns='urn:xmpp:message-correct:0' id='${last.attrs['id']}'/></message>`,
      );
      for (const text of [
        '$who',
        '$info',
        '$history',
        '$help',
        '$foo',
        '$$5',
        '$5',
        '$push https://acme.example/canary',
        '$invite nora',
        '$transfer nora',
        '$canned send hello',
        '$transfer team:Support',
        '$mail a@acme.example',
      ]) {
        boss.says(chris.fullJid, text);
        await world.advance(1_000);
      }
      await nora.receivesNothing(`<message/>`, 'who only listens asks nobody in');
      nora.says(chris.fullJid, '$observe');
      await nora.receives(`<message><body>▸ You observe this chat…</body></message>`);
      await boss.settle();
      await phone.settle();
      boss.cut();
      phone.cut();
      await nora.leaves();
      await world.advance(40_000);
      const back = await world.online('boss', { resource: 'a' });
      await back.receives(`<presence from='${chris.fullJid}'><status>…observed by…</status></presence>`);
      back.says(chris.fullJid, '$leave');
      await back.receives(`<message><body>▸ You no longer observe this chat.</body></message>`);

      for (const app of others) await app.settle();
      for (const [index, app] of others.entries())
        assert.deepEqual(told(app).slice(before[index]), [], `${app.jid} has heard of it`);
      await chris.reads();
      assert.equal(JSON.stringify(chris.view?.with), JSON.stringify((JSON.parse(view) as { with: unknown }).with));
      assert.equal(chris.staffTyping, undefined);
      assert.doesNotMatch(JSON.stringify([chris.seen, chris.view]), /canary|Bo Str|Nora|bserv|👍/u);
    },
  );
});

/** Messages and presence of the visitor's contact, and pushes of it; pings and acks are none. */
function isOfChat(text: string, jid: string): boolean {
  return text.startsWith('← ') && text.includes(jid);
}
