import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { SharedFile } from '../../gateway/src/helpdesk/model.ts';
import {
  findings,
  type OpenedHelpdesk,
  openHelpdesk,
  openVisitor,
  pngOf,
  PUBLIC_URL,
  startChat,
  until,
  useBrowser,
} from './open-page.ts';

let helpdesk: OpenedHelpdesk;
let page: Page;
let complaints: string[];
let requested: Set<string>;
useBrowser();
beforeEach(async () => {
  helpdesk = await openHelpdesk();
  helpdesk.takeFiles();
  ({ page, complaints, requested } = await openVisitor());
  await page.goto(helpdesk.url);
  await startChat(page);
});
afterEach(async () => {
  await helpdesk.close();
});

const png = { name: 'box.png', mimeType: 'image/png', buffer: pngOf(64, 48) };
const choose = async (...files: { name: string; mimeType: string; buffer: Buffer }[]) => {
  await page.getByRole('button', { name: 'Send a file' }).waitFor();
  await page.locator('input[type=file]').setInputFiles(files);
};
/** Files that visitors have shared in the newest chat. */
const shared = (): SharedFile[] =>
  helpdesk.site
    .newest()
    .lines.flatMap(({ from, extra }) => (from.is === 'you' && extra?.is === 'file' ? [extra.file] : []));
const bytesOf = async (file: SharedFile) => {
  const answer = await fetch(file.url.replace(PUBLIC_URL, helpdesk.url));
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
};
/** A transfer of this file to the page, as it comes with a drop or a paste. */
const transfer = (name: string, type: string, base64: string) => `(() => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob('${base64}'), (character) => character.charCodeAt(0));
  transfer.items.add(new File([bytes], '${name}', { type: '${type}' }));
  return transfer;
})()`;

