import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import {
  findings,
  type OpenedHelpdesk,
  openHelpdesk,
  openOldProxy,
  openVisitor,
  screenshot,
  startChat,
  until,
  useBrowser,
} from './open-page.ts';

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

const said = () =>
  helpdesk.site
    .newest()
    .lines.filter(({ from }) => from.is === 'you')
    .map(({ text }) => text);
/** Bubbles as the visitor sees them, in order. */
const bubbles = async () => await page.locator('.bubble').allInnerTexts();
const write = async (text: string) => {
  await page.getByLabel('Write a message').fill(text);
  await page.getByLabel('Write a message').press('Enter');
};
const stored = async (text: string) => {
  await page.locator('.messages:not(.pending)').getByText(text, { exact: true }).waitFor();
};

describe('a chat on the page', () => {
  it('is held with the keyboard alone', async () => {
    await page.goto(helpdesk.url);
    await page.getByLabel('Your name').waitFor();
    const focused = async () =>
      await page.evaluate<string>(
        "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? ''",
      );
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'field-name');
    await page.keyboard.type('Chris');
    await page.keyboard.press('Tab');
    await page.keyboard.type('chris@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Where is my order?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await stored('Where is my order?');
    assert.equal(helpdesk.site.newest().form.team, 'support');
    // the keyboard is where the visitor goes on
    assert.equal(await focused(), 'Write a message');
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'On its way.');
    await page.getByText('On its way.').waitFor();
    await page.keyboard.type('Thanks');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('a lot');
    await page.keyboard.press('Enter');
    await until(() => said().includes('Thanks\na lot'), 'the line of two lines');
    const isAtEndButton = async () =>
      await page.evaluate<boolean>("document.activeElement?.textContent === 'End chat'");
    for (let presses = 0; presses < 10 && !(await isAtEndButton()); presses++) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'End this chat?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(helpdesk.site.newest().phase.is, 'running');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('You ended the chat.').waitFor();
    assert.equal(helpdesk.site.newest().phase.is, 'ended');
    assert.equal(await page.evaluate<string>('document.activeElement.tagName'), 'H2');
    assert.deepEqual(complaints, []);
  });

  it('begins with what the helpdesk asks: a phone number, and further questions', async () => {
    helpdesk.site.form = {
      phone: true,
      fields: [
        { id: 'order', label: 'Order number', required: true },
        { id: 'size', label: 'Size', required: false },
      ],
    };
    await page.goto(helpdesk.url);
    await page.getByLabel('Your name').fill('Chris');
    await page.getByLabel('Phone (optional)').fill('+49 30 123');
    await page.getByLabel('Your question').fill('Where is it?');
    await page.getByRole('button', { name: 'Start chat' }).click();
    await page.getByText('Please fill in this field.').waitFor();
    assert.equal(helpdesk.site.chats.size, 0);
    assert.deepEqual(await findings(page), []);
    await page.getByLabel('Order number').fill('42');
    await page.getByRole('button', { name: 'Start chat' }).click();
    await stored('Where is it?');
    const { phone, fields } = helpdesk.site.newest().form;
    assert.deepEqual([phone, fields], ['+49 30 123', { order: '42' }]);
    assert.deepEqual(complaints, []);
  });

  it('asks nothing of the kind of who leaves a message', async () => {
    helpdesk.site.form = { phone: true, fields: [{ id: 'order', label: 'Order number', required: true }] };
    helpdesk.site.open = false;
    await page.goto(helpdesk.url);
    await page.getByLabel('Your name').waitFor();
    assert.equal(await page.getByLabel('Order number').isVisible(), false);
    assert.equal(await page.getByLabel('Phone').isVisible(), false);
  });

  it('shows who answers and who types, and tells when the visitor types', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    await page.getByText('Waiting for Sales').waitFor();
    const chat = helpdesk.site.newest();
    helpdesk.site.answer(chat, 'Jesse', 'Hello');
    await page.getByRole('status').getByText('Chatting with Jesse').waitFor();
    helpdesk.site.staffTypes(chat, 'Jesse', true);
    await page.getByText('Jesse is typing…').waitFor();
    helpdesk.site.staffTypes(chat, 'Jesse', false);
    await page.getByText('Jesse is typing…').waitFor({ state: 'hidden' });
    await page.getByLabel('Write a message').pressSequentially('Hm');
    await until(() => chat.typing.at(-1) === true, 'typing');
    await page.getByLabel('Write a message').fill('');
    await until(() => chat.typing.at(-1) === false, 'no typing');
  });

  it('is said to staff while it still waits', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    await write('And my invoice?');
    await stored('And my invoice?');
    assert.deepEqual(said(), ['Where is my order?', 'And my invoice?']);
  });

  it('goes on over a reload and in a second window, with nothing twice', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello');
    await stored('Hello');
    await page.getByLabel('Write a message').fill('half a sen');
    await page.reload();
    await stored('Hello');
    assert.equal(await page.getByLabel('Write a message').inputValue(), 'half a sen');
    const second = await page.context().newPage();
    await second.goto(helpdesk.url);
    await second.getByText('Hello', { exact: true }).waitFor();
    await second.getByLabel('Write a message').fill('from the other window');
    await second.getByLabel('Write a message').press('Enter');
    await stored('from the other window');
    assert.deepEqual(await bubbles(), ['Where is my order?', 'Hello', 'from the other window']);
    assert.equal(helpdesk.site.chats.size, 1);
  });

  it('loses and doubles nothing when the server goes away while lines are on their way', async () => {
    await page.goto(helpdesk.url);
    await startChat(page, 'zero');
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello');
    await stored('Hello');
    // stored, and the answer is lost with the connection
    let isLost = false;
    helpdesk.site.before = async (verb) => {
      if (verb !== 'say' || isLost) return;
      isLost = true;
      const { lines, form } = helpdesk.site.newest();
      const [pending] = await page.evaluate<{ id: string; text: string }[]>(
        `Object.keys(localStorage).filter((key) => key.includes(':out:')).sort().map((key) => JSON.parse(localStorage[key]))`,
      );
      assert.ok(pending !== undefined && form.messageId !== pending.id);
      lines.push({ number: lines.length + 1, at: 0, from: { is: 'you', messageId: pending.id }, text: pending.text });
      await helpdesk.stop();
      throw new Error('gone');
    };
    await write('one');
    await write('two');
    await write('three');
    await until(() => isLost, 'the cut');
    await page.getByText('The connection is interrupted').waitFor();
    await page.goto('about:blank');
    await helpdesk.start();
    await page.goto(helpdesk.url);
    await stored('three');
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Got it');
    await stored('Got it');
    assert.deepEqual(said(), ['zero', 'one', 'two', 'three']);
    assert.deepEqual(await bubbles(), ['zero', 'Hello', 'one', 'two', 'three', 'Got it']);
  });

  it('a start whose answer was lost is one chat', async () => {
    await page.goto(helpdesk.url);
    await page.route('**/start', async (route) => {
      await route.fetch();
      // given up by the page when it is left
      await route.abort().catch(() => undefined);
    });
    await page.getByLabel('Your name').fill('Chris');
    await page.getByLabel('Your question').fill('Hello?');
    await page.getByRole('button', { name: 'Start chat' }).click();
    await until(() => helpdesk.site.chats.size === 1, 'the chat');
    await page.unroute('**/start');
    await page.reload();
    await stored('Hello?');
    assert.equal(helpdesk.site.chats.size, 1);
  });

  it('G26 a visitor who is too fast waits and loses nothing', async () => {
    await page.goto(helpdesk.url);
    await startChat(page, 'line 0');
    const expected = Array.from({ length: 31 }, (_, number) => `line ${number}`);
    for (const line of expected.slice(1)) await write(line);
    await stored('line 30');
    assert.deepEqual(said(), expected);
    assert.deepEqual(await bubbles(), expected);
  });

  it('G15 G16 text is text, and only http and https become links', async () => {
    await page.goto(helpdesk.url);
    await startChat(page, '<img src=x onerror=alert(1)>');
    const chat = helpdesk.site.newest();
    helpdesk.site.answer(
      chat,
      '<b>Jesse</b>',
      '<script>alert(1)</script> javascript:alert(1) data:text/html,x https://acme.example/a?b=1.',
    );
    helpdesk.site.answer(chat, '<b>Jesse</b>', 'https://acme.example/x '.repeat(170));
    await page.getByText('javascript:alert(1)').waitFor();
    const links = page.locator('.bubble a');
    assert.equal(await links.first().getAttribute('href'), 'https://acme.example/a?b=1');
    assert.equal(await links.first().getAttribute('rel'), 'noopener noreferrer nofollow');
    assert.equal(await links.count(), 21);
    assert.equal(await page.locator('.bubble img, .bubble script, .sender b').count(), 0);
    assert.deepEqual(complaints, []);
  });

  it('the conversation can be kept as a file', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    const chat = helpdesk.site.newest();
    helpdesk.site.answer(chat, 'Jesse', 'Two lines\n[forged] Jesse: of one');
    helpdesk.site.endChat(chat, 'staff');
    await page.getByText('The chat was ended by the helpdesk.').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save conversation' }).click();
    const file = await (await download).path();
    const text = await readFile(file, 'utf8');
    assert.match(text, /^\ufeffConversation with Acme Support, .+\r\n\r\n/u);
    assert.match(text, /\] You: Where is my order\?\r\n/u);
    assert.match(text, /\] Jesse: Two lines\r\n {4}\[forged\] Jesse: of one\r\n/u);
    await page.emulateMedia({ media: 'print' });
    await screenshot(page, 'print');
    assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  it('a page that is not looked at counts what is new in its title', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })");
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello');
    await until(async () => /^\(\d\) Acme Support$/u.test(await page.title()), 'the count');
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
    assert.equal(await page.title(), 'Acme Support');
  });

  it('a chat that the helpdesk does not know any more leads back to the start', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    helpdesk.site.chats.clear();
    await page.reload();
    await page.getByLabel('Your name').waitFor();
    assert.equal(await page.evaluate<number>('localStorage.length'), 0);
  });

  it('a chat that begins in one tab goes on in the other, and is not lost by a second start', async () => {
    await page.goto(helpdesk.url);
    const second = await page.context().newPage();
    await second.goto(helpdesk.url);
    await second.getByLabel('Your name').waitFor();
    await startChat(page);
    const chat = helpdesk.site.newest();
    helpdesk.site.answer(chat, 'Jesse', 'Hello in both');
    await second.getByText('Hello in both').waitFor();
    await page.reload();
    await page.getByText('Hello in both').waitFor();
    assert.equal(helpdesk.site.newest(), chat);
    assert.deepEqual(complaints, []);
  });

  it('two tabs that start at the same time make one chat', async () => {
    await page.goto(helpdesk.url);
    const second = await page.context().newPage();
    await second.goto(helpdesk.url);
    const held: (() => void)[] = [];
    await page.context().route(/\/start$/u, async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    const first = startChat(page, 'Where is my order?');
    await until(() => held.length === 1, 'the first tab starts');
    await second.getByLabel('Your name').fill('Chris');
    await second.getByLabel('Email').fill('chris@example.com');
    await second.getByLabel('Your question').fill('And the other one?');
    await second.getByRole('button', { name: 'Start chat' }).click();
    await until(() => held.length > 1, 'the second tab starts');
    for (const release of held) release();
    await first;
    await second.getByRole('log').getByText('Where is my order?').waitFor();
    assert.equal(await second.getByLabel('Write a message').inputValue(), 'And the other one?');
    assert.equal(helpdesk.site.chats.size, 1);
    assert.deepEqual(complaints, []);
  });

  it('a tab whose chat is over goes on with the one that begins in another, and what was to be asked stays', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    helpdesk.site.endChat(helpdesk.site.newest(), 'staff');
    await page.getByRole('button', { name: 'Start a new chat' }).waitFor();
    const [second, third] = [await page.context().newPage(), await page.context().newPage()];
    await second.goto(helpdesk.url);
    await second.getByRole('button', { name: 'Start a new chat' }).waitFor();
    await page.getByRole('button', { name: 'Start a new chat' }).click();
    await page.getByLabel('Your question').waitFor();
    await third.goto(helpdesk.url);
    await third.getByLabel('Your question').fill('And the other one?');
    await startChat(page, 'Where is it now?');
    for (const tab of [second, third]) await tab.getByRole('log').getByText('Where is it now?').waitFor();
    assert.equal(await third.getByLabel('Write a message').inputValue(), 'And the other one?');
    assert.equal(helpdesk.site.chats.size, 2);
    assert.deepEqual(complaints, []);
  });

  it('works where the browser keeps nothing', async () => {
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } })",
    );
    await page.goto(helpdesk.url);
    await startChat(page);
    await write('still here');
    await stored('still here');
    assert.deepEqual(complaints, []);
  });

  it('a team without anybody takes a message, another one a chat', async () => {
    helpdesk.site.teams = [
      { id: 'sales', name: 'Sales', available: false },
      { id: 'support', name: 'Support', available: true },
    ];
    await page.goto(helpdesk.url);
    await page.getByRole('button', { name: 'Start chat' }).waitFor();
    assert.equal(await page.getByLabel('Who is it for?').inputValue(), 'support');
    await page.getByLabel('Who is it for?').selectOption('sales');
    await page.getByLabel('Your name').fill('Chris');
    await page.getByLabel('Your message').fill('Call me');
    await page.getByRole('button', { name: 'Send message' }).click();
    await page.getByText('so that we can answer you').waitFor();
    await page.getByLabel('Email').fill('chris@example.com');
    await page.getByRole('button', { name: 'Send message' }).click();
    await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
    assert.equal(helpdesk.site.left[0]?.form.text, 'Call me');
  });

  it('staff who come while the form is filled in can be chatted with', async () => {
    helpdesk.site.teams = [{ id: 'sales', name: 'Sales', available: false }];
    await page.clock.install();
    await page.goto(helpdesk.url);
    await page.getByText('We are not here right now').waitFor();
    await page.getByLabel('Your name').fill('Chris');
    await page.getByLabel('Your message').fill('Are you there?');
    helpdesk.site.teams = [{ id: 'sales', name: 'Sales', available: true }];
    await page.clock.runFor(10_000);
    await page.getByRole('button', { name: 'Start chat' }).click();
    await stored('Are you there?');
    assert.equal(helpdesk.site.newest().form.name, 'Chris');
  });

  it('nobody answered: the visitor is asked to leave a message, with what was written', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    helpdesk.site.endChat(helpdesk.site.newest(), 'unanswered');
    await page.getByRole('button', { name: 'Leave a message', exact: true }).click();
    assert.equal(await page.getByLabel('Your message').inputValue(), 'Where is my order?');
    await page.getByRole('button', { name: 'Send message' }).click();
    await page.getByText('will answer to chris@example.com').waitFor();
    assert.ok(helpdesk.site.left[0]?.ticket !== undefined);
  });

  it('while a message is written instead, an answer in the chat is told', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    await page.getByRole('button', { name: 'Leave a message instead' }).click();
    await page.getByRole('heading', { name: 'Leave a message' }).waitFor();
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Here I am');
    await page.getByText('Somebody is writing to you').waitFor();
    assert.deepEqual(await findings(page), []);
    await page.getByRole('button', { name: 'Back to the chat' }).click();
    await stored('Here I am');
    await write('Good');
    await stored('Good');
  });

  it('at 320 pixels nothing is cut off sideways', async () => {
    await page.setViewportSize({ width: 320, height: 480 });
    await page.goto(helpdesk.url);
    await startChat(page);
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Hello there, what can I do for you?');
    await stored('Hello there, what can I do for you?');
    await screenshot(page, 'narrow');
    assert.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), 320);
    assert.deepEqual(await findings(page), []);
  });
});

