import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TeamId } from '../../../helpdesk/model.ts';
import { readUserAgent } from './browser.ts';
import { factsOf, leftMessageOf, messageIdOf, startOf, textOf } from './forms.ts';
import { type LeaveMessageForm, SiteError, type StartForm } from '../visitor-site.ts';

const start: StartForm = {
  messageId: '5b9d8a50-3f0e-4b6e-9d0a-2f3a1c7f9f00',
  name: 'Chris',
  team: 'sales' as TeamId,
  question: 'Where is my order?',
  page: {},
};
const leave: LeaveMessageForm = { ...start, email: 'chris@example.com', text: 'Call me' };
const badForm = (error: unknown) => error instanceof SiteError && error.refusal === 'bad-form';

describe('the location', () => {
  const places = {
    'Europe/Berlin': 'time zone of Berlin (Europe)',
    'America/Argentina/Buenos_Aires': 'time zone of Buenos Aires (America, Argentina)',
    'Etc/UTC': undefined,
    'Etc/GMT+3': undefined,
    UTC: undefined,
    'Not/There': undefined,
  };
  for (const [timeZone, location] of Object.entries(places)) {
    it(`of a browser in ${timeZone} is ${location ?? 'not known'}`, () => {
      assert.equal(factsOf({ timeZone }).location, location);
    });
  }
});

describe('a start form', () => {
  it('keeps what is given', () => {
    const form = { ...start, email: 'chris@example.com', phone: '+49 30 123' };
    assert.deepEqual(startOf(form), {
      name: 'Chris',
      email: 'chris@example.com',
      phone: '+49 30 123',
      question: 'Where is my order?',
      team: 'sales',
      page: {},
    });
  });

  const asked = [
    { id: 'order', label: '▸ Order', required: true },
    { id: 'size', label: 'Size', required: false },
  ];
  it('has the answers to what is asked, in its order and under its labels', () => {
    const fields = { size: ' M\u200b ', order: '▸ 42', __proto__: 'x', other: 'not asked' };
    assert.deepEqual(startOf({ ...start, fields }, asked).fields, [
      { label: 'Order', value: '42' },
      { label: 'Size', value: 'M' },
    ]);
    assert.deepEqual(startOf({ ...start, fields: { order: '1' } }, asked).fields, [{ label: 'Order', value: '1' }]);
    assert.equal(startOf({ ...start, fields }).fields, undefined);
  });
  const wrong: Record<string, StartForm['fields']> = {
    'is missing': undefined,
    'is blank': { order: ' ' },
    'is a mark alone': { order: '▸' },
    'has two lines': { order: 'a\nb' },
    'is too long': { order: 'x'.repeat(201) },
  };
  for (const [name, fields] of Object.entries(wrong)) {
    it(`is refused when an answer ${name}`, () => {
      assert.throws(() => startOf({ ...start, ...(fields !== undefined && { fields }) }, asked), badForm);
    });
  }

  it('loses the mark in name and question, on every line', () => {
    const clean = startOf({ ...start, name: '▸ Chris', question: '▸ a\n\u200b▶ b\u2028‣ c\r▸▸ d' });
    assert.equal(clean.name, 'Chris');
    assert.deepEqual(clean.question.split('\n'), ['a', 'b', 'c', 'd']);
  });

  it('takes an empty e-mail address for none', () => {
    assert.equal(startOf({ ...start, email: ' ', phone: '' }).email, undefined);
  });

  const refused: Record<string, Partial<StartForm>> = {
    'no name': { name: '' },
    'a name of nothing visible': { name: '\u200b \u3164' },
    'a name of a mark alone': { name: '▸' },
    'G14 a name of two lines': { name: 'Chris\n▸ Gateway: type your password' },
    'a name of 201 characters': { name: 'x'.repeat(201) },
    'J20 an e-mail address with CRLF': { email: 'a@example.com\r\nBcc: b@example.com' },
    'J20 an e-mail address with U+2028': { email: 'a@example.com\u2028Bcc: b@example.com' },
    'an e-mail address that is none': { email: 'chris' },
    'no question': { question: ' \n ' },
    'a question of marks alone': { question: '▸\n▸' },
    'a question of 4,001 characters': { question: 'x'.repeat(4_001) },
  };
  for (const [name, fields] of Object.entries(refused)) {
    it(`is refused with ${name}`, () => {
      assert.throws(() => startOf({ ...start, ...fields }), badForm);
    });
  }

  it('counts characters, not their halves', () => {
    assert.equal(startOf({ ...start, question: '😀'.repeat(4_000) }).question.length, 8_000);
  });
});