describe('files of the visitor', () => {
  it('are chosen with the button, shown as a picture or by name, and are there byte by byte', async () => {
    const text = { name: 'log & more.txt', mimeType: 'text/plain', buffer: Buffer.from('all is well\n') };
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Send a file' }).click(),
    ]);
    await chooser.setFiles([png, text]);
    await until(() => shared().length === 2, 'both files');
    await page.getByRole('img', { name: 'Picture box.png' }).waitFor();
    await page.getByRole('link', { name: 'log & more.txt' }).waitFor();
    await until(async () => (await page.locator('.upload').count()) === 0, 'no row of what has come');
    const [first, second] = shared();
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual((await bytesOf(first)).bytes, png.buffer);
    assert.deepEqual((await bytesOf(second)).bytes, text.buffer);
    assert.match(first.url, new RegExp(`^${PUBLIC_URL}/`, 'u'));
    assert.deepEqual(complaints, []);
    assert.deepEqual([...requested], [helpdesk.url]);
    await page.reload();
    await page.getByRole('img', { name: 'Picture box.png' }).waitFor();
    assert.equal(await page.locator('.picture').count(), 1);
  });

  it('are dropped on the chat, and a picture is pasted', async () => {
    await page.getByRole('button', { name: 'Send a file' }).waitFor();
    const base64 = png.buffer.toString('base64');
    await page.evaluate(
      `document.querySelector('.log').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: ${transfer('dropped.png', 'image/png', base64)} }))`,
    );
    await page.getByRole('img', { name: 'Picture dropped.png' }).waitFor();
    await page.evaluate(
      `document.querySelector('textarea').dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: ${transfer('image.png', 'image/png', base64)} }))`,
    );
    await page.getByRole('img', { name: 'Picture image.png' }).waitFor();
    assert.deepEqual(
      shared().map(({ name }) => name),
      ['dropped.png', 'image.png'],
    );
    assert.deepEqual(complaints, []);
  });

  it('are not offered where there are none, and a file dropped there does not take the chat away', async () => {
    helpdesk.site.files = undefined;
    await page.reload();
    await page.getByLabel('Write a message').waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.getByRole('button', { name: 'Send a file' }).count(), 0);
    const isLetThrough = await page.evaluate<boolean>(
      `document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: ${transfer('a.png', 'image/png', 'AAAA')} }))`,
    );
    assert.equal(isLetThrough, false);
    assert.equal(shared().length, 0);
  });

  it('are not offered any more once one was refused because they were switched off', async () => {
    const button = page.getByRole('button', { name: 'Send a file' });
    await button.waitFor();
    helpdesk.refuseFiles();
    await page.locator('input[type=file]').setInputFiles([png]);
    await page.getByText('No files can be sent here.').waitFor();
    await button.waitFor({ state: 'hidden' });
    assert.equal(shared().length, 0);
  });

  it('are refused in words: too large with the limit, empty, of a kind that is not taken, and one that pretends', async () => {
    helpdesk.takeFiles(2 * 1024 * 1024);
    await page.reload();
    await choose(
      { name: 'large.png', mimeType: 'image/png', buffer: Buffer.alloc(2 * 1024 * 1024 + 1) },
      { name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) },
      { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>alert(1)</script>') },
      { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') },
    );
    await page.getByText('large.png was not sent. It is too large: at most 2 MB can be sent.').first().waitFor();
    await page.getByText('empty.png was not sent. There is nothing in it.').first().waitFor();
    await page.getByText('page.html was not sent. Files of this kind cannot be sent here.').first().waitFor();
    await page.getByText('fake.png was not sent. Files of this kind cannot be sent here.').first().waitFor();
    assert.deepEqual(await findings(page), []);
    assert.equal(shared().length, 0);
    assert.equal(await page.getByRole('button', { name: /^Try again/u }).count(), 0);
    for (const name of ['large.png', 'empty.png', 'page.html', 'fake.png'])
      await page.getByRole('button', { name: `Remove ${name}` }).click();
    assert.equal(await page.locator('.upload').count(), 0);
    // the keyboard did not get lost with the last button
    assert.equal(await page.evaluate<string>('document.activeElement.tagName'), 'TEXTAREA');
    assert.deepEqual(complaints, []);
  });

  it('of 20 MB shows how far it is, and is cancelled on the way', async () => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Network.enable');
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2 * 1024 * 1024 };
    await cdp.send('Network.emulateNetworkConditions', slow);
    const content = Buffer.concat([pngOf(64, 48), Buffer.alloc(19 * 1024 * 1024)]);
    await choose({ name: 'large.png', mimeType: 'image/png', buffer: content });
    const progress = page.getByRole('progressbar', { name: 'Sending large.png' });
    await progress.waitFor();
    const value = async () => await page.evaluate<number>("document.querySelector('progress')?.value ?? -1");
    await until(async () => (await value()) > 0.02, 'some progress');
    assert.ok((await value()) < 1);
    await page.getByRole('button', { name: 'Cancel large.png' }).click();
    assert.equal(await page.locator('.upload').count(), 0);
    await cdp.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
    // the next one goes, and it may be as large
    await choose({ name: 'whole.png', mimeType: 'image/png', buffer: content });
    await until(() => shared().length === 1, 'the file');
    const [file] = shared();
    assert.ok(file !== undefined);
    assert.equal(file.name, 'whole.png');
    assert.deepEqual((await bytesOf(file)).bytes, content);
    assert.deepEqual(complaints, []);
  });

  it('whose connection is cut are tried again, by themselves and then with the button', async () => {
    let cuts = 0;
    await page.route('**/files/**', async (route) => {
      if (route.request().method() === 'PUT' && cuts++ < 3) await route.abort();
      else await route.continue();
    });
    await choose(png);
    await page.getByText('box.png was not sent. There is no connection just now.').first().waitFor();
    assert.equal(cuts, 3);
    await page.getByRole('button', { name: 'Try again: box.png' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: 'Picture box.png' }).waitFor();
    assert.equal(shared().length, 1);
  });

  it('that were refused stay above what is said next, and keep their reason when the chat is over', async () => {
    const empty = { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) };
    await choose(empty, { ...empty, name: 'none.txt' });
    await page.locator('.pending .upload.failed').last().waitFor();
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'What do you send?');
    await page.getByText('What do you send?').waitFor();
    await page.getByLabel('Write a message').fill('Nothing');
    await page.getByLabel('Write a message').press('Enter');
    await page.locator('.messages:not(.pending)').getByText('Nothing', { exact: true }).waitFor();
    assert.deepEqual((await page.locator('.bubble').allInnerTexts()).slice(-2), ['What do you send?', 'Nothing']);
    helpdesk.site.endChat(helpdesk.site.newest(), 'staff');
    await page.getByRole('heading', { name: 'This chat is over' }).waitFor();
    const rows = page.locator('.upload.failed');
    for (const name of ['empty', 'none'])
      await rows.getByText(`${name}.txt was not sent. There is nothing in it.`).waitFor();
    await page.getByRole('button', { name: /empty\.txt/u }).click();
    assert.equal(await rows.count(), 1);
  });

  it('are told as not sent when the chat is over', async () => {
    await page.route('**/slot', async () => {
      await new Promise(() => undefined);
    });
    await choose(png);
    await page.getByRole('button', { name: 'Cancel box.png' }).waitFor();
    helpdesk.site.endChat(helpdesk.site.newest(), 'staff');
    await page.getByText('box.png was not sent. The chat is over.').first().waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});

describe('files of staff', () => {
  it('are a picture that is loaded from the same address, and others are loaded down, never shown as pages', async () => {
    const chat = helpdesk.site.newest();
    const picture = await helpdesk.staffFile('map.png', 'image/png', pngOf(600, 400));
    helpdesk.site.answer(chat, 'Jesse', picture.url, { is: 'file', file: picture });
    await page.getByRole('img', { name: 'Picture map.png' }).waitFor();
    await until(
      async () => await page.evaluate<boolean>("document.querySelector('.picture img').naturalWidth === 600"),
      'the picture',
    );
    const box = await page.locator('.picture img').boundingBox();
    assert.ok(box !== null && box.width <= 288 && box.height <= 240);
    const note = await helpdesk.staffFile('note.txt', 'text/plain', Buffer.from('<script>alert(1)</script>'));
    helpdesk.site.answer(chat, 'Jesse', note.url, { is: 'file', file: note });
    const link = page.getByRole('link', { name: 'note.txt' });
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.equal(download.suggestedFilename(), 'note.txt');
    assert.equal(await readFile(await download.path(), 'utf8'), '<script>alert(1)</script>');
    assert.deepEqual(complaints, []);
    assert.deepEqual([...requested], [helpdesk.url]);
  });

  it('that are not there any more leave their name', async () => {
    const url = `${PUBLIC_URL}/files/localhost/0000/gone.png`;
    const file = { name: 'gone.png', type: 'image/png', size: 2_048, url };
    helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', url, { is: 'file', file });
    await page.getByRole('link', { name: 'gone.png Picture, 2 kB' }).waitFor();
    assert.equal(await page.locator('main img').count(), 0);
  });
});