describe('a proxy that lets no socket through', () => {
  it('does not keep a chat from going both ways, at once and with typing', async () => {
    const proxy = await openOldProxy(helpdesk.port);
    await page.goto(`http://localhost:${proxy.port}`);
    await startChat(page);
    await until(() => proxy.upgrades() > 0, 'the try of a socket');
    const chat = helpdesk.site.newest();
    helpdesk.site.answer(chat, 'Jesse', 'Hello');
    await stored('Hello');
    await write('Hi Jesse');
    await stored('Hi Jesse');
    helpdesk.site.staffTypes(chat, 'Jesse', true);
    await page.getByText('Jesse is typing…').waitFor();
    await page.getByLabel('Write a message').pressSequentially('Hm');
    await until(() => chat.typing.at(-1) === true, 'typing');
    assert.equal(helpdesk.sockets, 0);
    const heard = chat.heard.length;
    await until(() => chat.heard.length > heard, 'a sign of life');
    helpdesk.site.endChat(chat, 'staff');
    await page.getByText('The chat was ended by the helpdesk.').waitFor();
    assert.deepEqual(await bubbles(), ['Where is my order?', 'Hello', 'Hi Jesse']);
    assert.deepEqual(complaints, []);
    proxy.close();
  });
});

describe('a page in the background', () => {
  it('is heard although its timers sleep', async () => {
    await page.goto(helpdesk.url);
    await startChat(page);
    await until(() => helpdesk.sockets === 1, 'the socket');
    const cdp = await page.context().newCDPSession(page);
    // no timer of the page fires any more: only the browser itself answers
    await cdp.send('Emulation.setScriptExecutionDisabled', { value: true });
    const chat = helpdesk.site.newest();
    const before = chat.heard.length;
    await until(() => chat.heard.length > before, 'a sign of life');
    assert.equal(helpdesk.sockets, 1);
  });
});
