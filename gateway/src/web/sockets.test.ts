import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { openSocket, openWeb, type Web } from './testing/open-web.ts';

async function greeted(web: Web, after = 0) {
  const ticket = await web.start();
  const socket = await web.socket();
  socket.say({ type: 'hello', ticket, after });
  await socket.until((messages) => messages.length > 0, 'a frame');
  return { ticket, socket, chat: web.site.newest() };
}
const turn = async () => await new Promise((resolve) => setImmediate(resolve));

describe("a page's socket", () => {
  it('sends what is there, then what is new, each line once', async () => {
    await using web = await openWeb();
    const { socket, chat } = await greeted(web);
    web.site.answer(chat, 'Jesse', 'one');
    web.site.answer(chat, 'Jesse', 'two');
    await socket.until(() => socket.texts().includes('two'), 'the second line');
    assert.deepEqual(socket.texts(), ['Where is my order?', '▸ Jesse joined the chat.', 'one', 'two']);
    const frame = socket.received.at(-1);
    assert.deepEqual([frame?.view?.phase, frame?.view?.with], [{ is: 'running' }, ['Jesse']]);
  });

  it('begins after the line that the page has', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    web.site.answer(web.site.newest(), 'Jesse', 'one');
    const socket = await web.socket();
    socket.say({ type: 'hello', ticket, after: 2 });
    await socket.until(() => socket.texts().includes('one'), 'the line');
    assert.deepEqual(socket.texts(), ['one']);
  });

  it('sends a long chat in pieces, in order', async () => {
    await using web = await openWeb();
    web.site.pageSize = 3;
    const ticket = await web.start();
    for (let number = 1; number < 20; number++) web.site.answer(web.site.newest(), 'Jesse', `${number}`);
    const socket = await web.socket();
    socket.say({ type: 'hello', ticket, after: 2 });
    await socket.until(() => socket.texts().includes('19'), 'the last line');
    assert.deepEqual(
      socket.texts(),
      Array.from({ length: 19 }, (_, index) => `${index + 1}`),
    );
  });

  it('a lost hint is repaired within 2 s', async () => {
    await using web = await openWeb();
    const { socket, chat } = await greeted(web);
    await turn();
    web.site.addSilently(chat, 'Jesse', 'unannounced');
    await web.clock.advance(3_000);
    await socket.until(() => socket.texts().includes('unannounced'), 'the line');
  });

  it('tells both ways who types; who says nothing more is forgotten', async () => {
    await using web = await openWeb();
    const { socket, chat } = await greeted(web);
    web.site.answer(chat, 'Jesse', 'Hi');
    web.site.staffTypes(chat, 'Jesse', true);
    await socket.until((messages) => messages.at(-1)?.typing?.[0] === 'Jesse', 'typing');
    for (let second = 0; second < 31; second++) {
      await web.clock.advance(1_000);
      // the browser answers pings: the socket lives
      if (second % 8 === 0) socket.say({ type: 'heard' });
      await turn();
    }
    await socket.until((messages) => messages.findLast(({ typing }) => typing)?.typing?.length === 0, 'the end of it');
    socket.say({ type: 'typing', on: true });
    while (chat.typing.length === 0) await turn();
    assert.deepEqual(chat.typing, [true]);
  });

  it('the page is heard by the pongs of its browser, at least every 10 s, and cut when they end', async () => {
    await using web = await openWeb();
    const { socket, chat } = await greeted(web);
    const before = chat.heard.length;
    await web.clock.advance(9_000);
    while (chat.heard.length === before) await turn();
    // the browser is frozen: it answers nothing
    socket.socket.pause();
    await web.clock.advance(30_000);
    socket.socket.resume();
    assert.equal((await socket.closed).code, 1006);
    assert.equal(web.server.sockets(), 0);
  });

  it('a sign of life is answered, so that a page notices a dead connection', async () => {
    await using web = await openWeb();
    const { socket } = await greeted(web);
    socket.say({ type: 'heard' });
    await socket.until((messages) => messages.at(-1)?.type === 'alive', 'the answer');
  });

  it('a chat that is over is told, then the socket is closed', async () => {
    await using web = await openWeb();
    const { socket, chat } = await greeted(web);
    web.site.endChat(chat, 'staff');
    assert.equal((await socket.closed).code, 1000);
    assert.deepEqual(socket.received.at(-1)?.view?.phase.is, 'ended');
  });

  it('closing tells the page to come back, and takes less than 5 s', async () => {
    const web = await openWeb();
    const { socket } = await greeted(web);
    const closed = web.server.close();
    assert.equal((await socket.closed).code, 1012);
    await closed;
  });

  it('closing does not wait for a page that does not answer', async () => {
    const web = await openWeb();
    const { socket } = await greeted(web);
    socket.socket.pause();
    const closed = web.server.close();
    await web.clock.advance(5_000);
    await closed;
    assert.equal(web.server.sockets(), 0);
  });

  it('a removed tenant closes its sockets', async () => {
    await using web = await openWeb();
    const { socket } = await greeted(web);
    web.tenants.remove('localhost');
    await web.clock.advance(1_000);
    assert.equal((await socket.closed).code, 4404);
  });
});

