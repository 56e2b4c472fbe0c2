import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { FakeEdge } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';
import { offsetAt } from './time.ts';
import { browserVersion } from './version.ts';

const VISITOR = 'c1@visitors.acme.example/chat';
const GATEWAY = 'gateway@visitors.acme.example';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  edge.cards.set('c1', {
    about: 'visitor-card',
    card: {
      name: 'Chris Doe',
      email: 'chris@example.org',
      phone: '+49 30 1',
      location: 'Berlin, Germany',
      browser: 'Firefox 140.0',
      platform: 'Linux',
      language: 'de',
      timeZone: 'Asia/Kolkata',
      pageUrl: 'https://acme.example/shoes',
      pageTitle: 'Shoes',
      referrer: 'https://search.example/',
      fields: [{ label: 'Order', value: '12\nPage: forged' }],
    },
    idle: 12.7,
    state: 'waiting since 14:02 for Sales',
  });
  edge.cards.set('c2', { about: 'visitor-card', card: { name: 'Dana' }, idle: 0, state: 'waiting' });
  edge.cards.set('varun', {
    about: 'staff-card',
    name: 'Varun Shah',
    username: 'varun',
    email: 'varun@acme.example',
    teams: ['Sales', 'Support'],
    idle: 30,
  });
  edge.cards.set('jesse', { about: 'staff-card', name: 'Jesse', username: 'jesse', teams: ['Sales'], idle: 0 });
  const jesse = edge.app('jesse');
  const ask = async (to: string | undefined, payload: string, type = 'get'): Promise<XmlElement> => {
    await jesse.sends(`<iq type='${type}' id='i'${to === undefined ? '' : ` to='${to}'`}>${payload}</iq>`);
    await settled();
    return jesse.takesOne();
  };
  return { edge, jesse, ask };
}

const VCARD = "<vCard xmlns='vcard-temp'/>";
const VCARD4 =
  "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4' max_items='1'/></pubsub>";
const conditionOf = (answer: XmlElement) => answer.getChild('error')?.getChildElements()[0]?.getName();

describe('cards', () => {
  it('a visitor’s shows what page and form told, the rest in the description', async () => {
    const { ask } = setUp();
    const card = (await ask(VISITOR, VCARD)).getChild('vCard', 'vcard-temp');
    assert.equal(card?.getChildText('FN'), 'Chris Doe');
    assert.equal(card.getChild('EMAIL')?.getChildText('USERID'), 'chris@example.org');
    assert.equal(card.getChild('TEL')?.getChildText('NUMBER'), '+49 30 1');
    assert.equal(card.getChild('ADR')?.getChildText('LOCALITY'), 'Berlin, Germany');
    assert.equal(card.getChildText('URL'), 'https://acme.example/shoes');
    assert.deepEqual(card.getChildText('DESC')?.split('\n'), [
      'Chat: waiting since 14:02 for Sales',
      'Order: 12 Page: forged',
      'Page: Shoes https://acme.example/shoes',
      'Came from: https://search.example/',
      'Browser: Firefox 140.0',
      'System: Linux',
      'Language: de',
      'Time zone: Asia/Kolkata',
    ]);
  });

  it('to libpurple, which drops line breaks, the description is one paragraph with marks between its parts', async () => {
    const { ask, jesse } = setUp();
    jesse.note({ availability: { show: 'available', priority: 1, capsNode: 'http://pidgin.im/' } });
    const card = (await ask(VISITOR, VCARD)).getChild('vCard', 'vcard-temp');
    const parts = card?.getChildText('DESC')?.split(' · ');
    assert.deepEqual(parts?.slice(0, 2), ['Chat: waiting since 14:02 for Sales', 'Order: 12 Page: forged']);
    assert.equal(parts?.length, 8);
  });

  it('to libpurple, which tells of a full name as of a new one, the name is the given name alone', async () => {
    const { ask, jesse } = setUp();
    jesse.note({ availability: { show: 'available', priority: 1, capsNode: 'http://pidgin.im/' } });
    for (const [to, name] of [
      [VISITOR, 'Chris Doe'],
      ['varun@acme.example', 'Varun Shah'],
    ] as const) {
      const card = (await ask(to, VCARD)).getChild('vCard', 'vcard-temp');
      assert.equal(card?.getChild('N')?.getChildText('GIVEN'), name);
      assert.equal(card.getChild('FN'), undefined);
      assert.equal(card.getChild('NICKNAME'), undefined);
    }
  });

  it('Gajim gets the same as vCard4', async () => {
    const { ask } = setUp();
    const items = (await ask('c1@visitors.acme.example', VCARD4)).getChild('pubsub')?.getChild('items');
    assert.equal(items?.attrs.node, 'urn:xmpp:vcard4');
    const card = items.getChild('item')?.getChild('vcard', 'urn:ietf:params:xml:ns:vcard-4.0');
    assert.equal(card?.getChild('fn')?.getChildText('text'), 'Chris Doe');
    assert.equal(card.getChild('email')?.getChildText('text'), 'chris@example.org');
    assert.equal(card.getChild('url')?.getChildText('uri'), 'https://acme.example/shoes');
    assert.match(card.getChild('note')?.getChildText('text') ?? '', /^Browser: Firefox 140\.0$/mu);
  });

  it('a colleague’s and one’s own have the teams', async () => {
    const { ask } = setUp();
    const varun = (await ask('varun@acme.example', VCARD)).getChild('vCard');
    assert.equal(varun?.getChildText('NICKNAME'), 'varun');
    assert.deepEqual(
      varun
        .getChild('ORG')
        ?.getChildElements()
        .map((one) => one.text()),
      ['Acme', 'Sales', 'Support'],
    );
    assert.equal((await ask(undefined, VCARD)).getChild('vCard')?.getChildText('FN'), 'Jesse');
    assert.equal((await ask('jesse@acme.example', VCARD4)).attrs.type, 'result');
  });

  it('one’s own is empty when the desk has none, and no error', async () => {
    const { edge, ask } = setUp();
    edge.cards.delete('jesse');
    const answer = await ask(undefined, VCARD);
    assert.equal(answer.attrs.type, 'result');
    assert.deepEqual(answer.getChild('vCard')?.children, []);
  });

  it('Chat Gateway has one, and the desk is not asked', async () => {
    const { jesse, ask } = setUp();
    assert.equal((await ask(GATEWAY, VCARD)).getChild('vCard')?.getChildText('FN'), 'Chat Gateway');
    assert.equal((await ask(GATEWAY, VCARD4)).attrs.type, 'result');
    assert.deepEqual(jesse.acts, []);
  });

  it('E23 none can be changed', async () => {
    const { ask } = setUp();
    assert.equal(conditionOf(await ask(undefined, VCARD, 'set')), 'not-allowed');
    assert.equal(conditionOf(await ask('varun@acme.example', VCARD, 'set')), 'forbidden');
    assert.equal(conditionOf(await ask(VISITOR, VCARD, 'set')), 'forbidden');
  });

  it('Q14 no other node of theirs is found', async () => {
    const { ask } = setUp();
    const node =
      "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='eu.siacs.conversations.axolotl.devicelist'/></pubsub>";
    assert.equal(conditionOf(await ask('c1@visitors.acme.example', node)), 'item-not-found');
    assert.equal(conditionOf(await ask('c9@visitors.acme.example', node)), 'item-not-found');
  });
});

