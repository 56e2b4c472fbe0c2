import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openWeb, question, uuid } from './testing/open-web.ts';
import { refused } from './testing/memory-site.ts';

const text4000 = 'x'.repeat(4_000);

describe('what a page may ask', () => {
  it('the start form learns who can answer', async () => {
    await using web = await openWeb();
    const answer = await web.call('reception', {});
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json()['teams'], [
      { id: 'sales', name: 'Sales', available: true },
      { id: 'support', name: 'Support', available: true },
    ]);
  });

  it('a chat is started, spoken in, read and ended', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    assert.match(ticket, /^[0-9a-f]{26}\.[0-9a-f]{64}$/u);
    assert.equal((await web.call('say', { messageId: uuid(2), text: 'Hello?' }, { ticket })).status, 200);
    web.site.answer(web.site.newest(), 'Jesse', 'Let me look.');
    const frame = (await web.call('read', { after: 1 }, { ticket })).json();
    const view = frame['view'] as { lines: { number: number; text: string }[]; with: string[] };
    assert.deepEqual(
      view.lines.map(({ number, text }) => [number, text]),
      [
        [2, 'Hello?'],
        [3, '▸ Jesse joined the chat.'],
        [4, 'Let me look.'],
      ],
    );
    assert.deepEqual(view.with, ['Jesse']);
    assert.equal((await web.call('end', {}, { ticket })).status, 200);
    assert.deepEqual(web.site.newest().phase.is, 'ended');
  });

  it('what the page claims and what the server sees reach the helpdesk', async () => {
    await using web = await openWeb();
    await web.call('start', question, { headers: { 'user-agent': 'Browser/1' } });
    assert.deepEqual(web.site.newest().form, {
      ...question,
      page: { ...question.page, userAgent: 'Browser/1', address: '127.0.0.1' },
    });
  });

  it('answers to further questions reach it too', async () => {
    await using web = await openWeb();
    web.site.form = { phone: true, fields: [{ id: 'order', label: 'Order', required: true }] };
    assert.deepEqual((await web.call('reception', {})).json()['form'], web.site.form);
    await web.call('start', { ...question, phone: ' +49 30 1 ', fields: { order: ' 42 ' } });
    const { phone, fields } = web.site.newest().form;
    assert.deepEqual([phone, fields], ['+49 30 1', { order: '42' }]);
  });

  it('J18 the same message id again starts one chat, says one line and gets the same answer', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    assert.equal(await web.start(), ticket);
    assert.equal(web.site.chats.size, 1);
    for (let time = 0; time < 2; time++) {
      const answer = await web.call('say', { messageId: uuid(2), text: 'Hello?' }, { ticket });
      assert.deepEqual([answer.status, answer.text], [200, '{}']);
    }
    assert.equal(web.site.newest().lines.length, 2);
  });

  it('a message can be left, with and without a chat', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const form = { messageId: uuid(7), name: 'Chris', email: 'c@example.com', team: 'sales', text: 'Call me' };
    assert.equal((await web.call('message', form, { ticket })).status, 200);
    assert.equal((await web.call('message', { ...form, messageId: uuid(8) })).status, 200);
    assert.deepEqual(
      web.site.left.map(({ ticket: of }) => of !== undefined),
      [true, false],
    );
    assert.equal(web.site.newest().phase.is, 'ended');
  });

  it('the visitor types and goes to another page', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    assert.equal((await web.call('typing', { on: true }, { ticket })).status, 200);
    assert.equal((await web.call('visit', { page: { url: 'https://shop.example/2' } }, { ticket })).status, 200);
    assert.deepEqual(web.site.newest().typing, [true]);
    assert.equal(web.site.newest().pages[1]?.url, 'https://shop.example/2');
  });
});

