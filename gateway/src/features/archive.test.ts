import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { FakeArchive } from '../routing/fake-archive.ts';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import { ARCHIVE_PAGE, ARCHIVE_PAGE_OF_MANY, ARCHIVE_QUERIES } from '../routing/limits.ts';
import type { ChatId, Line, StaffId } from '../helpdesk/model.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';

const AT = Date.UTC(2026, 0, 5, 14, 2);
const CHAT = 'c1' as ChatId;
const jesse = 'jesse' as StaffId;
const varun = 'varun' as StaffId;
const RSM = 'http://jabber.org/protocol/rsm';

const line = (number: number, from: Line['from'], text: string, more: Partial<Line> = {}): Line => ({
  number,
  id: `l${number}`,
  at: AT + number * 1_000,
  from,
  text,
  ...more,
});

/** Five lines of a chat with Chris, then two texts with Varun. */
function setUp(withArchive = true) {
  const archive = new FakeArchive();
  const edge = new FakeEdge((deps) => createSessionLayer(withArchive ? { ...deps, archiveOf: () => archive } : deps));
  const app = edge.app('jesse');
  const byJesse: Line['from'] = { is: 'staff', staff: jesse, name: 'Jesse Stone' };
  const byVarun: Line['from'] = { is: 'staff', staff: varun, name: 'Varun Shah' };
  for (const one of [
    line(1, { is: 'visitor' }, 'Hello?'),
    line(2, byJesse, 'Hi', { ref: 'm1' }),
    line(3, byVarun, 'Me too'),
    line(4, { is: 'notice' }, 'Varun Shah left.'),
    line(5, byJesse, 'Hi there', { extra: { is: 'correction', of: 'l2', author: { staff: jesse, ref: 'm1' } } }),
  ])
    archive.entries.push({ is: 'line', chat: CHAT, line: one });
  archive.entries.push(
    { is: 'peer', message: { id: 'p1', at: AT + 6_000, from: varun, to: jesse, text: 'Lunch?', ref: 'v1' } },
    { is: 'peer', message: { id: 'p2', at: AT + 7_000, from: jesse, to: varun, text: 'Yes', ref: 'j1' } },
  );
  return { archive, edge, app };
}

