import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type OpenedHelpdesk, openHelpdesk, openVisitor, startChat, until, useBrowser } from './open-page.ts';

let helpdesk: OpenedHelpdesk;
let page: Page;
let complaints: string[];

useBrowser();
beforeEach(async () => {
  helpdesk = await openHelpdesk();
  ({ page, complaints } = await openVisitor());
});
afterEach(async () => {
  await helpdesk.close();
});

/** Fills the start form, and sends it. */
const ask = async (tab: Page, question: string) => {
  await tab.getByLabel('Your name').fill('Chris');
  await tab.getByLabel('Your question').fill(question);
  await tab.getByRole('button', { name: 'Start chat' }).click();
};
const another = async () => {
  const tab = await page.context().newPage();
  await tab.goto(helpdesk.url);
  await tab.getByLabel('Your name').waitFor();
  return tab;
};

describe('several tabs of one visitor', () => {
  it('one that is closed before its start is answered: the next one that starts goes on with that chat', async () => {
    await page.goto(helpdesk.url);
    const second = await another();
    let isBegun = false;
    await page.route('**/start', async (route) => {
      await route.fetch();
      isBegun = true;
    });
    await ask(page, 'Where is my order?');
    await until(() => isBegun, 'the chat of the first tab');
    await page.close();
    await ask(second, 'And the other one?');
    await second.getByRole('log').getByText('Where is my order?').waitFor();
    assert.equal(await second.getByLabel('Write a message').inputValue(), 'And the other one?');
    assert.equal(helpdesk.site.chats.size, 1);
    assert.deepEqual(complaints, []);
  });

  it('one whose start is made by another in its place goes on, and has nothing to ask again', async () => {
    await page.goto(helpdesk.url);
    const second = await another();
    await page.route('**/start', async (route) => {
      await route.fetch();
    });
    await ask(page, 'Where is my order?');
    await until(() => helpdesk.site.chats.size === 1, 'the chat');
    await ask(second, 'And the other one?');
    for (const tab of [page, second]) await tab.getByRole('log').getByText('Where is my order?').waitFor();
    const drafts = [page, second].map(async (tab) => await tab.getByLabel('Write a message').inputValue());
    assert.deepEqual(await Promise.all(drafts), ['', 'And the other one?']);
  });

  it('a form that comes late is not shown in place of the chat that another tab has begun', async () => {
    await page.goto(helpdesk.url);
    const second = await page.context().newPage();
    const held: (() => void)[] = [];
    await second.route('**/reception', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    await second.goto(helpdesk.url);
    await until(() => held.length === 1, 'the question who can answer');
    await startChat(page);
    await second.getByRole('log').getByText('Where is my order?').waitFor();
    const answered = second.waitForResponse('**/reception');
    for (const release of held) release();
    await answered;
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello in both');
    for (const tab of [page, second]) await tab.getByText('Hello in both').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('one that hears late that its chat is over goes on with the next one', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    const second = await page.context().newPage();
    const late: (() => void)[] = [];
    let isAway = false;
    await second.routeWebSocket(/socket$/u, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (isAway) late.push(() => socket.send(message));
        else socket.send(message);
      });
      server.onClose((code, reason) => {
        if (isAway) late.push(() => void socket.close({ ...(code && { code }), ...(reason && { reason }) }));
        else void socket.close();
      });
    });
    await second.goto(helpdesk.url);
    await second.getByLabel('Write a message').waitFor();
    isAway = true;
    helpdesk.site.endChat(helpdesk.site.newest(), 'staff');
    await page.getByRole('button', { name: 'Start a new chat' }).click();
    await page.getByLabel('Your question').waitFor();
    await startChat(page, 'Where is it now?');
    await until(() => late.length > 0, 'the end');
    for (const pass of late) pass();
    isAway = false;
    await second.getByRole('log').getByText('Where is it now?').waitFor();
    assert.equal(helpdesk.site.chats.size, 2);
    assert.deepEqual(complaints, []);
  });
});

describe('a tab that is loaded again', () => {
  it('before its start could be made keeps what was asked', async () => {
    await page.goto(helpdesk.url);
    await page.route('**/start', async (route) => await route.fulfill({ status: 429, json: { error: busy } }));
    await ask(page, 'Where is my order?');
    await page.getByText('Too many chats are open').waitFor();
    await page.reload();
    await page.getByLabel('Your name').waitFor();
    assert.equal(await page.getByLabel('Your name').inputValue(), 'Chris');
    assert.equal(await page.getByLabel('Your question').inputValue(), 'Where is my order?');
  });
});
const busy = { code: 'too-many-chats', text: '', retryAfterMs: 60_000 };
