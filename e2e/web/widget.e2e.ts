import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { BrowserContextOptions, Frame, Page } from 'playwright-core';
import {
  desktop,
  findings,
  openBrowser,
  type OpenedHelpdesk,
  openHelpdesk,
  openVisitor,
  openWebsite,
  phone,
  screenshot,
  startChat,
  until,
  useBrowser,
} from './open-page.ts';

let helpdesk: OpenedHelpdesk;
let website: Awaited<ReturnType<typeof openWebsite>>;
let stranger: Awaited<ReturnType<typeof openWebsite>>;

const shop = (path: string) => `<!doctype html><html lang="en"><head><title>Shop ${path}</title>
  <meta name="viewport" content="width=device-width"></head>
  <body><main><h1>Shop</h1><p><a href="/cart">Cart</a></p></main>
  <script src="${helpdesk.url}/widget.js" data-tenant="localhost" async></script></body></html>`;
/** As strict as a website can be that still wants the widget. */
const policy = () => `default-src 'none'; script-src ${helpdesk.url}; frame-src ${helpdesk.url}`;

useBrowser();
beforeEach(async () => {
  // the website's port has to be known to the helpdesk, and the other way round
  let html: (path: string) => string = () => '';
  const server = await openWebsite(
    (path) => html(path),
    () => policy(),
  );
  helpdesk = await openHelpdesk([`http://127.0.0.1:${server.port}`]);
  html = shop;
  website = server;
  stranger = await openWebsite(shop);
});
afterEach(async () => {
  website.server.close();
  stranger.server.close();
  await helpdesk.close();
});

async function visit(options: BrowserContextOptions = desktop, path = '/') {
  const visitor = await openVisitor(options);
  await visitor.page.goto(`http://127.0.0.1:${website.port}${path}`);
  const frame = visitor.page.frameLocator('chat-gateway-widget iframe');
  return { ...visitor, frame, launcher: visitor.page.locator('chat-gateway-widget .launcher') };
}
const chatFrame = async (page: Page): Promise<Frame> => {
  const handle = await page.locator('chat-gateway-widget iframe').elementHandle();
  const frame = await handle?.contentFrame();
  assert.ok(frame);
  return frame;
};