describe('software version', () => {
  const VERSION = "<query xmlns='jabber:iq:version'/>";
  const of = (answer: XmlElement) =>
    answer
      .getChild('query')
      ?.getChildElements()
      .map((one) => one.text());

  it('of a visitor is the browser', async () => {
    const { ask } = setUp();
    assert.deepEqual(of(await ask(VISITOR, VERSION)), ['Firefox', '140.0', 'Linux']);
    assert.deepEqual(of(await ask('c2@visitors.acme.example', VERSION)), ['Web browser', 'unknown']);
  });

  it('of all else is the gateway’s', async () => {
    const { ask } = setUp();
    for (const to of ['acme.example', GATEWAY, 'varun@acme.example/helpdesk', undefined]) {
      assert.deepEqual(of(await ask(to, VERSION)), ['Chat Gateway', '1.2.3']);
    }
  });

  it('is taken from the end of the browser’s name', () => {
    assert.deepEqual(browserVersion('Mobile Safari 18.1'), { name: 'Mobile Safari', version: '18.1' });
    assert.deepEqual(browserVersion('Lynx'), { name: 'Lynx', version: 'unknown' });
    assert.deepEqual(browserVersion(' 12'), { name: '12', version: 'unknown' });
  });
});

describe('entity time', () => {
  const TIME = "<time xmlns='urn:xmpp:time'/>";

  it('of a visitor is that of the visitor’s zone, of the gateway that of the helpdesk’s', async () => {
    const { ask } = setUp();
    const visitor = (await ask(VISITOR, TIME)).getChild('time');
    assert.equal(visitor?.getChildText('tzo'), '+05:30');
    assert.equal(visitor.getChildText('utc'), '2026-01-05T14:02:00.000Z');
    assert.equal((await ask('acme.example', TIME)).getChild('time')?.getChildText('tzo'), '+01:00');
  });

  it('of a visitor whose zone is not known is no result, but an answer', async () => {
    const { ask } = setUp();
    assert.equal(conditionOf(await ask('c2@visitors.acme.example', TIME)), 'service-unavailable');
  });

  it('knows zones with and without minutes, and none that does not exist', () => {
    const at = Date.UTC(2026, 6, 1);
    assert.equal(offsetAt(at, 'UTC'), '+00:00');
    assert.equal(offsetAt(at, 'Europe/Berlin'), '+02:00');
    assert.equal(offsetAt(at, 'America/St_Johns'), '-02:30');
    assert.equal(offsetAt(at, 'Mars/Olympus'), undefined);
    assert.match(offsetAt(at) ?? '', /^[+-]\d\d:\d\d$/u);
  });
});

describe('last activity', () => {
  const LAST = "<query xmlns='jabber:iq:last'/>";
  const of = (answer: XmlElement) => [answer.getChild('query')?.attrs.seconds, answer.getChild('query')?.text()];

  it('of a visitor and a colleague is their idle time', async () => {
    const { ask } = setUp();
    assert.deepEqual(of(await ask(VISITOR, LAST)), ['12', 'waiting since 14:02 for Sales']);
    assert.deepEqual(of(await ask('varun@acme.example', LAST)), ['30', '']);
  });

  it('of the domain is how long it has been up', async () => {
    const { edge, ask } = setUp();
    await edge.clock.advance(61_500);
    assert.deepEqual(of(await ask('acme.example', LAST)), ['61', '']);
  });
});
