import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FileError, type FileFault } from '../helpdesk/files.ts';
import { refused } from './testing/memory-site.ts';
import { openWeb, question, uuid, type Web } from './testing/open-web.ts';

const picture = { name: 'cat.png', type: 'image/png', size: 9, url: 'https://acme.example/files/1/cat.png' };
const turn = async () => await new Promise((resolve) => setImmediate(resolve));

async function withFile(web: Web) {
  web.site.files = { maxBytes: 100, types: ['image/png'] };
  web.site.uploaded.set(picture.url, picture);
  return await web.start();
}

describe('files of visitors', () => {
  it('the page learns what it may send, and nothing where that is nothing', async () => {
    await using web = await openWeb();
    assert.equal('files' in (await web.call('reception', {})).json(), false);
    web.site.files = { maxBytes: 100, types: ['image/png'] };
    assert.deepEqual((await web.call('reception', {})).json()['files'], web.site.files);
  });

  it('J18 a file is shared once, however often that is asked, and read with its facts', async () => {
    await using web = await openWeb();
    const ticket = await withFile(web);
    for (let time = 0; time < 2; time++) {
      const answer = await web.call('share', { messageId: uuid(2), url: picture.url }, { ticket });
      assert.deepEqual([answer.status, answer.text], [200, '{}']);
    }
    const { view } = (await web.call('read', { after: 1 }, { ticket })).json() as {
      view: { lines: { text: string; extra: unknown }[] };
    };
    assert.deepEqual(
      view.lines.map(({ text, extra }) => [text, extra]),
      [[picture.url, { is: 'file', file: picture }]],
    );
  });

  const foreign: Record<string, [url: unknown, status: number]> = {
    'G16 an address that is none of the web': ['javascript:alert(1)', 400],
    'an address that leads to no file': ['https://acme.example/files/2/dog.png', 400],
    'an address of 3,000 characters': [`https://acme.example/${'x'.repeat(3_000)}`, 400],
    'no address': [undefined, 400],
  };
  for (const [name, [url, status]] of Object.entries(foreign)) {
    it(`${name} is not shared`, async () => {
      await using web = await openWeb();
      const ticket = await withFile(web);
      const answer = await web.call('share', { messageId: uuid(2), url }, { ticket });
      assert.deepEqual([answer.status, answer.json().error?.code], [status, 'bad-form']);
      assert.equal(web.site.newest().lines.length, 1);
    });
  }

  it('G27 nothing is shared without a ticket, with a wrong one, and in a chat that is over', async () => {
    await using web = await openWeb();
    const ticket = await withFile(web);
    const share = { messageId: uuid(2), url: picture.url };
    assert.equal((await web.call('share', share)).status, 401);
    const wrong = `${ticket.split('.')[0]}.${'0'.repeat(64)}`;
    assert.equal((await web.call('share', share, { ticket: wrong })).status, 404);
    web.site.endChat(web.site.newest(), 'staff');
    assert.equal((await web.call('share', share, { ticket })).status, 409);
  });

  it('what the files refuse is said in a word that the page knows', async () => {
    await using web = await openWeb();
    const ticket = await withFile(web);
    const table: [FileFault, number, string][] = [
      ['off', 403, 'files-off'],
      ['too-large', 413, 'too-large'],
      ['wrong-type', 415, 'wrong-type'],
      ['bad-form', 400, 'empty-file'],
      ['too-many', 429, 'too-many-files'],
      ['not-found', 404, 'not-found'],
    ];
    for (const [fault, status, code] of table) {
      web.site.before = () => {
        throw new FileError(fault, fault === 'too-many' ? 2_500 : undefined);
      };
      const answer = await web.call('share', { messageId: uuid(2), url: picture.url }, { ticket });
      assert.deepEqual([answer.status, answer.json().error?.code], [status, code]);
      assert.equal(answer.headers['retry-after'], fault === 'too-many' ? '3' : undefined);
    }
  });
});

describe('what a page has shown', () => {
  it('is told by a call: a line that is there', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    web.site.answer(web.site.newest(), 'Jesse', 'Hi');
    assert.equal((await web.call('seen', { line: 3 }, { ticket })).status, 200);
    assert.equal((await web.call('seen', { line: 4 }, { ticket })).status, 200);
    assert.equal((await web.call('seen', { line: 0 }, { ticket })).status, 400);
    assert.deepEqual(web.site.newest().shown, [3]);
  });

  it('J19 is not told with a wrong ticket', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const answer = await web.call('seen', { line: 1 }, { ticket: `${ticket.split('.')[0]}.${'0'.repeat(64)}` });
    assert.equal(answer.status, 404);
    assert.deepEqual(web.site.newest().shown, []);
  });

  it('is told over the socket: never more than was sent', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const chat = web.site.newest();
    const socket = await web.socket();
    socket.say({ type: 'hello', ticket, after: 0 });
    web.site.answer(chat, 'Jesse', 'Hi');
    await socket.until(() => socket.texts().includes('Hi'), 'the line');
    await turn();
    socket.say({ type: 'seen', line: 3 });
    socket.say({ type: 'seen', line: 999 });
    while (chat.shown.length < 2) await turn();
    assert.deepEqual(chat.shown, [3, 3]);
    socket.say({ type: 'seen', line: -1 });
    assert.equal((await socket.closed).code, 4400);
  });

  it('that staff have seen a line wakes a page, over the socket and while it reads', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const chat = web.site.newest();
    const socket = await web.socket();
    socket.say({ type: 'hello', ticket, after: 0 });
    await socket.until((messages) => messages.at(-1)?.view?.seen === 0, 'the first frame');
    const { version } = (await web.call('read', { after: 1 }, { ticket })).json() as { version: string };
    const waiting = web.call('read', { after: 1, unless: version }, { ticket });
    while (web.site.calls.filter((verb) => verb === 'read').length < 4) await turn();
    web.site.staffSee(chat, 1);
    await socket.until((messages) => messages.at(-1)?.view?.seen === 1, 'what staff have seen');
    assert.equal(((await waiting).json() as { view: { seen: number } }).view.seen, 1);
  });
});

describe('a visitor who is banned', () => {
  it('is told that it cannot be done, and no more, for a chat as for a message', async () => {
    await using web = await openWeb();
    web.site.before = (verb) => {
      if (verb !== 'reception') throw refused('banned');
    };
    const message = { messageId: uuid(7), name: 'Chris', email: 'c@example.com', team: 'sales', text: 'Call me' };
    for (const answer of [await web.call('start', question), await web.call('message', message)]) {
      assert.deepEqual([answer.status, answer.json().error?.code], [403, 'refused']);
      assert.doesNotMatch(answer.text, /ban/u);
    }
  });
});
