import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BusUnavailableError, BusyError } from '../../../bus/port.ts';
import { HelpdeskError } from '../../../helpdesk/errors.ts';
import type { ChatId, TeamId, TenantId } from '../../../helpdesk/model.ts';
import { Bench, type BenchOptions, boss, FILE, jesse, mia, SALES, TENANT } from '../testing/bench.ts';
import { ticketOf } from './tickets.ts';
import { SiteError, type SiteRefusal } from '../visitor-site.ts';

function scenario(name: string, test: (bench: Bench) => Promise<void>, options: BenchOptions = {}): void {
  it(name, async () => {
    const bench = new Bench(options);
    await bench.open();
    await test(bench);
    await bench.close();
  });
}

const refusedAs = (refusal: SiteRefusal) => (error: unknown) => error instanceof SiteError && error.refusal === refusal;
const sunday = [{ days: ['sun' as const], from: '09:00', to: '10:00' }];

describe('the reception', () => {
  scenario('names the public teams, and where somebody can answer', async (bench) => {
    assert.deepEqual(await bench.site.reception(TENANT), {
      name: 'Acme',
      open: true,
      teams: [
        { id: 'sales', name: 'Sales', available: false },
        { id: 'support', name: 'Support', available: false },
      ],
      form: { phone: false, fields: [] },
      files: { maxBytes: 1_000, types: ['application/pdf'] },
    });
    await bench.online(jesse, boss);
    await bench.helpdesk.setStatus(bench.call(), mia, 'busy');
    const { teams } = await bench.site.reception(TENANT);
    assert.deepEqual(
      teams.map((team) => team.available),
      [true, false],
    );
  });

  scenario(
    'is closed outside hours, and takes messages',
    async (bench) => {
      assert.equal((await bench.site.reception(TENANT)).open, false);
      await assert.rejects(bench.site.start(TENANT, bench.form('Hello?')), refusedAs('closed'));
      await bench.leavesMessage('Call me');
      assert.equal((await bench.helpdesk.leftMessages([SALES], 10)).length, 1);
    },
    { helpdesk: { hours: sunday } },
  );

  scenario(
    'is closed while too many wait',
    async (bench) => {
      await bench.online(jesse);
      await bench.asks('1');
      await bench.asks('2');
      assert.equal((await bench.site.reception(TENANT)).open, false);
      await assert.rejects(bench.site.start(TENANT, bench.form('3')), refusedAs('closed'));
    },
    { limits: { waitingChatsPerTenant: 2 } },
  );

  scenario('I10 of an unknown tenant does not exist', async (bench) => {
    const nowhere = 'nowhere.test' as TenantId;
    await assert.rejects(bench.site.reception(nowhere), refusedAs('not-found'));
    await assert.rejects(bench.site.start(nowhere, bench.form('x')), refusedAs('not-found'));
  });
});

describe('a start', () => {
  scenario('J18 twice with one id gives one chat and the same ticket, at once and later', async (bench) => {
    await bench.online(jesse);
    const form = bench.form('Hello?');
    const [one, two] = await Promise.all([bench.site.start(TENANT, form), bench.site.start(TENANT, form)]);
    assert.deepEqual(one, two);
    assert.deepEqual(await bench.site.start(TENANT, { ...form, messageId: form.messageId.toUpperCase() }), one);
    assert.equal(bench.events.filter((event) => event.type === 'chat').length, 1);
    await bench.site.end(TENANT, one);
    assert.deepEqual(await bench.site.start(TENANT, form), one, 'also when it is over');
    assert.match(one.chat, /^[a-z2-7]{26}$/u);
    assert.ok(Buffer.from(one.token, 'base64url').length >= 16);
  });

  scenario('gives a ticket that follows from nothing that staff see', async (bench) => {
    await bench.online(jesse);
    const form = bench.form('Hello?');
    const ticket = await bench.site.start(TENANT, form);
    const seen = JSON.stringify(bench.events);
    assert.ok(!seen.includes(form.messageId) && !seen.includes(ticket.token));
    assert.ok(!JSON.stringify(await bench.store.load(TENANT)).includes(ticket.token));
    assert.notDeepEqual(ticketOf('another secret', form.messageId), ticket);
  });

  scenario('needs a team that visitors may choose', async (bench) => {
    for (const team of ['internal', 'none', '__proto__']) {
      const form = bench.form('x', { team: team as TeamId });
      await assert.rejects(bench.site.start(TENANT, form), refusedAs('bad-form'));
    }
  });
});