describe('reads that wait', () => {
  it('a read with nothing new waits, and is answered by the next line', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const { version } = (await web.call('read', { after: 1 }, { ticket })).json() as { version: string };
    const waiting = web.call('read', { after: 1, unless: version }, { ticket });
    while (web.site.watched === 0) await new Promise((resolve) => setImmediate(resolve));
    web.site.answer(web.site.newest(), 'Jesse', 'Hi');
    const frame = (await waiting).json() as { view: { lines: { text: string }[] } };
    assert.ok(frame.view.lines.some(({ text }) => text === 'Hi' || text.includes('joined')));
  });

  it('a read is answered before 10 s are over, so that a living page is heard', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const { version } = (await web.call('read', { after: 1 }, { ticket })).json() as { version: string };
    const waiting = web.call('read', { after: 1, unless: version }, { ticket });
    while (web.site.watched === 0) await new Promise((resolve) => setImmediate(resolve));
    await web.clock.advance(8_000);
    assert.equal((await waiting).status, 200);
  });

  it('typing between two reads is not missed', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const chat = web.site.newest();
    web.site.answer(chat, 'Jesse', 'Hi');
    let frame = (await web.call('read', { after: 9 }, { ticket })).json() as { version: string; typing: string[] };
    const waiting = web.call('read', { after: 9, unless: frame.version }, { ticket });
    while (web.site.watched === 0) await new Promise((resolve) => setImmediate(resolve));
    await web.clock.advance(8_000);
    await waiting;
    web.site.staffTypes(chat, 'Jesse', true);
    frame = (await web.call('read', { after: 9, unless: frame.version }, { ticket })).json() as typeof frame;
    assert.deepEqual(frame.typing, ['Jesse']);
  });

  it('J12 no more than four wait with one ticket, and all are freed', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const { version } = (await web.call('read', { after: 1 }, { ticket })).json() as { version: string };
    const reads = Array.from({ length: 4 }, () => web.call('read', { after: 1, unless: version }, { ticket }));
    while (web.site.calls.filter((verb) => verb === 'read').length < 9) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await web.call('read', { after: 1, unless: version }, { ticket })).status, 429);
    await web.clock.advance(8_000);
    for (const read of reads) assert.equal((await read).status, 200);
    await web.clock.advance(15_000);
    assert.equal(web.site.watched, 0);
  });

  it('closing answers them at once', async () => {
    const web = await openWeb();
    const ticket = await web.start();
    const { version } = (await web.call('read', { after: 1 }, { ticket })).json() as { version: string };
    const waiting = web.call('read', { after: 1, unless: version }, { ticket });
    while (web.site.watched === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = web.server.close();
    assert.equal((await waiting).status, 200);
    await closed;
  });
});

