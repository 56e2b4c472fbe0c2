/** The page in Chromium and the apps of staff at the two ends of a whole gateway, with nothing scripted in between. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { silentLogger, systemClock } from '@chat-gateway/runtime';
import type { Page } from 'playwright-core';
import { limitsSchema } from '../../gateway/src/config/schema.ts';
import { createWebServer, type WebServer } from '../../gateway/src/web/server.ts';
import type { App } from '../../gateway/test/support/app.ts';
import { openWorld, type World } from '../../gateway/test/support/world.ts';
import { findings, openVisitor, pngOf, PUBLIC_URL, screenshot, startChat, until, useBrowser } from './open-page.ts';

const UPLOAD = 'urn:xmpp:http:upload:0';

let world: World;
let server: WebServer;
let url: string;
let page: Page;
let complaints: string[];
let requested: Set<string>;
useBrowser();
beforeEach(async () => {
  world = await openWorld(1);
  await world.reconfigure((config) => ({ ...config, publicUrl: PUBLIC_URL }));
  server = createWebServer({
    tenants: world.tenants,
    site: world.site,
    files: world.files,
    clock: systemClock,
    log: silentLogger,
    limits: limitsSchema.parse({}),
    trustedProxies: [],
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  url = `http://localhost:${port}`;
  ({ page, complaints, requested } = await openVisitor());
});
afterEach(async () => {
  await server.close();
  await world.close();
});

/** Address of the visitor who asked this, as the app has it. */
async function asked(app: App, question: string): Promise<string> {
  const message = await app.receives(`<message><body>${question}</body></message>`);
  return message.attrs['from'] ?? '';
}
const bubbles = async () =>
  (await page.locator('.messages:not(.pending) .bubble').allInnerTexts()).map((text) => text.replace(/\s+/gu, ' '));

async function chatting() {
  const jesse = await world.online('jesse');
  await page.goto(`${url}/?tenant=acme.test`);
  await startChat(page);
  const chris = await asked(jesse, 'Where is my order?');
  const first = jesse.says(chris, 'Let me lok.');
  await page.getByText('Let me lok.').waitFor();
  return { jesse, chris, first };
}

