import assert from 'node:assert/strict';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import type { Visitor } from '../support/visitor.ts';

const MARKABLE = "<markable xmlns='urn:xmpp:chat-markers:0'/>";
const displayed = (to: string, id: string) =>
  `<message to='${to}' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='${id}'/></message>`;

async function chatting(world: World) {
  const jesse = await world.online('jesse', { resource: 'desk' });
  const phone = await world.online('jesse', { resource: 'phone', carbons: true });
  const chris = await world.visitor('Chris').asks('Hello?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  const first = jesse.says(chris.jid, 'Hi', MARKABLE);
  await chris.hears('Hi');
  return { jesse, phone, chris, first };
}

function pageShows({ options, ticket }: Visitor, line: number): void {
  options.site.seen?.(options.tenant, ticket, line);
}

const numberOf = (visitor: Visitor, text: string) => visitor.seen.find((line) => line.text === text)?.number ?? 0;

scenarios('who has seen what', () => {
  scenario('the apps of the author are told what the visitor has seen', async (world) => {
    const { jesse, phone, chris, first } = await chatting(world);
    const second = jesse.says(chris.jid, 'How can I help?', MARKABLE);
    await chris.hears('How can I help?');
    pageShows(chris, numberOf(chris, 'Hi'));
    for (const app of [jesse, phone])
      await app.receives(
        `<message from='${chris.fullJid}'><displayed xmlns='urn:xmpp:chat-markers:0' id='${first}'/></message>`,
      );
    pageShows(chris, numberOf(chris, 'How can I help?'));
    await jesse.receives(
      `<message from='${chris.fullJid}'><displayed xmlns='urn:xmpp:chat-markers:0' id='${second}'/></message>`,
    );
  });

  scenario('an app that does not ask is not told', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.says(chris.jid, 'plain');
    await chris.hears('plain');
    pageShows(chris, 1_000);
    await jesse.receives(`<message><displayed xmlns='urn:xmpp:chat-markers:0'/></message>`);
    await jesse.receivesNothing(`<message><displayed xmlns='urn:xmpp:chat-markers:0'/></message>`, 'only one asked');
  });

  scenario('the visitor’s page knows what staff have seen', async (world) => {
    const { jesse, chris } = await chatting(world);
    await chris.says('Where is it?');
    const line = await jesse.receives(
      `<message from='${chris.fullJid}'><body>Where is it?</body>${MARKABLE}</message>`,
    );
    assert.equal(chris.view?.seen ?? 0, 0);
    jesse.sends(displayed(chris.fullJid, line.attrs['id'] ?? ''));
    const number = numberOf(chris, 'Where is it?');
    await world.until(async () => {
      await chris.reads();
      return chris.view?.seen === number;
    }, 'the page does not know');
  });

  scenario('G18 nobody learns what those have seen who are asked or only observe', async (world) => {
    const { jesse, chris } = await chatting(world);
    await chris.says('Where is it?');
    const line = await jesse.receives(`<message from='${chris.fullJid}'><body>Where is it?</body></message>`);
    const id = line.attrs['id'] ?? '';
    const varun = await world.online('varun');
    varun.sends(displayed(chris.fullJid, id));
    jesse.says(chris.jid, '$invite Varun');
    await varun.receives(`<message from='${chris.fullJid}'/>`);
    varun.sends(displayed(chris.fullJid, id));
    await varun.settle();
    await chris.reads();
    assert.equal(chris.view?.seen ?? 0, 0);
  });

  scenario('a receipt says that the helpdesk has the message', async (world) => {
    const { jesse, chris } = await chatting(world);
    const sent = jesse.says(chris.jid, 'On its way.', "<request xmlns='urn:xmpp:receipts'/>");
    await jesse.receives(
      `<message from='${chris.fullJid}'><received xmlns='urn:xmpp:receipts' id='${sent}'/></message>`,
    );
    await chris.hears('On its way.');
  });
});