describe('a ticket', () => {
  scenario('G27 J11 J19 opens its own chat alone; a wrong one is as good as none', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const other = await bench.asks('And I?');
    const { token } = bench.ticket(chat);
    const wrong = [
      { chat, token: bench.ticket(other).token },
      { chat, token: '' },
      { chat, token: `${token}x` },
      { chat: 'a'.repeat(26) as ChatId, token },
      { chat: other, token },
    ];
    for (const ticket of wrong) {
      const text = 'x';
      for (const attempt of [
        () => bench.site.read(TENANT, ticket, 0),
        () => bench.site.say(TENANT, ticket, bench.uuid(), text),
        () => bench.site.end(TENANT, ticket),
        () => bench.site.visitPage(TENANT, ticket, {}),
        () => bench.site.leaveMessage(TENANT, { ...bench.form(''), email: 'a@example.com', text }, ticket),
      ]) {
        await assert.rejects(attempt(), refusedAs('not-found'));
      }
      bench.events.length = 0;
      bench.site.typing(TENANT, ticket, true);
      bench.site.heard(TENANT, ticket);
      await bench.settled();
      assert.deepEqual(bench.events, []);
    }
    assert.deepEqual(await bench.texts(chat, 'you'), ['Hello?']);
  });
});

describe('what a page says and reads', () => {
  scenario('J18 a line with a known id is stored once, also after the end', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const id = bench.uuid();
    await Promise.all([bench.says(chat, 'once', id), bench.says(chat, 'once', id)]);
    await bench.says(chat, 'once', id);
    await bench.site.end(TENANT, bench.ticket(chat));
    await bench.says(chat, 'once', id);
    assert.deepEqual(await bench.texts(chat, 'you'), ['Hello?', 'once']);
    await assert.rejects(bench.says(chat, 'too late'), refusedAs('ended'));
  });

  scenario('a line that comes as the chat ends is not half said', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
    const outcomes = await Promise.allSettled([
      bench.helpdesk.end(bench.call(), chat, jesse),
      bench.says(chat, 'wait'),
    ]);
    const isStored = (await bench.texts(chat, 'you')).includes('wait');
    assert.equal(outcomes[1]?.status === 'fulfilled', isStored);
  });

  scenario('the page shows who said what, who answers, and its own message ids', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const id = bench.uuid();
    await bench.says(chat, 'Anybody?', id);
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
    const view = await bench.site.read(TENANT, bench.ticket(chat), 1);
    assert.deepEqual(view.phase, { is: 'running' });
    assert.deepEqual(view.with, ['Jesse Stone']);
    assert.equal(view.teamName, 'Sales');
    assert.equal(view.more, false);
    assert.deepEqual(
      view.lines.map(({ number, from, text }) => [number, from, text]),
      [
        [2, { is: 'you', messageId: id }, 'Anybody?'],
        [3, { is: 'staff', name: 'Jesse Stone' }, 'Hi'],
        [4, { is: 'notice' }, 'Jesse Stone joined the chat.'],
      ],
    );
    assert.ok(bench.hints.some(({ hint }) => hint.type === 'changed'));
  });

  scenario('reads 200 lines at a time', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('1');
    for (let number = 2; number <= 450; number++) await bench.says(chat, String(number));
    const seen: string[] = [];
    for (let more = true, after = 0; more;) {
      const view = await bench.site.read(TENANT, bench.ticket(chat), after);
      assert.ok(view.lines.length <= 200);
      seen.push(...view.lines.map((line) => line.text));
      after = view.lines.at(-1)?.number ?? 0;
      more = view.more;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 450 }, (_, index) => String(index + 1)),
    );
  });

  scenario('staff typing reaches the page only from who takes part', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    bench.helpdesk.typing(chat, jesse, true);
    assert.deepEqual(
      bench.hints.filter(({ hint }) => hint.type === 'typing'),
      [],
      'G18: not before the chat is accepted',
    );
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
    bench.helpdesk.typing(chat, mia, true);
    bench.helpdesk.typing(chat, jesse, true);
    assert.deepEqual(
      bench.hints.filter(({ hint }) => hint.type === 'typing'),
      [{ chat, hint: { type: 'typing', name: 'Jesse Stone', on: true } }],
    );
  });
});

describe('a bus or a store that cannot take it now', () => {
  for (const error of [new BusyError(), new BusUnavailableError(), new HelpdeskError({ is: 'unreachable' })]) {
    scenario(`refuses as busy (${error.constructor.name})`, async (bench) => {
      await bench.online(jesse);
      const chat = await bench.asks('Hello?');
      Object.assign(bench.helpdesk, { receive: () => Promise.reject(error) });
      await assert.rejects(bench.says(chat, 'x'), refusedAs('busy'));
      await assert.rejects(bench.site.start(TENANT, bench.form('x')), refusedAs('busy'));
    });
  }
});