const field = (name: string, ...values: string[]) =>
  `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const form = (...fields: string[]) =>
  `<x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'urn:xmpp:mam:2')}${fields.join('')}</x>`;
const set = (content: string) => `<set xmlns='${RSM}'>${content}</set>`;
const query = (content = '', to = '') =>
  `<iq type='set' id='q1'${to}><query xmlns='urn:xmpp:mam:2' queryid='f1'>${content}</query></iq>`;

interface Answer {
  readonly ids: readonly string[];
  readonly messages: readonly XmlElement[];
  readonly reply: XmlElement;
}

async function ask(app: ReturnType<FakeEdge['app']>, text: string): Promise<Answer> {
  await app.sends(text);
  await settled();
  const stanzas = app.takes().map(parseElement);
  const reply = stanzas.pop();
  assert.ok(reply !== undefined && reply.is('iq'), 'the answer comes last');
  return { ids: stanzas.map((one) => one.getChild('result')?.attrs.id ?? ''), messages: stanzas, reply };
}

const errorOf = ({ reply }: Answer) => reply.getChild('error')?.getChildElements()[0]?.getName();
const setOf = ({ reply }: Answer) => reply.getChild('fin')?.getChild('set', RSM);
const isComplete = ({ reply }: Answer) => reply.getChild('fin')?.attrs.complete === 'true';

describe('what an archive holds looks as it did live', () => {
  it('each in a result of its own, with when it was said, then how many there are', async () => {
    const { app } = setUp();
    const answer = await ask(app, query());
    assert.deepEqual(answer.ids, ['l1', 'l2', 'l3', 'l4', 'l5', 'p1', 'p2']);
    const [first] = answer.messages;
    assert.equal(first?.attrs.from, 'jesse@acme.example');
    assert.equal(first?.attrs.to, 'jesse@acme.example/desk');
    const result = first?.getChild('result');
    assert.equal(result?.attrs.queryid, 'f1');
    assert.equal(result?.getChild('forwarded')?.getChild('delay')?.attrs.stamp, '2026-01-05T14:02:01.000Z');
    assert.ok(isComplete(answer));
    assert.equal(setOf(answer)?.getChild('first')?.attrs.index, '0');
    assert.equal(setOf(answer)?.getChildText('first'), 'l1');
    assert.equal(setOf(answer)?.getChildText('last'), 'p2');
    assert.equal(setOf(answer)?.getChildText('count'), '7');
  });

  it('visitors’ lines, own ones with the id that the app gave, colleagues’ with the name, notices marked', async () => {
    const { app } = setUp();
    const { messages } = await ask(app, query());
    const told = messages.map((message) => {
      const inner = message.getChild('result')?.getChild('forwarded')?.getChild('message');
      return [inner?.attrs.from, inner?.attrs.to, inner?.attrs.id, inner?.getChildText('body')].join(' | ');
    });
    const visitor = 'c1@visitors.acme.example/chat';
    assert.deepEqual(told, [
      `${visitor} | jesse@acme.example | l1 | Hello?`,
      `jesse@acme.example | ${visitor} | m1 | Hi`,
      `${visitor} | jesse@acme.example | l3 | ▸ Varun Shah: Me too`,
      `${visitor} | jesse@acme.example | l4 | ▸ Varun Shah left.`,
      `jesse@acme.example | ${visitor} | l5 | Hi there`,
      `varun@acme.example/helpdesk | jesse@acme.example | v1 | Lunch?`,
      `jesse@acme.example | varun@acme.example/helpdesk | j1 | Yes`,
    ]);
    const inner = (index: number) => messages[index]?.getChild('result')?.getChild('forwarded')?.getChild('message');
    assert.equal(inner(1)?.getChild('origin-id')?.attrs.id, 'm1');
    assert.equal(inner(4)?.getChild('replace')?.attrs.id, 'm1');
  });

  it('answers are written again after a resume', async () => {
    const { app } = setUp();
    const kept: boolean[] = [];
    const send = app.send.bind(app);
    app.send = (element, keep) => {
      kept.push(keep === 'keep');
      send(element, keep);
    };
    await ask(app, query());
    assert.deepEqual(new Set(kept), new Set([true]));
    assert.equal(kept.length, 8);
  });
});

describe('what is asked for', () => {
  const table: Record<string, readonly [string, readonly string[], boolean]> = {
    'a chat': [form(field('with', 'c1@visitors.acme.example')), ['l1', 'l2', 'l3', 'l4', 'l5'], true],
    'a chat by its full JID': [
      form(field('with', 'c1@visitors.acme.example/chat')),
      ['l1', 'l2', 'l3', 'l4', 'l5'],
      true,
    ],
    'a colleague': [form(field('with', 'varun@acme.example')), ['p1', 'p2'], true],
    'Chat Gateway, which is in no archive': [form(field('with', 'gateway@visitors.acme.example')), [], true],
    'E23 a chat of somebody else': [form(field('with', 'c9@visitors.acme.example')), [], true],
    'D16 somebody of another tenant': [form(field('with', 'varun@other.example')), [], true],
    'from a time on': [form(field('start', '2026-01-05T14:02:06Z')), ['p1', 'p2'], true],
    'up to a time, in another zone': [form(field('end', '2026-01-05T15:02:02.000+01:00')), ['l1', 'l2'], true],
    'the oldest': [set('<max>2</max>'), ['l1', 'l2'], false],
    'the next': [set('<max>2</max><after>l2</after>'), ['l3', 'l4'], false],
    'the next, as profanity asks': ['<after>l5</after>', ['p1', 'p2'], true],
    'the last of them': [set('<max>9</max><after>l5</after>'), ['p1', 'p2'], true],
    'the newest': [set('<max>2</max><before/>'), ['p1', 'p2'], false],
    'those before': [set('<max>2</max><before>p1</before>'), ['l4', 'l5'], false],
    'between two': [form(field('after-id', 'l1'), field('before-id', 'l4')), ['l2', 'l3'], true],
    'a page between two': [
      form(field('after-id', 'l1'), field('before-id', 'p1')) + set('<max>2</max><after>l3</after>'),
      ['l4', 'l5'],
      true,
    ],
    'a page from before a place that is before those asked for': [
      form(field('after-id', 'l4')) + set('<max>9</max><after>l1</after>'),
      ['l5', 'p1', 'p2'],
      true,
    ],
    'a page up to a place that is after those asked for': [
      form(field('before-id', 'l3')) + set('<max>9</max><before>p1</before>'),
      ['l1', 'l2'],
      true,
    ],
    'some by their ids': [form(field('ids', 'l4', 'l2')), ['l2', 'l4'], true],
    'the newest, flipped': [`${set('<max>3</max><before/>')}<flip-page/>`, ['p2', 'p1', 'l5'], false],
  };
  for (const [name, [content, ids, complete]] of Object.entries(table)) {
    it(name, async () => {
      const { app } = setUp();
      const answer = await ask(app, query(content));
      assert.deepEqual(answer.ids, ids);
      assert.equal(isComplete(answer), complete);
    });
  }

  it('only the number', async () => {
    const { app } = setUp();
    const answer = await ask(app, query(set('<max>0</max>')));
    assert.deepEqual(answer.ids, []);
    assert.equal(setOf(answer)?.getChildText('count'), '7');
    assert.equal(setOf(answer)?.getChild('first'), undefined);
    assert.ok(!isComplete(answer), 'there is more');
    const none = await ask(app, query(form(field('with', 'mia@acme.example')) + set('<max>0</max>')));
    assert.equal(setOf(none)?.getChildText('count'), '0');
    assert.ok(isComplete(none));
  });

  it('no number is told of what is between two places: it would be that of all', async () => {
    const { app } = setUp();
    for (const content of [form(field('after-id', 'l1')), form(field('before-id', 'l4'))]) {
      const answer = await ask(app, query(content));
      assert.equal(setOf(answer)?.getChild('count'), undefined);
      assert.equal(setOf(answer)?.getChild('first')?.attrs.index, undefined);
    }
  });

  it('notes to oneself', async () => {
    const { app, archive } = setUp();
    archive.entries.push({ is: 'peer', message: { id: 'n1', at: AT, from: jesse, to: jesse, text: 'Milk' } });
    for (const address of ['jesse@acme.example', 'jesse@acme.example/desk'])
      assert.deepEqual((await ask(app, query(form(field('with', address))))).ids, ['n1']);
  });

  it('by a name of the query, unless it is too long to be one', async () => {
    const { app } = setUp();
    for (const [name, told] of [
      ['x'.repeat(1_024), 'x'.repeat(1_024)],
      ['x'.repeat(1_025), undefined],
    ] as const) {
      const { messages } = await ask(
        app,
        `<iq type='set' id='q1'><query xmlns='urn:xmpp:mam:2' queryid='${name}'/></iq>`,
      );
      assert.equal(messages[0]?.getChild('result')?.attrs.queryid, told);
    }
  });

  it('never more than 100 at once, whatever is asked', async () => {
    for (const content of ['', set('<max>100000</max>')]) {
      const { app, archive } = setUp();
      await ask(app, query(content));
      assert.equal(archive.queries[0]?.limit, 100);
    }
  });

  it('G25 what is too long for one answer is cut there, and the rest is asked for', async () => {
    const { app, archive } = setUp();
    archive.entries.length = 0;
    const text = 'x'.repeat(60_000);
    for (let n = 1; n <= 7; n++)
      archive.entries.push({ is: 'line', chat: CHAT, line: line(n, { is: 'visitor' }, text) });
    const first = await ask(app, query());
    assert.deepEqual(first.ids, ['l1', 'l2', 'l3']);
    assert.ok(!isComplete(first));
    const last = await ask(app, query(set('<before/>')));
    assert.deepEqual(last.ids, ['l5', 'l6', 'l7']);
    assert.equal(setOf(last)?.getChild('first')?.attrs.index, '4');
    archive.entries.splice(0, 6, { is: 'line', chat: CHAT, line: line(1, { is: 'visitor' }, 'x'.repeat(220_000)) });
    assert.deepEqual((await ask(app, query())).ids, ['l1'], 'at least one');
  });

  it('G25 pages that are asked for all at once are small', async () => {
    const { app, archive } = setUp();
    archive.entries.length = 0;
    for (let n = 1; n <= 500; n++)
      archive.entries.push({ is: 'line', chat: CHAT, line: line(n, { is: 'visitor' }, 'x') });
    await Promise.all(Array.from({ length: ARCHIVE_QUERIES }, () => app.sends(query())));
    const results = app.takes().filter((stanza) => stanza.includes('<result'));
    const most = ARCHIVE_PAGE.entries + (ARCHIVE_QUERIES - 1) * Math.floor(ARCHIVE_PAGE_OF_MANY.characters / 801);
    assert.equal(results.length, most);
    assert.ok(results.length + ARCHIVE_QUERIES < 500, 'the stream keeps so many that an app has not acknowledged');
  });

  it('a flipped page tells its ends in the order of time', async () => {
    const { app } = setUp();
    const answer = await ask(app, query(`${set('<max>3</max><before/>')}<flip-page/>`));
    assert.equal(setOf(answer)?.getChildText('first'), 'l5');
    assert.equal(setOf(answer)?.getChildText('last'), 'p2');
  });
});

describe('what is not answered', () => {
  const table: Record<string, readonly [string, string]> = {
    'an unknown id to go on from': [set('<after>x</after>'), 'item-not-found'],
    'an unknown id among those asked for': [form(field('ids', 'l1', 'x')), 'item-not-found'],
    'an id that is none': [set(`<after>${'x'.repeat(2_000)}</after>`), 'item-not-found'],
    'E16 a time that is none': [form(field('start', 'yesterday')), 'bad-request'],
    'E16 a time in the year 292277026596': [form(field('start', '292277026596-01-01T00:00:00Z')), 'bad-request'],
    'E16 a 32nd day': [form(field('end', '2026-01-32T00:00:00Z')), 'bad-request'],
    'a JID that is none': [form(field('with', '@')), 'jid-malformed'],
    'a field that nobody knows': [form(field('full-text', 'x')), 'feature-not-implemented'],
    'two values of one': [form(field('with', 'a@acme.example', 'b@acme.example')), 'bad-request'],
    'a field twice': [form(field('start', ''), field('start', '')), 'bad-request'],
    'a form of something else': [
      `<x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'urn:x')}</x>`,
      'bad-request',
    ],
    'a form that asks': [`<x xmlns='jabber:x:data' type='form'/>`, 'bad-request'],
    'a page by its number': [set('<index>2</index>'), 'feature-not-implemented'],
    'a number that is none': [set('<max>-1</max>'), 'bad-request'],
    'more ids than a page has': [
      form(field('ids', ...Array.from({ length: 101 }, (_, n) => `i${n}`))),
      'policy-violation',
    ],
  };
  for (const [name, [content, condition]] of Object.entries(table)) {
    it(`${name}: ${condition}`, async () => {
      const { app } = setUp();
      const answer = await ask(app, query(content));
      assert.equal(errorOf(answer), condition);
      assert.deepEqual(answer.ids, []);
    });
  }

  it('E24 a node of an archive', async () => {
    const { app } = setUp();
    const text = `<iq type='set' id='q1'><query xmlns='urn:xmpp:mam:2' node='urn:x'/></iq>`;
    assert.equal(errorOf(await ask(app, text)), 'item-not-found');
  });

  it('E23 anybody else’s archive', async () => {
    for (const to of [
      'varun@acme.example',
      'c1@visitors.acme.example',
      'gateway@visitors.acme.example',
      'acme.example',
    ]) {
      const { app, archive } = setUp();
      const answer = await ask(app, query('', ` to='${to}'`));
      assert.equal(errorOf(answer), 'service-unavailable', to);
      assert.deepEqual(archive.queries, []);
    }
  });

  it('anything where nothing is kept', async () => {
    const { app } = setUp(false);
    assert.equal(errorOf(await ask(app, query())), 'service-unavailable');
  });

  it('what cannot be read now, and the app may ask again', async () => {
    const { app, archive } = setUp();
    archive.failing = 1;
    const answer = await ask(app, query());
    assert.equal(errorOf(answer), 'resource-constraint');
    assert.equal((await ask(app, query())).ids.length, 7);
  });

  it('more queries at once than can be answered', async () => {
    const { app } = setUp();
    const all = Array.from({ length: ARCHIVE_QUERIES + 1 }, () => app.sends(query(set('<max>1</max>'))));
    await Promise.all(all);
    const replies = app
      .takes()
      .map(parseElement)
      .filter((one) => one.is('iq'));
    const refused = replies.filter((one) => one.attrs.type === 'error');
    assert.equal(refused.length, 1);
    assert.equal(refused[0]?.getChild('error')?.attrs.type, 'wait');
    assert.deepEqual((await ask(app, query(set('<max>1</max>')))).ids, ['l1'], 'there is room again');
  });
});

describe('what an app may know of an archive', () => {
  const info = (to: string) =>
    `<iq type='get' id='q1' to='${to}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`;
  const featuresOf = ({ reply }: Answer) =>
    reply
      .getChild('query')
      ?.getChildren('feature')
      .map(({ attrs }) => attrs.var ?? '') ?? [];

  it('that there is one, at the account, and at the domain, where profanity looks', async () => {
    const { app } = setUp();
    for (const to of ['jesse@acme.example', 'acme.example']) {
      const features = featuresOf(await ask(app, info(to)));
      assert.ok(features.includes('urn:xmpp:mam:2') && features.includes('urn:xmpp:mam:2#extended'), to);
    }
    const visitor = featuresOf(await ask(app, info('c1@visitors.acme.example/chat')));
    assert.ok(!visitor.includes('urn:xmpp:mam:2'));
  });

  it('or that there is none', async () => {
    const { app } = setUp(false);
    for (const to of ['jesse@acme.example', 'acme.example'])
      assert.ok(!featuresOf(await ask(app, info(to))).includes('urn:xmpp:mam:2'), to);
  });

  it('what it can be asked for', async () => {
    const { app } = setUp();
    const { reply } = await ask(app, `<iq type='get' id='q1'><query xmlns='urn:xmpp:mam:2'/></iq>`);
    const fields = reply
      .getChild('query')
      ?.getChild('x')
      ?.getChildren('field')
      .map(({ attrs }) => attrs.var);
    assert.deepEqual(fields, ['FORM_TYPE', 'with', 'start', 'end', 'before-id', 'after-id', 'ids']);
  });

  it('where it begins and ends', async () => {
    const { app, archive } = setUp();
    const text = `<iq type='get' id='q1'><metadata xmlns='urn:xmpp:mam:2'/></iq>`;
    const metadata = (await ask(app, text)).reply.getChild('metadata');
    assert.deepEqual(metadata?.getChild('start')?.attrs, { id: 'l1', timestamp: '2026-01-05T14:02:01.000Z' });
    assert.deepEqual(metadata?.getChild('end')?.attrs, { id: 'p2', timestamp: '2026-01-05T14:02:07.000Z' });
    archive.entries.length = 0;
    assert.deepEqual((await ask(app, text)).reply.getChild('metadata')?.children, []);
  });

  it('that everything is kept, whatever it would rather have', async () => {
    const { app } = setUp();
    for (const [type, wish] of [
      ['get', ''],
      ['set', " default='never'"],
    ]) {
      const text = `<iq type='${type}' id='q1'><prefs xmlns='urn:xmpp:mam:2'${wish}/></iq>`;
      assert.equal((await ask(app, text)).reply.getChild('prefs')?.attrs.default, 'always');
    }
  });
});
