import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import {
  findings,
  looks,
  type OpenedHelpdesk,
  openHelpdesk,
  openOldProxy,
  openVisitor,
  pngOf,
  screenshot,
  startChat,
  until,
  useBrowser,
} from './open-page.ts';

let helpdesk: OpenedHelpdesk;
useBrowser();
beforeEach(async () => {
  helpdesk = await openHelpdesk();
});
afterEach(async () => {
  await helpdesk.close();
});

/** A visitor's page with a chat. */
async function talking(options?: BrowserContextOptions) {
  const visitor = await openVisitor(options);
  await visitor.page.goto(helpdesk.url);
  await startChat(visitor.page);
  const { site } = helpdesk;
  return { ...visitor, site, chat: site.newest() };
}

/** A conversation with everything in it. */
async function talk() {
  const { site } = helpdesk;
  const chat = site.newest();
  const question = chat.lines[0]?.number ?? 0;
  const first = site.answer(chat, 'Jesse Vincent', 'Helo Chris!');
  site.answer(chat, 'Jesse Vincent', 'Hello Chris!', { is: 'correction', of: first.number });
  site.answer(chat, 'Varun Shah', 'Number 1234 left us yesterday.', { is: 'reply', of: question });
  const wrong = site.answer(chat, 'Varun Shah', 'It is at the wrong place');
  site.answer(chat, 'Varun Shah', '', { is: 'retraction', of: wrong.number });
  site.answer(chat, 'Jesse Vincent', '👍 🎉', { is: 'reaction', of: question });
  site.answer(chat, 'Varun Shah', '👍', { is: 'reaction', of: question });
  site.answer(chat, 'Varun Shah', '❤️', { is: 'reaction', of: first.number });
  const file = await helpdesk.staffFile('Where your parcel is.png', 'image/png', pngOf(480, 300));
  site.answer(chat, 'Jesse Vincent', file.url, { is: 'file', file });
  const paper = await helpdesk.staffFile('Delivery note 1234.pdf', 'application/pdf', Buffer.from('%PDF-1.7\n%%EOF\n'));
  site.answer(chat, 'Jesse Vincent', paper.url, { is: 'file', file: paper });
  site.answer(chat, 'Varun Shah', 'https://shop.acme.example/orders/1234?step=track&lang=en', { is: 'push' });
  site.staffSee(chat, chat.lines.length);
  return { chat, question, first };
}