describe('the widget on a website of another origin', () => {
  it('opens the chat, tells new messages while it is closed, and goes on over the pages of the website', async () => {
    const { page, frame, launcher, complaints, requested } = await visit();
    assert.equal(await page.locator('chat-gateway-widget iframe').count(), 0);
    await screenshot(page, 'widget-closed');
    await launcher.click();
    await frame.getByLabel('Your name').waitFor();
    await screenshot(page, 'widget-start');
    await frame.getByLabel('Your name').fill('Chris');
    await frame.getByLabel('Your question').fill('Is it in stock?');
    await frame.getByRole('button', { name: 'Start chat' }).click();
    await frame.getByText('Waiting for Sales').waitFor();
    const chat = helpdesk.site.newest();
    assert.equal(chat.form.page.url, `http://127.0.0.1:${website.port}/`);
    assert.equal(chat.form.page.title, 'Shop /');
    helpdesk.site.answer(chat, 'Jesse', 'It is.');
    await frame.getByText('It is.').waitFor();
    await screenshot(page, 'widget-running');
    assert.deepEqual(await findings(page), []);

    await page.keyboard.press('Escape');
    await until(async () => (await launcher.getAttribute('aria-expanded')) === 'false', 'the closed widget');
    assert.equal(
      await page.evaluate<string>("document.activeElement?.shadowRoot?.activeElement?.className ?? ''"),
      'launcher',
    );
    helpdesk.site.answer(chat, 'Jesse', 'Shall I reserve one?');
    await until(async () => (await launcher.getAttribute('aria-label')) === 'Open chat (1 new message)', 'the count');
    await screenshot(page, 'widget-unread');

    await page.getByRole('link', { name: 'Cart' }).click();
    await page.waitForURL('**/cart');
    // the chat goes on without being opened
    helpdesk.site.answer(chat, 'Jesse', 'Hello?');
    await until(async () => (await launcher.getAttribute('aria-label'))?.includes('new message') === true, 'the count');
    await until(() => chat.pages.at(-1)?.url?.endsWith('/cart') === true, 'the new page');
    await launcher.click();
    await frame.getByText('Hello?').waitFor();
    await until(async () => (await launcher.getAttribute('aria-label')) === 'Close chat', 'the open widget');
    await page.evaluate("history.pushState({}, '', '/checkout')");
    await until(() => chat.pages.at(-1)?.url?.endsWith('/checkout') === true, 'the page after that');
    assert.deepEqual(complaints, []);
    assert.deepEqual([...requested].sort(), [`http://127.0.0.1:${website.port}`, helpdesk.url].sort());
  });

  it('a page that staff push is opened by the website itself, after a click, and the chat goes on there', async () => {
    const { page, frame, launcher, complaints } = await visit();
    await launcher.click();
    await frame.getByLabel('Your name').waitFor();
    await startChat(await chatFrame(page));
    const { site } = helpdesk;
    const chat = site.newest();
    const address = `http://127.0.0.1:${website.port}/orders/1234`;
    site.answer(chat, 'Jesse', address, { is: 'push' });
    await frame.getByText('Jesse suggests this page').waitFor();
    await screenshot(page, 'widget-push');
    assert.deepEqual(await findings(page), []);
    // nothing happens without the visitor
    assert.equal(new URL(page.url()).pathname, '/');
    await frame.getByRole('link', { name: 'Open page' }).click();
    await page.waitForURL('**/orders/1234');
    await frame.getByText('Jesse suggests this page').waitFor();
    assert.equal(await launcher.getAttribute('aria-expanded'), 'true');
    await until(() => chat.pages.at(-1)?.url === address, 'the page that the visitor is on');
    // that was for the page that was opened: other pages begin as always
    await page.reload();
    assert.equal(await launcher.getAttribute('aria-expanded'), 'false');
    assert.equal(page.context().pages().length, 1);
    assert.deepEqual(complaints, []);
  });

  it('a page that staff push covers nothing of a phone with the chat', async () => {
    const { page, frame, launcher } = await visit(phone);
    await launcher.tap();
    await frame.getByLabel('Your name').waitFor();
    await startChat(await chatFrame(page));
    const address = `http://127.0.0.1:${website.port}/orders/1234`;
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', address, { is: 'push' });
    await frame.getByRole('link', { name: 'Open page' }).tap();
    await page.waitForURL('**/orders/1234');
    await until(async () => (await launcher.getAttribute('aria-expanded')) === 'false', 'the launcher');
  });

  it('G16 goes nowhere for who is not the chat, and to no address that runs something', async () => {
    const { page, frame, launcher, complaints } = await visit();
    await launcher.click();
    await frame.getByLabel('Your name').waitFor();
    const open = (url: string) => `{ chatGateway: 1, type: 'open', url: ${JSON.stringify(url)} }`;
    // not from the frame
    await page.evaluate(`postMessage(${open(`${website.port}/evil`)}, '*')`);
    const inside = await chatFrame(page);
    for (const url of ['javascript:document.title="run"', 'data:text/html,x', 'blob:x', 'no address', ''])
      await inside.evaluate(`parent.postMessage(${open(url)}, '*')`);
    await inside.evaluate("parent.postMessage({ chatGateway: 1, type: 'close' }, '*')");
    await until(async () => (await launcher.getAttribute('aria-expanded')) === 'false', 'the last message');
    assert.equal(new URL(page.url()).pathname, '/');
    assert.equal(await page.title(), 'Shop /');
    assert.deepEqual(complaints, []);
  });

  it('tells what was seen only while it is open', async () => {
    const { page, frame, launcher } = await visit();
    await launcher.click();
    await frame.getByLabel('Your name').waitFor();
    await startChat(await chatFrame(page));
    const { site } = helpdesk;
    const chat = site.newest();
    const first = site.answer(chat, 'Jesse', 'one');
    await until(() => chat.shown.at(-1) === first.number, 'the first line');
    await launcher.click();
    const second = site.answer(chat, 'Jesse', 'two');
    await until(async () => (await launcher.getAttribute('aria-label')) === 'Open chat (1 new message)', 'the count');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(chat.shown.at(-1), first.number);
    await launcher.click();
    await until(() => chat.shown.at(-1) === second.number, 'the second line');
  });

  it('is used and resized with the keyboard alone', async () => {
    const { page, frame, launcher } = await visit();
    await launcher.focus();
    await page.keyboard.press('Enter');
    await frame.getByLabel('Your name').waitFor();
    const form = await chatFrame(page);
    await until(
      async () => (await form.evaluate<string>('document.activeElement.id')) === 'field-name',
      'the focus in the form',
    );
    const panel = page.locator('chat-gateway-widget .panel');
    const width = (await panel.boundingBox())?.width ?? 0;
    await page.locator('chat-gateway-widget .grip').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.equal((await panel.boundingBox())?.width, width + 48);
    const box = await page.locator('chat-gateway-widget .grip').boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + 12, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + 112, box.y + 62, { steps: 4 });
    await page.mouse.up();
    assert.equal((await panel.boundingBox())?.width, width + 48 - 100);
    await page.keyboard.press('Escape');
    assert.equal(await panel.isVisible(), false);
  });

  it('fills the screen of a phone and is closed by its own button', async () => {
    const { page, frame, launcher } = await visit(phone);
    await launcher.tap();
    await frame.getByLabel('Your name').waitFor();
    await screenshot(page, 'widget-phone');
    assert.deepEqual(await page.locator('chat-gateway-widget .panel').boundingBox(), {
      x: 0,
      y: 0,
      width: 360,
      height: 640,
    });
    await frame.getByRole('button', { name: 'Close chat window' }).tap();
    // the frame asks the website, which has a process of its own
    await page.locator('chat-gateway-widget .panel').waitFor({ state: 'hidden' });
    assert.equal(await launcher.isVisible(), true);
  });

  it('a website that is not of this helpdesk cannot show the page, nor can it be listened to', async () => {
    const { page } = await openVisitor();
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.goto(`http://127.0.0.1:${stranger.port}/`);
    await page.locator('chat-gateway-widget .launcher').click();
    await until(() => refused.some((text) => text.includes('frame-ancestors')), 'the refusal');
    assert.equal(helpdesk.site.calls.length, 0);
  });

  it('messages of others do not reach the page or the widget', async () => {
    const { page, frame, launcher } = await visit();
    await launcher.click();
    await startChat(await chatFrame(page));
    await frame.getByText('Waiting for Sales').waitFor();
    // not from the frame: the website itself, saying what the frame would say
    await page.evaluate("postMessage({ chatGateway: 1, type: 'close' }, '*')");
    // not of the website: a frame in between
    await page
      .evaluate(
        `(() => {
      const inner = document.createElement('iframe');
      document.body.append(inner);
      inner.contentWindow.eval?.("parent.document.querySelector('chat-gateway-widget').shadowRoot.querySelector('iframe').contentWindow.postMessage({ chatGateway: 1, type: 'page', url: 'https://evil.example/', title: '', referrer: '' }, '*')");
    })()`,
      )
      .catch(() => undefined);
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello');
    await frame.getByText('Hello', { exact: true }).waitFor();
    assert.equal(await launcher.getAttribute('aria-expanded'), 'true');
    assert.ok(helpdesk.site.newest().pages.every(({ url }) => url?.includes('evil') !== true));
  });

  it('in the dark', async () => {
    const { page, frame, launcher } = await visit({ ...desktop, colorScheme: 'dark' });
    await launcher.click();
    await frame.getByLabel('Your name').waitFor();
    await screenshot(page, 'widget-dark');
    assert.deepEqual(await findings(page), []);
  });

  it('where the browser lets frames keep nothing, a chat lasts as long as the page of the website', async (t) => {
    const strict = await openBrowser({ framesKeep: 'nothing' });
    t.after(async () => {
      await strict.close();
    });
    const { page, complaints } = await openVisitor(desktop, strict);
    await page.goto(`http://127.0.0.1:${website.port}/`);
    await page.locator('chat-gateway-widget .launcher').click();
    const frame = page.frameLocator('chat-gateway-widget iframe');
    await frame.getByLabel('Your name').waitFor();
    await assert.rejects((await chatFrame(page)).evaluate('localStorage'), /denied/u);
    await startChat(await chatFrame(page));
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello');
    await frame.getByText('Hello', { exact: true }).waitFor();
    await frame.getByLabel('Write a message').fill('Hi');
    await frame.getByLabel('Write a message').press('Enter');
    await until(() => helpdesk.site.newest().lines.some(({ text }) => text === 'Hi'), 'the line');
    assert.deepEqual(complaints, []);
  });
});