describe('a page and apps', () => {
  it('several staff in one chat: who joins, says, types and leaves is seen', async () => {
    const { jesse, chris } = await chatting();
    const varun = await world.online('varun');
    await varun.receives(`<presence from='${chris}'/>`);
    jesse.says(chris, '$invite Varun please help');
    await varun.receives(`<message from='${chris}'/>`);
    varun.says(chris, 'Hello, I can help too.');
    await page.getByText('Hello, I can help too.').waitFor();
    await page.getByRole('status').getByText('Chatting with Jesse Stone and Varun Shah').waitFor();
    await page.getByText('Varun Shah joined').waitFor();
    assert.deepEqual(await page.locator('.sender').allInnerTexts(), ['Jesse Stone', 'Varun Shah']);
    jesse.state(chris, 'composing');
    varun.state(chris, 'composing');
    await page.getByText('Jesse Stone and Varun Shah are typing…').waitFor();
    await screenshot(page, 'apps-conference');
    assert.deepEqual(await findings(page), []);
    jesse.says(chris, '$end');
    await page.getByText('Jesse Stone left').waitFor();
    await page.getByRole('status').getByText('Chatting with Varun Shah', { exact: true }).waitFor();
    assert.equal(await page.getByText('$').count(), 0);
    assert.deepEqual(complaints, []);
  });

  it('what an app corrects, answers, reacts to and takes back is on the page, also after a reload', async () => {
    const { jesse, chris, first } = await chatting();
    jesse.says(chris, 'Let me look.', `<replace xmlns='urn:xmpp:message-correct:0' id='${first}'/>`);
    await page.getByText('Let me look. edited').waitFor();
    const wrong = jesse.says(chris, 'It is lost.');
    await page.getByText('It is lost.').waitFor();
    jesse.sends(
      `<message to='${chris}' type='chat' id='r1'><retract xmlns='urn:xmpp:message-retract:1' id='${wrong}'/><body>taken back</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/></message>`,
    );
    await page.getByText('Message removed', { exact: true }).waitFor();
    await page.getByLabel('Write a message').fill('And the invoice?');
    await page.getByLabel('Write a message').press('Enter');
    const line = await jesse.receives(`<message from='${chris}'><body>And the invoice?</body></message>`);
    const id = line.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id'] ?? line.attrs['id'] ?? '';
    jesse.sends(
      `<message to='${chris}' type='chat' id='r2'><reactions xmlns='urn:xmpp:reactions:0' id='${line.attrs['id'] ?? id}'><reaction>👍</reaction></reactions></message>`,
    );
    await page.locator('.message.you .reactions').getByText('👍').waitFor();
    jesse.says(
      chris,
      'It is on its way.',
      `<reply xmlns='urn:xmpp:reply:0' to='${chris}' id='${line.attrs['id'] ?? id}'/>`,
    );
    await page.getByRole('button', { name: 'In reply to You: And the invoice?' }).waitFor();
    const expected = [
      'Where is my order?',
      'Let me look. edited',
      'Message removed',
      'And the invoice?',
      'In reply to You: You And the invoice? It is on its way.',
    ];
    assert.deepEqual(await bubbles(), expected);
    await page.reload();
    await page.getByText('It is on its way.').waitFor();
    assert.deepEqual(await bubbles(), expected);
    assert.deepEqual(await page.locator('.reactions li > span:first-child').allInnerTexts(), ['👍']);
    await screenshot(page, 'apps-extras');
    assert.deepEqual(complaints, []);
  });

  it('files go both ways', async () => {
    const { jesse, chris } = await chatting();
    const content = pngOf(64, 48);
    const answer = await jesse.iq(
      'get',
      `<request xmlns='${UPLOAD}' filename='map.png' size='${content.length}' content-type='image/png'/>`,
      'visitors.acme.test',
    );
    const slot = answer.getChild('slot', UPLOAD);
    const own = (address: string | undefined) => (address ?? '').replace(PUBLIC_URL, url);
    const put = await fetch(own(slot?.getChild('put')?.attrs['url']), {
      method: 'PUT',
      body: content,
      headers: { 'Content-Type': 'image/png' },
    });
    assert.equal(put.status, 201);
    const address = slot?.getChild('get')?.attrs['url'] ?? '';
    jesse.says(chris, address, `<x xmlns='jabber:x:oob'><url>${address}</url></x>`);
    await page.getByRole('img', { name: 'Picture map.png' }).waitFor();
    await until(
      async () => await page.evaluate<boolean>("document.querySelector('.picture img').naturalWidth === 64"),
      'the picture',
    );
    await page.locator('input[type=file]').setInputFiles([{ name: 'box.png', mimeType: 'image/png', buffer: content }]);
    await page.getByRole('img', { name: 'Picture box.png' }).waitFor();
    const told = await jesse.receives(`<message from='${chris}'><x xmlns='jabber:x:oob'/></message>`);
    const shared = told.getChild('x', 'jabber:x:oob')?.getChildText('url') ?? '';
    assert.equal(told.getChildText('body'), shared);
    const got = await fetch(own(shared));
    assert.deepEqual(Buffer.from(await got.arrayBuffer()), content);
    assert.deepEqual(complaints, []);
    assert.deepEqual([...requested], [url]);
  });

  it('a page that staff push is a card; what was seen is told both ways', async () => {
    const { jesse, chris } = await chatting();
    jesse.says(chris, '$push https://shop.example/orders/1');
    await page.getByText('Jesse Stone suggests this page').waitFor();
    assert.equal(
      await page.getByRole('link', { name: 'Open page' }).getAttribute('href'),
      'https://shop.example/orders/1',
    );
    await page.getByLabel('Write a message').fill('Thanks');
    await page.getByLabel('Write a message').press('Enter');
    const line = await jesse.receives(`<message from='${chris}'><body>Thanks</body></message>`);
    jesse.sends(
      `<message to='${chris}' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='${line.attrs['id'] ?? ''}'/></message>`,
    );
    await page.locator('.message.you').last().getByText('Seen', { exact: true }).waitFor();
    const id = jesse.says(
      chris,
      'Anything else?',
      `<markable xmlns='urn:xmpp:chat-markers:0'/><request xmlns='urn:xmpp:receipts'/>`,
    );
    await jesse.receives(`<message from='${chris}'><displayed xmlns='urn:xmpp:chat-markers:0' id='${id}'/></message>`);
    assert.deepEqual(complaints, []);
  });

  it('a visitor who was banned is told plainly, and the helpdesk hears nothing more of them', async () => {
    await world.reconfigure((config) => ({
      ...config,
      helpdesk: {
        ...config.helpdesk,
        staff: config.helpdesk.staff.map((staff) => ({ ...staff, permissions: [...staff.permissions, 'ban'] })),
      },
    }));
    const { jesse, chris } = await chatting();
    jesse.says(chris, '$ban spam');
    await page.getByText('The chat was ended by the helpdesk.').waitFor();
    await page.getByRole('button', { name: 'Start a new chat' }).click();
    await page.getByLabel('Your question').fill('Me again');
    await page.getByRole('button', { name: 'Start chat' }).click();
    await page.getByText('Sorry, no chat can be started now.').waitFor();
    assert.deepEqual(complaints, []);
  });
});