describe('what a call must look like', () => {
  const refusals: Record<string, [verb: string, body: unknown, status: number, says: RegExp]> = {
    'an answer of 201 characters': [
      'start',
      { ...question, fields: { a: 'x'.repeat(201) } },
      400,
      /fields\.a is too long/u,
    ],
    'an answer of two lines': ['start', { ...question, fields: { a: 'x\ny' } }, 400, /fields\.a must be one line/u],
    'more answers than there are questions': [
      'start',
      { ...question, fields: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`f${n}`, 'x'])) },
      400,
      /too many fields/u,
    ],
    'J15 no JSON': ['reception', '{', 400, /not JSON/u],
    'J15 a prototype key': ['reception', '{"__proto__":{"a":1}}', 400, /not allowed/u],
    'J15 an escaped prototype key': ['reception', '{"\\u005f_proto__":1}', 400, /not allowed/u],
    'J15 a constructor key inside': ['visit', '{"page":{"constructor":1}}', 400, /not allowed/u],
    'J15 a key twice': ['typing', '{"on":true,"on":false}', 400, /twice/u],
    'J15 a key twice, once escaped': ['typing', '{"on":true,"\\u006fn":false}', 400, /twice/u],
    'J15 deep nesting': ['reception', '['.repeat(9) + ']'.repeat(9), 400, /deep/u],
    'J15 very deep nesting': ['reception', '['.repeat(32_000) + ']'.repeat(32_000), 400, /deep/u],
    'J15 not UTF-8': ['reception', Buffer.from([0x22, 0xc0, 0x80, 0x22]), 400, /UTF-8/u],
    'J15 an unknown field': ['reception', { admin: true }, 400, /not known/u],
    'J15 another type': ['read', { after: 'x' }, 400, /after must be/u],
    'J15 an array': ['reception', [], 400, /must be of type/u],
    'J20 a line break in the e-mail address': ['start', { ...question, email: 'a@b.c\r\nBcc: x@y.z' }, 400, /^email/u],
    'J20 a line break in the name': ['start', { ...question, name: 'a\nb' }, 400, /^name must be one line/u],
    'J20 no e-mail address': ['start', { ...question, email: 'chris' }, 400, /^email must be an e-mail address/u],
    'a name of nothing visible': ['start', { ...question, name: ' \u200b ' }, 400, /^name is needed/u],
    'a question of nothing visible': ['start', { ...question, question: ' \n' }, 400, /^question is needed/u],
    'a question of more than 4,000 characters': ['start', { ...question, question: `${text4000}x` }, 400, /too long/u],
    'G17 a javascript: page': ['start', { ...question, page: { url: 'javascript:alert(1)' } }, 400, /^page.url/u],
    'a message id that is none': ['start', { ...question, messageId: '1' }, 400, /^messageId/u],
    'J03 a body of more than 64 KiB': ['reception', `{"a":"${'x'.repeat(65_536)}"}`, 413, /too large/u],
  };
  for (const [name, [verb, body, status, says]] of Object.entries(refusals)) {
    it(`${name} is refused with ${status} and a reason`, async () => {
      await using web = await openWeb();
      const answer = await web.call(verb, body);
      assert.equal(answer.status, status);
      assert.match(answer.json().error?.text ?? '', says);
      assert.equal(web.site.chats.size, 0);
      assert.equal(({} as Record<string, unknown>)['a'], undefined);
    });
  }

  it('a field that is wrong is named', async () => {
    await using web = await openWeb();
    const answer = await web.call('start', { ...question, email: 'x' });
    assert.deepEqual(answer.json().error, {
      code: 'bad-form',
      field: 'email',
      text: 'email must be an e-mail address.',
    });
  });

  it('4,000 characters pass', async () => {
    await using web = await openWeb();
    assert.equal((await web.call('start', { ...question, question: text4000 })).status, 200);
  });

  const types = {
    'J02 text/plain': { 'content-type': 'text/plain' },
    'J02 a form': { 'content-type': 'application/x-www-form-urlencoded' },
    'J02 multipart': { 'content-type': 'multipart/form-data; boundary=x' },
    'J02 JSON in disguise': { 'content-type': 'text/plain; application/json' },
    'J02 no type': { 'content-type': '' },
  };
  for (const [name, headers] of Object.entries(types)) {
    it(`${name} is refused with 415`, async () => {
      await using web = await openWeb();
      assert.equal((await web.call('start', question, { headers })).status, 415);
      assert.equal(web.site.chats.size, 0);
    });
  }

  const origins: Record<string, Record<string, string>> = {
    'J01 a foreign origin': { origin: 'https://evil.example' },
    'J01 the origin null': { origin: 'null' },
    'J01 an origin that only begins like ours': { origin: 'http://127.0.0.1.evil.example' },
    'J01 our host on another port': { origin: 'http://127.0.0.1:1' },
    'J01 an origin with more in it': { origin: 'http://127.0.0.1 http://evil.example' },
  };
  for (const [name, headers] of Object.entries(origins)) {
    it(`${name} is refused with 403, without CORS headers`, async () => {
      await using web = await openWeb();
      const answer = await web.call('start', question, { headers });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      assert.equal(web.site.calls.length, 0);
    });
  }
  it('J01 a call without an origin is refused with 403', async () => {
    await using web = await openWeb();
    const headers = { 'content-type': 'application/json' };
    const answer = await web.ask('/api/localhost/reception', { method: 'POST', body: '{}', headers });
    assert.equal(answer.status, 403);
  });
  it('J01 a preflight gets nothing', async () => {
    await using web = await openWeb();
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await web.ask('/api/localhost/start', { method: 'OPTIONS', headers });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
  });
});

describe('tickets', () => {
  const malformed = {
    'J11 none': '',
    'J11 a token with alg none': 'Ticket eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.',
    'J11 another scheme': `Bearer ${'a'.repeat(26)}.${'b'.repeat(64)}`,
    'J11 one of no form': 'Ticket x',
    'J11 two': `Ticket ${'a'.repeat(26)}.${'b'.repeat(64)} x`,
  };
  for (const [name, authorization] of Object.entries(malformed)) {
    it(`${name} is refused with 401`, async () => {
      await using web = await openWeb();
      await web.start();
      const answer = await web.call('read', { after: 0 }, { headers: { authorization } });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['www-authenticate'], 'Ticket');
    });
  }
  it('J11 a ticket in the address is not looked at', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    assert.equal((await web.call(`read?ticket=${ticket}`, { after: 0 })).status, 401);
  });
  it('G27 J19 a guessed chat, a tampered token and one of another tenant get the same 404', async () => {
    await using web = await openWeb({ domains: ['localhost', 'other.example'] });
    const ticket = await web.start();
    const [chat = '', token = ''] = ticket.split('.');
    const answers = [
      await web.call('read', { after: 0 }, { ticket: `${'a'.repeat(26)}.${token}` }),
      await web.call('read', { after: 0 }, { ticket: `${chat}.${'0'.repeat(64)}` }),
      await web.ask('/api/other.example/read', {
        method: 'POST',
        body: '{"after":0}',
        headers: { origin: web.origin, 'content-type': 'application/json', authorization: `Ticket ${ticket}` },
      }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 404);
      assert.equal(answer.text, answers[0]?.text);
    }
    assert.equal(web.site.newest().heard.length, 1);
  });
  it('J19 typing with a wrong ticket tells the helpdesk nothing', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const answer = await web.call('typing', { on: true }, { ticket: `${ticket.split('.')[0]}.${'0'.repeat(64)}` });
    assert.equal(answer.status, 404);
    assert.deepEqual(web.site.newest().typing, []);
  });
});