describe('a file of a visitor', () => {
  scenario('is a line with what is known of it, once for a message id', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const id = bench.uuid();
    const share = (url: string, ticket = bench.ticket(chat)) => bench.site.share?.(TENANT, ticket, id, url);
    await Promise.all([share(FILE.url), share(FILE.url)]);
    await share(FILE.url);
    const { lines } = await bench.site.read(TENANT, bench.ticket(chat), 1);
    assert.deepEqual(
      lines.map(({ number, from, text, extra }) => ({ number, from, text, extra })),
      [{ number: 2, from: { is: 'you', messageId: id }, text: FILE.url, extra: { is: 'file', file: FILE } }],
    );
    const told = bench.events.findLast((event) => event.type === 'line');
    assert.deepEqual(told?.type === 'line' && told.line.extra, { is: 'file', file: FILE });
  });

  scenario('is refused when there is none, in a chat that is over, and with another ticket', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const share = async (url: string, ticket = bench.ticket(chat)) =>
      bench.site.share?.(TENANT, ticket, bench.uuid(), url);
    await assert.rejects(share('https://acme.test/files/other'), refusedAs('bad-form'));
    await assert.rejects(share(FILE.url, { chat, token: 'guessed' }), refusedAs('not-found'));
    await bench.site.end(TENANT, bench.ticket(chat));
    await assert.rejects(share(FILE.url), refusedAs('ended'));
  });
});

describe('what lines say of each other', () => {
  scenario('is told to the page by number, without the ids of apps', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const { helpdesk } = bench;
    const hi = { ...bench.words('Hi'), ref: 'app-1' };
    await helpdesk.accept(bench.call(), chat, jesse, hi);
    const extra = { is: 'correction', of: 'app-1' } as const;
    await helpdesk.say(bench.call(), chat, jesse, { ...bench.words('Hello'), ref: 'app-2', extra });
    await helpdesk.push(bench.call(), chat, jesse, bench.words('https://acme.test/help'));
    const { lines } = await bench.site.read(TENANT, bench.ticket(chat), 0);
    assert.deepEqual(
      lines.filter((line) => line.from.is === 'staff').map((line) => [line.number, line.text, line.extra]),
      [
        [2, 'Hi', undefined],
        [4, 'Hello', { is: 'correction', of: 2 }],
        [5, 'https://acme.test/help', { is: 'push' }],
      ],
    );
    assert.doesNotMatch(JSON.stringify(lines), /app-|line-/u);
  });

  scenario('G24 notes, tags and who listens are nothing that the page reads', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
    const before = await bench.site.read(TENANT, bench.ticket(chat), 0);
    await bench.helpdesk.note(bench.call(), chat, jesse, 'canary-note');
    await bench.helpdesk.tag(bench.call(), chat, jesse, ['canary-tag']);
    await bench.helpdesk.observe(bench.call(), chat, boss, true);
    assert.deepEqual(await bench.site.read(TENANT, bench.ticket(chat), 0), before);
  });
});

describe('a visitor who goes on to another page', () => {
  const cards = (bench: Bench) =>
    bench.events.flatMap((event) => (event.type === 'chat' ? [event.chat.visitor] : [])).slice(-1)[0];

  scenario(
    'is told with that page, its title, and where they came from first',
    async (bench) => {
      await bench.online(jesse);
      const page = {
        url: 'https://acme.test/a',
        title: 'Shoes',
        referrer: 'https://search.test/?q=shoes',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        language: 'de',
        timeZone: 'Europe/Berlin',
        address: '192.0.2.7',
      };
      const fields = { order: '17' };
      const chat = await bench.asks('Hello?', { email: 'c@example.com', phone: '+49 1', page, fields });
      assert.deepEqual(cards(bench), {
        name: 'Chris',
        email: 'c@example.com',
        phone: '+49 1',
        fields: [{ label: 'Order number', value: '17' }],
        location: 'time zone of Berlin (Europe)',
        browser: 'Firefox 140',
        platform: 'Linux',
        language: 'de',
        timeZone: 'Europe/Berlin',
        pageUrl: 'https://acme.test/a',
        pageTitle: 'Shoes',
        referrer: 'https://search.test/?q=shoes',
        address: '192.0.2.7',
      });
      const visit = { ...page, url: 'https://acme.test/b', title: 'Boots', referrer: 'https://acme.test/a' };
      await bench.site.visitPage(TENANT, bench.ticket(chat), visit);
      const after = cards(bench);
      assert.deepEqual(
        [after?.pageUrl, after?.pageTitle, after?.referrer],
        ['https://acme.test/b', 'Boots', 'https://search.test/?q=shoes'],
      );
      const { title: _title, ...untitled } = visit;
      await bench.site.visitPage(TENANT, bench.ticket(chat), { ...untitled, url: 'https://acme.test/c' });
      assert.deepEqual([cards(bench)?.pageUrl, cards(bench)?.pageTitle], ['https://acme.test/c', undefined]);
      const events = bench.events.length;
      await bench.site.visitPage(TENANT, bench.ticket(chat), { ...untitled, url: 'https://acme.test/c' });
      assert.equal(bench.events.length, events, 'the same page loaded again is no news');
    },
    { helpdesk: { form: { phone: true, fields: [{ id: 'order', label: 'Order number', required: false }] } } },
  );
});