describe('who may open a socket', () => {
  const upgrade = async (web: Web, { origin, path = '/api/localhost/socket' }: { origin?: string; path?: string }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${web.port}${path}`, origin === undefined ? {} : { origin });
    const [error] = (await once(socket, 'error')) as [Error];
    return /(\d{3})/u.exec(error.message)?.[1];
  };
  it('J01 a foreign origin, null and none are 403', async () => {
    await using web = await openWeb();
    assert.equal(await upgrade(web, { origin: 'https://evil.example' }), '403');
    assert.equal(await upgrade(web, { origin: 'null' }), '403');
    assert.equal(await upgrade(web, {}), '403');
  });
  it('an unknown path and an unknown tenant are 404', async () => {
    await using web = await openWeb();
    assert.equal(await upgrade(web, { origin: web.origin, path: '/' }), '404');
    assert.equal(await upgrade(web, { origin: web.origin, path: '/api/x.example/socket' }), '404');
  });
  it('J11 J19 a wrong ticket closes it, the same for every kind of wrong', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const wrong = [`${'a'.repeat(26)}.${'b'.repeat(64)}`, `${ticket.split('.')[0]}.${'0'.repeat(64)}`];
    for (const one of wrong) {
      const socket = await web.socket();
      socket.say({ type: 'hello', ticket: one, after: 0 });
      assert.deepEqual(await socket.closed, { code: 4404, reason: 'There is no such chat.' });
    }
    const socket = await web.socket();
    socket.say({ type: 'hello', ticket: 'x', after: 0 });
    assert.equal((await socket.closed).code, 4401);
    assert.equal(web.site.newest().heard.length, 1);
  });
  it('J11 a ticket in the address opens nothing', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const url = `ws://127.0.0.1:${web.port}/api/localhost/socket?ticket=${ticket}`;
    await assert.rejects(openSocket(url, web.origin), /404/u);
  });
  it('J12 a socket that says no hello is closed after 10 s', async () => {
    await using web = await openWeb();
    const socket = await web.socket();
    await web.clock.advance(12_000);
    assert.equal((await socket.closed).code, 1008);
  });
  it('J12 a fifth socket with one ticket is refused, and one that closes makes room', async () => {
    await using web = await openWeb();
    const { ticket, socket: first } = await greeted(web);
    const open = async () => {
      const socket = await web.socket();
      socket.say({ type: 'hello', ticket, after: 0 });
      return socket;
    };
    for (let number = 2; number <= 4; number++) {
      await (await open()).until((messages) => messages.length > 0, 'a frame');
    }
    assert.equal((await (await open()).closed).code, 4429);
    first.socket.close();
    await first.closed;
    while (web.server.sockets() > 3) await turn();
    await (await open()).until((messages) => messages.length > 0, 'a frame');
  });
});

describe('what a socket must not send', () => {
  const messages: Record<string, [sent: string | Buffer, code: number]> = {
    'J13 binary': [Buffer.from('{"type":"heard"}'), 1003],
    'J13 more than 64 KiB': ['x'.repeat(65_537), 1009],
    'J15 no JSON': ['{', 4400],
    'J15 prototype keys': ['{"type":"heard","__proto__":{}}', 4400],
    'an unknown type': ['{"type":"admin"}', 4400],
    'a second hello': [`{"type":"hello","ticket":"x","after":0}`, 4400],
  };
  for (const [name, [sent, code]] of Object.entries(messages)) {
    it(`${name} closes it with ${code}`, async () => {
      await using web = await openWeb();
      const { socket } = await greeted(web);
      socket.socket.send(sent);
      assert.equal((await socket.closed).code, code);
    });
  }

  it('G26 more than 40 messages at once close it', async () => {
    await using web = await openWeb();
    const { socket } = await greeted(web);
    for (let number = 0; number < 41; number++) socket.say({ type: 'heard' });
    assert.equal((await socket.closed).code, 4429);
  });

  const frames: Record<string, [frame: Buffer, code: number]> = {
    'J13 an unmasked frame': [Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    'J13 reserved bits': [Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
    'J13 a frame that says it is 1 GB': [Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]), 1009],
    'J13 bytes that are no UTF-8': [Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc0, 0x80]), 1007],
  };
  for (const [name, [frame, code]] of Object.entries(frames)) {
    it(`${name} closes it with ${code}, and deflate is never agreed on`, async () => {
      await using web = await openWeb();
      const socket = connect(web.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `GET /api/localhost/socket HTTP/1.1\r\nHost: 127.0.0.1:${web.port}\r\nOrigin: ${web.origin}\r\nConnection: Upgrade\r\n` +
          `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
          'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
      );
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(socket, 'data');
      assert.doesNotMatch(Buffer.concat(chunks).toString('latin1'), /permessage-deflate/u);
      socket.write(frame);
      await once(socket, 'close');
      const all = Buffer.concat(chunks);
      assert.equal(all.readUInt16BE(all.indexOf('\r\n\r\n') + 6), code);
    });
  }
});

describe('a browser that does not read', () => {
  it('is sent one frame at a time, and cut when it takes none for 30 s, whatever it says itself', async () => {
    await using web = await openWeb();
    const { socket, chat } = await greeted(web);
    await turn();
    socket.socket.pause();
    const long = 'x'.repeat(4_000);
    for (let number = 0; number < 4_000; number++) web.site.addSilently(chat, 'Jesse', long);
    const before = process.memoryUsage().rss;
    let seconds = 0;
    for (; seconds < 60 && web.server.sockets() > 0; seconds++) {
      const heard = chat.heard.length;
      if (seconds % 5 === 0) {
        socket.say({ type: 'heard' });
        while (chat.heard.length === heard && web.server.sockets() > 0) await turn();
      }
      await web.clock.advance(1_000);
    }
    assert.equal(web.server.sockets(), 0);
    // later than for silence: it did say something
    assert.ok(seconds > 25 && seconds < 40, `${seconds} s`);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  });
});