for (const [look, options] of Object.entries(looks)) {
  it(`everything that can be in a conversation: ${look}`, async () => {
    helpdesk.takeFiles();
    const { page, complaints, requested } = await openVisitor(options);
    const found: string[] = [];
    const lookAt = async (state: string) => {
      await screenshot(page, `${look}-${state}`);
      found.push(...(await findings(page)).map((finding) => `${state}: ${finding}`));
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (wide > 0) found.push(`${state}: ${wide} px too wide`);
    };
    await page.goto(helpdesk.url);
    await startChat(page);
    const { chat } = await talk();
    await page.getByRole('link', { name: 'Open page' }).waitFor();
    await until(
      async () => await page.evaluate<boolean>("document.querySelector('.picture img')?.naturalWidth === 480"),
      'the picture',
    );
    helpdesk.site.staffTypes(chat, 'Jesse Vincent', true);
    helpdesk.site.staffTypes(chat, 'Varun Shah', true);
    await page.getByText('Jesse Vincent and Varun Shah are typing…').waitFor();
    await lookAt('20-conversation-end');
    await page.evaluate("document.querySelector('.log').scrollTop = 0");
    await lookAt('21-conversation-begin');
    await page.getByRole('button', { name: 'In reply to You: Where is my order?' }).click();
    await lookAt('22-pointed');

    await page.route('**/slot', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300_000).unref());
      await route.abort().catch(() => undefined);
    });
    await page.locator('input[type=file]').setInputFiles([
      { name: 'photo of the box.png', mimeType: 'image/png', buffer: pngOf(10, 10) },
      { name: 'second.png', mimeType: 'image/png', buffer: pngOf(10, 10) },
      { name: 'nothing.png', mimeType: 'image/png', buffer: Buffer.alloc(0) },
    ]);
    await page.getByText('There is nothing in it.').waitFor();
    await lookAt('23-uploads');
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'x.png', { type: 'image/png' }));
      document.querySelector('.log').dispatchEvent(new DragEvent('dragenter', { bubbles: true, cancelable: true, dataTransfer }));
    })()`);
    await page.getByText('Drop here to send').waitFor();
    await screenshot(page, `${look}-24-drop`);

    assert.deepEqual(found, []);
    assert.deepEqual(complaints, []);
    assert.deepEqual([...requested], [helpdesk.url]);
  });
}

const bubbles = async (page: Page) => await page.locator('.messages .bubble').allInnerTexts();
const announced = (page: Page) => page.locator('.chat-screen > .visually-hidden[role=status]');

describe('a conversation on the page', () => {
  it('names who takes part, joins, leaves and types', async () => {
    const { page, complaints, site, chat } = await talking();
    site.answer(chat, 'Jesse', 'Hello');
    site.answer(chat, 'Varun', 'Hi, I help too');
    await page.getByRole('status').getByText('Chatting with Jesse and Varun').waitFor();
    assert.deepEqual(await page.locator('.sender').allInnerTexts(), ['Jesse', 'Varun']);
    site.staffTypes(chat, 'Jesse', true);
    site.staffTypes(chat, 'Varun', true);
    await page.getByText('Jesse and Varun are typing…').waitFor();
    site.staffTypes(chat, 'Jesse', false);
    site.leave(chat, 'Jesse');
    await page.getByText('Varun is typing…').waitFor();
    await page.getByText('Jesse left the chat.').waitFor();
    await page.getByRole('status').getByText('Chatting with Varun', { exact: true }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('changes its lines where they are, tells it politely, and is the same after a reload that reads in pages', async () => {
    const { page, complaints, site, chat } = await talking();
    const price = site.answer(chat, 'Jesse', 'It costs 10');
    await page.getByText('It costs 10').waitFor();
    assert.equal(await page.getByRole('log').getAttribute('aria-live'), 'polite');
    site.answer(chat, 'Jesse', 'It costs 12', { is: 'correction', of: price.number });
    await announced(page).getByText('Jesse changed a message: It costs 12').waitFor();
    assert.equal(await page.locator('.message.staff').getAttribute('aria-live'), 'off');
    // as many at once are told as one
    for (const text of ['a', 'b', 'c']) {
      const { number } = site.answer(chat, 'Jesse', text);
      site.answer(chat, 'Jesse', '', { is: 'retraction', of: number });
    }
    site.answer(chat, 'Varun', 'Really?', { is: 'reply', of: price.number });
    site.answer(chat, 'Varun', '👀', { is: 'reaction', of: price.number });
    site.answer(chat, 'Jesse', 'done');
    await page.getByText('done').waitFor();
    const expected = [
      'Where is my order?',
      'It costs 12 edited',
      ...Array.from({ length: 3 }, () => 'Message removed'),
      'In reply to Jesse: Jesse It costs 12 Really?',
      'done',
    ];
    const plain = async () => (await bubbles(page)).map((text) => text.replace(/\s+/gu, ' '));
    assert.deepEqual(await plain(), expected);
    assert.deepEqual(await page.locator('.reactions li').allInnerTexts(), ['👀\nby Varun']);
    site.pageSize = 2;
    await page.reload();
    await page.getByText('done').waitFor();
    assert.deepEqual(await plain(), expected);
    assert.deepEqual(complaints, []);
  });

  it('leads from an answer to what it answers, with the keyboard alone', async () => {
    const { page, site, chat } = await talking();
    for (let number = 0; number < 40; number++) site.answer(chat, 'Jesse', `Step ${number}`);
    site.answer(chat, 'Jesse', 'This one', { is: 'reply', of: 1 });
    const quote = page.getByRole('button', { name: 'In reply to You: Where is my order?' });
    await quote.focus();
    await page.keyboard.press('Enter');
    await until(
      async () => await page.evaluate<boolean>("document.activeElement === document.querySelector('.message.you')"),
      'the focus',
    );
    const target = page.locator('.message.you.pointed');
    assert.ok(((await target.boundingBox())?.y ?? -1) > 0);
  });

  it('says under the last line that staff have seen that they have', async () => {
    const { page, site, chat } = await talking();
    site.answer(chat, 'Jesse', 'Hello');
    await page.getByLabel('Write a message').fill('Hi');
    await page.getByLabel('Write a message').press('Enter');
    await until(() => chat.lines.length === 4, 'the line');
    assert.deepEqual(await page.locator('.seen').allInnerTexts(), []);
    site.staffSee(chat, 1);
    await page.locator('.message.you').first().getByText('Seen').waitFor();
    site.staffSee(chat, 4);
    await page.locator('.message.you').last().getByText('Seen').waitFor();
    assert.deepEqual(await page.locator('.seen').allInnerTexts(), ['Seen']);
  });

  it('tells what was seen: in sight, and while the page is looked at', async () => {
    const { page, site, chat } = await talking();
    for (let number = 0; number < 40; number++) site.answer(chat, 'Jesse', `Step ${number}`);
    const last = chat.lines.length;
    await until(() => chat.shown.at(-1) === last, 'the last line');
    await page.evaluate("document.querySelector('.log').scrollTop = 0");
    await page.getByText('Step 0', { exact: true }).hover();
    const more = site.answer(chat, 'Jesse', 'out of sight');
    await page.getByText('out of sight').waitFor({ state: 'attached' });
    // it would have been told by now: the next one that is in sight is
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(chat.shown.at(-1), last);
    await page.evaluate("document.querySelector('.log').scrollTop = 1e6");
    await until(() => chat.shown.at(-1) === more.number, 'the line that came into sight');

    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })");
    const unseen = site.answer(chat, 'Jesse', 'nobody looks');
    await page.getByText('nobody looks').waitFor();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(chat.shown.at(-1), more.number);
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
    await until(() => chat.shown.at(-1) === unseen.number, 'the line that is looked at');
  });

  it('counts what is new in the title, and not what only changed', async () => {
    const { page, site, chat } = await talking();
    const first = site.answer(chat, 'Jesse', 'one');
    await page.getByText('one', { exact: true }).waitFor();
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })");
    site.answer(chat, 'Jesse', 'two', { is: 'correction', of: first.number });
    site.answer(chat, 'Jesse', '👍', { is: 'reaction', of: 1 });
    site.answer(chat, 'Jesse', 'three', { is: 'reply', of: 1 });
    await page.getByText('three').waitFor();
    assert.equal(await page.title(), '(1) Acme Support');
  });

  it('goes on through a proxy that lets no socket through', async () => {
    const proxy = await openOldProxy(helpdesk.port);
    const { page, complaints } = await openVisitor();
    await page.goto(`http://localhost:${proxy.port}`);
    await startChat(page);
    await until(() => proxy.upgrades() > 0, 'the try of a socket');
    const { chat, question } = await talk();
    await page.getByRole('link', { name: 'Open page' }).waitFor();
    await page.getByText('Hello Chris! edited').waitFor();
    await page.getByText('Seen').waitFor();
    await until(() => chat.shown.at(-1) === chat.lines.length, 'what was seen');
    helpdesk.site.answer(chat, 'Jesse Vincent', '', { is: 'reaction', of: question });
    await until(async () => (await page.locator('.reactions li').count()) === 2, 'one reaction less');
    assert.equal(helpdesk.sockets, 0);
    assert.deepEqual(complaints, []);
    proxy.close();
  });

  it('G15 G16 nothing in it is markup, an address that runs something, or a picture from elsewhere', async () => {
    const { page, complaints, requested, site, chat } = await talking();
    const evil = '<img src=https://evil.example/x onerror=alert(1)>';
    const who = `<b>Jesse</b>\u202E${evil}`;
    const line = site.answer(chat, who, evil);
    site.answer(chat, who, `${evil} again`, { is: 'correction', of: line.number });
    site.answer(chat, who, evil, { is: 'reply', of: line.number });
    site.answer(chat, who, `<script>alert(1)</script> ${evil}`, { is: 'reaction', of: line.number });
    for (const address of [
      'javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'https://bank.example@evil.example/',
      'JaVaScRiPt:alert(1)//https://a.example',
      ' \u0001javascript:alert(1)',
      evil,
    ])
      site.answer(chat, who, address, { is: 'push' });
    for (const url of [
      'https://evil.example/cat.png',
      'javascript:alert(1)',
      'data:image/png;base64,AAAA',
      '//evil.example/x.png',
    ])
      site.answer(chat, who, url, {
        is: 'file',
        file: { name: `${evil}\u202Egpj.exe`, type: 'image/png', size: 1, url },
      });
    site.answer(chat, who, 'https://аррӏе.example/\u202Efdp', { is: 'push' });
    site.answer(chat, 'Jesse', 'that was all');
    await page.getByText('that was all').waitFor();
    assert.equal(
      await page.locator('main img, main script, main b:not(.quote b, .push-address b), main iframe').count(),
      0,
    );
    const hrefs = await page
      .locator('main a')
      .evaluateAll((links) => links.map((link) => String(link.getAttribute('href'))));
    assert.ok(hrefs.length > 0);
    for (const href of hrefs) assert.match(href, /^https?:\/\/(?:evil|xn--)/u);
    assert.equal(await page.getByRole('link', { name: 'Open page' }).count(), 1);
    assert.match(await page.locator('.push-address').innerText(), /^https:\/\/xn--/u);
    // names turn nothing around, neither in the head nor over lines
    for (const part of ['.status', '.sender >> nth=0', '.file-name >> nth=0'])
      assert.doesNotMatch(await page.locator(part).innerText(), /[\u202A-\u202E\u2066-\u2069]/u);
    await screenshot(page, 'evil');
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(complaints, []);
    assert.deepEqual([...requested], [helpdesk.url]);
  });

  it('who is banned is told plainly that nothing can be started or left', async () => {
    const { page, complaints } = await openVisitor();
    const { refused } = await import('../../gateway/src/web/testing/memory-site.ts');
    helpdesk.site.before = (verb) => {
      if (verb === 'start' || verb === 'leaveMessage') throw refused('banned');
    };
    await page.goto(helpdesk.url);
    await page.getByLabel('Your name').fill('Chris');
    await page.getByLabel('Email').fill('chris@example.com');
    await page.getByLabel('Your question').fill('Hello?');
    await page.getByRole('button', { name: 'Start chat' }).click();
    await page.getByText('Sorry, no chat can be started now.').waitFor();
    await screenshot(page, 'banned');
    assert.deepEqual(await findings(page), []);
    helpdesk.site.open = false;
    await page.reload();
    await page.getByLabel('Your name').fill('Chris');
    await page.getByLabel('Email').fill('chris@example.com');
    await page.getByLabel('Your message').fill('Hello?');
    await page.getByRole('button', { name: 'Send message' }).click();
    await page.getByText('Sorry, no message can be left now.').waitFor();
    assert.deepEqual(complaints, []);
  });
});