describe('too much', () => {
  it('G26 a visitor says 20 lines at once, then five a second', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    const say = async (number: number) =>
      await web.call('say', { messageId: uuid(number), text: `${number}` }, { ticket });
    for (let number = 100; number < 120; number++) assert.equal((await say(number)).status, 200);
    const tooFast = await say(120);
    assert.equal(tooFast.status, 429);
    assert.equal(tooFast.headers['retry-after'], '1');
    assert.equal(tooFast.json().error?.code, 'too-fast');
    assert.equal(tooFast.json().error?.retryAfterMs, 200);
    await web.clock.advance(200);
    assert.equal((await say(120)).status, 200);
    assert.equal((await say(121)).status, 429);
  });

  it('ten chats are started from one address in a minute', async () => {
    await using web = await openWeb();
    for (let number = 1; number <= 10; number++) await web.start(number);
    const answer = await web.call('start', { ...question, messageId: uuid(11) });
    assert.equal(answer.status, 429);
    assert.equal(answer.json().error?.code, 'too-many-starts');
    assert.equal(answer.headers['retry-after'], '6');
    await web.clock.advance(6_000);
    assert.equal((await web.call('start', { ...question, messageId: uuid(11) })).status, 200);
  });

  it('twenty chats may be open from one address; one that ends makes room', async () => {
    await using web = await openWeb();
    const tickets: string[] = [];
    for (let number = 1; number <= 20; number++) {
      tickets.push(await web.start(number));
      await web.clock.advance(6_000);
    }
    const refused = await web.call('start', { ...question, messageId: uuid(21) });
    assert.deepEqual([refused.status, refused.json().error?.code], [429, 'too-many-chats']);
    await web.call('end', {}, { ticket: tickets[3] ?? '' });
    assert.equal((await web.call('start', { ...question, messageId: uuid(21) })).status, 200);
  });

  it('a busy helpdesk is 429 with a time to come back', async () => {
    await using web = await openWeb();
    web.site.before = () => {
      throw refused('busy');
    };
    const answer = await web.call('start', question);
    assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '2']);
  });

  it('a failure of ours is 500 and says nothing of its cause', async () => {
    await using web = await openWeb();
    web.site.before = () => {
      throw new Error('disk secret');
    };
    const answer = await web.call('start', question);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /secret/u);
  });

  it('a line in a chat that is over is 409', async () => {
    await using web = await openWeb();
    const ticket = await web.start();
    web.site.endChat(web.site.newest(), 'staff');
    assert.equal((await web.call('say', { messageId: uuid(2), text: 'x' }, { ticket })).status, 409);
  });

  it('J05 a forged X-Forwarded-For does not get around the limits', async () => {
    await using web = await openWeb();
    const statuses: number[] = [];
    for (let number = 1; number <= 11; number++) {
      const headers = { 'x-forwarded-for': `198.51.100.${number}`, forwarded: `for=198.51.100.${number}` };
      statuses.push((await web.call('start', { ...question, messageId: uuid(number) }, { headers })).status);
    }
    assert.equal(statuses[10], 429);
    assert.equal(web.site.newest().form.page.address, '127.0.0.1');
  });

  it('J05 behind a trusted proxy each visitor has limits of their own', async () => {
    await using web = await openWeb({ trustedProxies: ['127.0.0.0/8'] });
    for (let number = 1; number <= 11; number++) {
      const headers = { 'x-forwarded-for': `203.0.113.9, 198.51.100.${number}` };
      assert.equal((await web.call('start', { ...question, messageId: uuid(number) }, { headers })).status, 200);
    }
    assert.equal(web.site.newest().form.page.address, '198.51.100.11');
  });
});