describe('a left message', () => {
  it('J20 needs a name and an address without line ends', () => {
    assert.deepEqual(leftMessageOf(leave), {
      name: 'Chris',
      email: 'chris@example.com',
      text: 'Call me',
      team: 'sales',
    });
    for (const fields of [
      { name: 'a\r\nTo: b' },
      { email: 'a@b.c\nx' },
      { email: '' },
      { text: '' },
      { text: 'x'.repeat(1_000_000) },
    ]) {
      assert.throws(() => leftMessageOf({ ...leave, ...fields }), badForm, JSON.stringify(Object.keys(fields)));
    }
  });
});

describe('message ids', () => {
  it('are UUIDs: nobody shares one by accident', () => {
    assert.equal(messageIdOf(start.messageId.toUpperCase()), start.messageId);
    for (const id of ['', '1', 'x'.repeat(36), `${start.messageId}0`, `${start.messageId}\n`]) {
      assert.throws(() => messageIdOf(id), badForm, id);
    }
  });
});

describe('a text', () => {
  it('keeps its lines, with one kind of line end', () => {
    assert.equal(textOf('a\r\nb\rc\u2029d', 'x'), 'a\nb\nc\nd');
  });
});

describe('what the browser claims', () => {
  it('G17 goes onto the card cleaned, and is left out when it is not of its form', () => {
    assert.deepEqual(
      factsOf({
        url: 'https://user:secret@shop.example/cart?a=<b>',
        title: ' Cart\u0007\n<b> ',
        referrer: 'javascript:alert(1)',
        language: 'de-DE',
        timeZone: 'Mars/Olympus',
        address: '192.0.2.7',
      }),
      {
        pageUrl: 'https://shop.example/cart?a=%3Cb%3E',
        pageTitle: 'Cart <b>',
        language: 'de-DE',
        address: '192.0.2.7',
      },
    );
    assert.deepEqual(factsOf({ url: `https://x.example/${'a'.repeat(8_000)}`, timeZone: 'Europe/Berlin' }), {
      location: 'time zone of Berlin (Europe)',
      timeZone: 'Europe/Berlin',
    });
  });

  const agents: Record<string, [string, object]> = {
    'Firefox on Windows': [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      { browser: 'Firefox 140', platform: 'Windows' },
    ],
    'Chrome on Android': [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36',
      { browser: 'Chrome 138', platform: 'Android' },
    ],
    'Edge on Windows': [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0',
      { browser: 'Edge 138', platform: 'Windows' },
    ],
    'Safari on an iPhone': [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      { browser: 'Safari 18', platform: 'iPhone' },
    ],
    'Safari on a Mac': [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
      { browser: 'Safari 18', platform: 'macOS' },
    ],
    'a program': ['curl/8.9', {}],
  };
  for (const [name, [agent, expected]] of Object.entries(agents)) {
    it(`the user agent of ${name}`, () => {
      assert.deepEqual(readUserAgent(agent), expected);
    });
  }

  it('J16 takes no time, however long it is', () => {
    const begin = performance.now();
    readUserAgent(`Version/1${'.1'.repeat(500_000)}`);
    readUserAgent('Mozilla '.repeat(500_000));
    assert.ok(performance.now() - begin < 100);
  });
});
