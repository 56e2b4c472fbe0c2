import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Facts, settled, silentLogger } from '@chat-gateway/runtime';
import { BusyError, SupersededError } from '../bus/port.ts';
import { FakeEdge, parseElement, tenant } from '../routing/fake-edge.ts';
import { serialize } from '../xmpp/serialize.ts';
import { createSessionLayer } from './layer.ts';

const VISITORS = 'visitors.acme.example';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  return { edge, jesse: edge.app('jesse') };
}

const errorOf = (stanza: string): string => {
  const error = parseElement(stanza).getChild('error');
  return error?.getChildElements()[0]?.getName() ?? 'none';
};

describe('stream features', () => {
  it('are what apps look for after the login', () => {
    const { edge } = setUp();
    const features = edge.layer.streamFeatures(tenant).map((one) => `${one.getNS() ?? ''} ${one.getName()}`);
    assert.deepEqual(features, [
      'urn:ietf:params:xml:ns:xmpp-session session',
      'urn:xmpp:features:rosterver ver',
      'http://jabber.org/protocol/caps c',
      'urn:xmpp:csi:0 csi',
    ]);
    const [session] = edge.layer.streamFeatures(tenant);
    assert.notEqual(session?.getChild('optional'), undefined);
  });
});

describe('every query of a common client’s login gets an answer at once', () => {
  const own = 'jesse@acme.example';
  const pubsub = (content: string) => `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${content}</pubsub>`;
  const table: [string, 'get' | 'set', string | undefined, string, string][] = [
    [
      'libpurple, mcabber, Converse.js: session',
      'set',
      undefined,
      "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
      'result',
    ],
    [
      'libpurple: session at the domain',
      'set',
      'acme.example',
      "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
      'result',
    ],
    [
      'all: disco#info of the domain',
      'get',
      'acme.example',
      "<query xmlns='http://jabber.org/protocol/disco#info'/>",
      'result',
    ],
    [
      'all: disco#items of the domain',
      'get',
      'acme.example',
      "<query xmlns='http://jabber.org/protocol/disco#items'/>",
      'result',
    ],
    [
      'libpurple: commands of the domain',
      'get',
      'acme.example',
      "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
      'result',
    ],
    [
      'Gajim, Dino, Converse.js: disco#info of the account',
      'get',
      own,
      "<query xmlns='http://jabber.org/protocol/disco#info'/>",
      'result',
    ],
    [
      'libpurple: disco#info of its own full JID',
      'get',
      `${own}/desk`,
      "<query xmlns='http://jabber.org/protocol/disco#info'/>",
      'result',
    ],
    ['libpurple, poezio: own vCard', 'get', undefined, "<vCard xmlns='vcard-temp'/>", 'result'],
    ['all: roster', 'get', undefined, "<query xmlns='jabber:iq:roster'/>", 'result'],
    ['libpurple, Gajim, profanity: blocklist', 'get', undefined, "<blocklist xmlns='urn:xmpp:blocking'/>", 'result'],
    [
      'profanity, mcabber: bookmarks',
      'get',
      undefined,
      "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>",
      'result',
    ],
    [
      'mcabber, Gajim: roster notes',
      'get',
      undefined,
      "<query xmlns='jabber:iq:private'><storage xmlns='storage:rosternotes'/></query>",
      'result',
    ],
    [
      'Gajim: reads the delimiter',
      'get',
      undefined,
      "<query xmlns='jabber:iq:private'><roster xmlns='roster:delimiter'/></query>",
      'result',
    ],
    [
      'Gajim: sets the delimiter',
      'set',
      undefined,
      "<query xmlns='jabber:iq:private'><roster xmlns='roster:delimiter'>::</roster></query>",
      'result',
    ],
    ['profanity, Gajim, Dino: carbons', 'set', undefined, "<enable xmlns='urn:xmpp:carbons:2'/>", 'result'],
    ['mcabber, Gajim, Dino: ping of the domain', 'get', 'acme.example', "<ping xmlns='urn:xmpp:ping'/>", 'result'],
    ['libpurple: ping without an address', 'get', undefined, "<ping xmlns='urn:xmpp:ping'/>", 'result'],
    [
      'Dino: external services',
      'get',
      'acme.example',
      "<services xmlns='urn:xmpp:extdisco:2'/>",
      'service-unavailable',
    ],
    ['Gajim, Dino, poezio: archive', 'set', undefined, "<query xmlns='urn:xmpp:mam:2'/>", 'service-unavailable'],
    [
      'Q14 Dino: OMEMO devices',
      'get',
      own,
      pubsub("<items node='eu.siacs.conversations.axolotl.devicelist'/>"),
      'item-not-found',
    ],
    [
      'Converse.js: bookmarks by eventing',
      'get',
      undefined,
      pubsub("<items node='urn:xmpp:bookmarks:1'/>"),
      'item-not-found',
    ],
    [
      'Converse.js: popular reactions',
      'get',
      undefined,
      pubsub("<items node='urn:xmpp:reactions:popular:0'/>"),
      'item-not-found',
    ],
    [
      'Dino: publishes OMEMO devices',
      'set',
      undefined,
      pubsub("<publish node='eu.siacs.conversations.axolotl.devicelist'><item/></publish>"),
      'service-unavailable',
    ],
    [
      'poezio: publishes its nickname',
      'set',
      undefined,
      pubsub("<publish node='http://jabber.org/protocol/nick'><item/></publish>"),
      'service-unavailable',
    ],
    [
      'Gajim: subscribes to its own vCard4',
      'set',
      own,
      pubsub("<subscribe node='urn:xmpp:vcard4'/>"),
      'feature-not-implemented',
    ],
    ['Gajim: its own vCard4', 'get', own, pubsub("<items node='urn:xmpp:vcard4'/>"), 'result'],
    [
      'Dino: configures a node',
      'get',
      undefined,
      "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='x'/></pubsub>",
      'service-unavailable',
    ],
    [
      'Conversations: push',
      'set',
      undefined,
      "<enable xmlns='urn:xmpp:push:0' jid='push.example' node='x'/>",
      'service-unavailable',
    ],
    ['E24 registration', 'get', 'acme.example', "<query xmlns='jabber:iq:register'/>", 'service-unavailable'],
    ['E24 privacy lists', 'get', undefined, "<query xmlns='jabber:iq:privacy'/>", 'service-unavailable'],
    [
      'E24 configuring a room',
      'get',
      'room@conference.acme.example',
      "<query xmlns='http://jabber.org/protocol/muc#owner'/>",
      'service-unavailable',
    ],
    [
      'E24 a command that is not offered',
      'set',
      'acme.example',
      "<command xmlns='http://jabber.org/protocol/commands' node='http://jabber.org/protocol/admin#add-user' action='execute'/>",
      'service-unavailable',
    ],
    [
      'E24 items of a pubsub node of the domain',
      'get',
      'acme.example',
      pubsub("<items node='x'/>"),
      'service-unavailable',
    ],
    [
      'E24 upload',
      'get',
      'acme.example',
      "<request xmlns='urn:xmpp:http:upload:0' filename='x' size='1'/>",
      'service-unavailable',
    ],
    ['E07 anything unknown', 'get', undefined, "<query xmlns='urn:example:unknown'/>", 'service-unavailable'],
  ];
  for (const [name, type, to, payload, expected] of table) {
    it(name, async () => {
      const { edge, jesse } = setUp();
      edge.cards.set('jesse', { about: 'staff-card', name: 'Jesse', username: 'jesse', teams: ['Sales'], idle: 0 });
      await jesse.sends(`<iq type='${type}' id='q1'${to === undefined ? '' : ` to='${to}'`}>${payload}</iq>`);
      await settled();
      const [text = '', ...more] = jesse.takes();
      assert.equal(more.length, 0);
      const answer = parseElement(text);
      assert.equal(answer.attrs.id, 'q1');
      assert.equal(answer.attrs.from, to, 'Q2 the answer comes from exactly the address that was asked');
      assert.equal(answer.attrs.to, 'jesse@acme.example/desk');
      assert.equal(answer.attrs.type === 'result' ? 'result' : errorOf(text), expected);
    });
  }
});

describe('IQs that are wrong', () => {
  const table: [string, string, string][] = [
    ['E04 no id', "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>", 'bad-request'],
    ['E04 an empty id', "<iq type='get' id=''><ping xmlns='urn:xmpp:ping'/></iq>", 'bad-request'],
    [
      'E04 an id of 60 KB',
      `<iq type='get' id='${'x'.repeat(60_000)}'><ping xmlns='urn:xmpp:ping'/></iq>`,
      'bad-request',
    ],
    ['E05 no child', "<iq type='get' id='q'/>", 'bad-request'],
    [
      'E05 two children',
      "<iq type='get' id='q'><ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/></iq>",
      'bad-request',
    ],
    ['E06 an unknown type', "<iq type='foo' id='q'><ping xmlns='urn:xmpp:ping'/></iq>", 'bad-request'],
    ['E06 no type', "<iq id='q'><ping xmlns='urn:xmpp:ping'/></iq>", 'bad-request'],
    ['a set where only get is', "<iq type='set' id='q'><ping xmlns='urn:xmpp:ping'/></iq>", 'service-unavailable'],
    [
      'E10 a roster push to a colleague',
      "<iq type='set' id='q' to='varun@acme.example/desk'><query xmlns='jabber:iq:roster'><item jid='evil@x.example' subscription='both'/></query></iq>",
      'forbidden',
    ],
    [
      'carbons of a visitor',
      `<iq type='set' id='q' to='c1@${VISITORS}'><enable xmlns='urn:xmpp:carbons:2'/></iq>`,
      'service-unavailable',
    ],
  ];
  for (const [name, stanza, condition] of table) {
    it(`${name}: ${condition}`, async () => {
      const { edge, jesse } = setUp();
      const varun = edge.app('varun');
      await jesse.sends(stanza);
      const [text = '', ...more] = jesse.takes();
      assert.equal(more.length, 0);
      assert.equal(errorOf(text), condition);
      assert.equal(parseElement(text).attrs.id, parseElement(stanza).attrs.id);
      assert.deepEqual(varun.takes(), []);
    });
  }

  it('E04 the same id twice is answered twice', async () => {
    const { jesse } = setUp();
    await jesse.sends("<iq type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>");
    await jesse.sends("<iq type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>");
    await settled();
    assert.equal(jesse.takes().length, 2);
  });

  for (const type of ['result', 'error']) {
    it(`E08 an unsolicited ${type} is ignored, also to a colleague`, async () => {
      const { edge, jesse } = setUp();
      const varun = edge.app('varun');
      await jesse.sends(`<iq type='${type}' id='q'/>`);
      await jesse.sends(
        `<iq type='${type}' id='q' to='varun@acme.example/desk'><query xmlns='jabber:iq:roster'/></iq>`,
      );
      assert.deepEqual([...jesse.takes(), ...varun.takes(), ...jesse.acts], []);
    });
  }

  it('answers are written again after a resume', async () => {
    const { jesse } = setUp();
    await jesse.sends("<iq type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>");
    await jesse.sends("<iq type='get' id='r'><x xmlns='y'/></iq>");
    await settled();
    assert.deepEqual(jesse.kept, [true, true]);
  });
});

describe('who is not there', () => {
  const ping = (to: string) => `<iq type='get' id='q' to='${to}'><ping xmlns='urn:xmpp:ping'/></iq>`;
  const strangers = ['varun@other.example', 'other.example', 'nobody@acme.example', 'nobody@acme.example/x'];

  it('D16 D17 another tenant’s and an unknown user get the same answer', async () => {
    const answers = new Set<string>();
    for (const to of strangers) {
      const { jesse } = setUp();
      await jesse.sends(ping(to));
      await settled();
      answers.add(jesse.takes().join('').replaceAll(to, 'TO'));
    }
    assert.equal(answers.size, 1);
    assert.equal(errorOf([...answers][0] ?? ''), 'service-unavailable');
  });

  for (const payload of [
    "<ping xmlns='urn:xmpp:ping'/>",
    "<vCard xmlns='vcard-temp'/>",
    "<query xmlns='jabber:iq:version'/>",
    "<query xmlns='jabber:iq:last'/>",
    "<time xmlns='urn:xmpp:time'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4'/></pubsub>",
  ]) {
    it(`D20 D21 E23 a visitor that this staff user cannot see: item-not-found to ${payload.slice(0, 40)}`, async () => {
      const { jesse } = setUp();
      await jesse.sends(`<iq type='get' id='q' to='c1@${VISITORS}/chat'>${payload}</iq>`);
      await settled();
      assert.equal(errorOf(jesse.takes()[0] ?? ''), 'item-not-found');
    });
  }

  it('an own app that is not connected', async () => {
    const { edge, jesse } = setUp();
    edge.app('jesse', 'phone', { attached: false });
    await jesse.sends(ping('jesse@acme.example/phone'));
    await settled();
    assert.equal(errorOf(jesse.takes()[0] ?? ''), 'service-unavailable');
  });

  it('D18 own full JIDs that are there answer', async () => {
    const { edge, jesse } = setUp();
    edge.app('jesse', 'phone');
    await jesse.sends(ping('jesse@acme.example/phone'));
    await jesse.sends(ping('jesse@acme.example/desk'));
    await settled();
    assert.deepEqual(
      jesse.takes().map((text) => parseElement(text).attrs.type),
      ['result', 'result'],
    );
  });
});

describe('questions to the desk', () => {
  it('several things asked about one visitor at once are one question', async () => {
    const { edge, jesse } = setUp();
    edge.cards.set('c1', { about: 'visitor-card', card: { name: 'Chris' }, idle: 7, state: 'waiting' });
    const to = `c1@${VISITORS}/chat`;
    void jesse.sends(`<iq type='get' id='1' to='${to}'><query xmlns='jabber:iq:last'/></iq>`);
    void jesse.sends(`<iq type='get' id='2' to='${to}'><query xmlns='jabber:iq:version'/></iq>`);
    void jesse.sends(`<iq type='get' id='3' to='${to}'><vCard xmlns='vcard-temp'/></iq>`);
    await settled();
    assert.equal(jesse.acts.length, 1);
    assert.equal(jesse.takes().length, 3);
  });

  it('a desk that does not answer in 20 s: the app may try again; a late answer is dropped', async () => {
    const { edge, jesse } = setUp();
    edge.answers = false;
    await jesse.sends(`<iq type='get' id='1' to='c1@${VISITORS}'><query xmlns='jabber:iq:last'/></iq>`);
    await edge.clock.advance(20_000);
    assert.equal(errorOf(jesse.takes()[0] ?? ''), 'resource-constraint');
    const [act] = jesse.acts;
    assert.ok(act?.type === 'asked');
    assert.equal(jesse.receives({ kind: 'answer', ask: act.ask, answer: { about: 'nothing' } }), undefined);
    await settled();
    assert.deepEqual(jesse.takes(), []);
  });

  it('a desk that can take no more: the app may try again', async () => {
    const { jesse } = setUp();
    jesse.putFails = new BusyError();
    await jesse.sends(`<iq type='get' id='1' to='c1@${VISITORS}'><query xmlns='jabber:iq:last'/></iq>`);
    await jesse.sends(`<message to='c1@${VISITORS}/chat' id='2'><body>Hello</body></message>`);
    await settled();
    assert.deepEqual(jesse.takes().map(errorOf), ['resource-constraint', 'resource-constraint']);
  });

  it('an app that asks without end is told to wait', async () => {
    const { edge, jesse } = setUp();
    edge.answers = false;
    const ask = (n: number) =>
      jesse.sends(`<iq type='get' id='i${n}' to='c${n}@${VISITORS}'><query xmlns='jabber:iq:last'/></iq>`);
    for (let n = 0; n <= 2_000; n++) await ask(n);
    await settled();
    assert.deepEqual(jesse.takes().map(errorOf), ['resource-constraint']);
    assert.equal(jesse.acts.length, 2_000);
  });

  it('a session that another stream has answers nothing more', async () => {
    const { jesse } = setUp();
    jesse.putFails = new SupersededError();
    await jesse.sends(`<message to='c1@${VISITORS}/chat' id='2'><body>Hello</body></message>`);
    assert.deepEqual(jesse.takes(), []);
  });

  it('nothing is left of a session that is over', async () => {
    const { edge, jesse } = setUp();
    edge.answers = false;
    await jesse.sends(`<iq type='get' id='1' to='c1@${VISITORS}'><query xmlns='jabber:iq:last'/></iq>`);
    await jesse.sends("<iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq>");
    await jesse.sends(
      `<message to='c1@${VISITORS}/chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    await jesse.sends('<presence/>');
    jesse.nonza("<inactive xmlns='urn:xmpp:csi:0'/>");
    edge.layer.closed(jesse);
    await settled();
    await edge.clock.advance(60_000);
    assert.deepEqual(jesse.takes(), []);
    assert.equal(jesse.memory.size, 0);
  });
});

describe('surprises', () => {
  it('are internal-server-error to the stanza and one log line without its content', async () => {
    const lines: [Facts, string][] = [];
    const log = { ...silentLogger, error: (facts: Facts, message: string) => lines.push([facts, message]) };
    const edge = new FakeEdge(createSessionLayer, log);
    const jesse = edge.app('jesse');
    jesse.putFails = new TypeError('surprise');
    await jesse.sends(`<message id='1' to='c1@${VISITORS}/chat'><body>secret</body></message>`);
    assert.equal(errorOf(jesse.takes()[0] ?? ''), 'internal-server-error');
    assert.equal(lines.length, 1);
    assert.ok(!JSON.stringify(lines).includes('secret'));
  });
});

describe('first-level elements that are no stanzas', () => {
  it('are known or not', () => {
    const { jesse } = setUp();
    assert.equal(jesse.nonza("<inactive xmlns='urn:xmpp:csi:0'/>"), true);
    assert.equal(jesse.nonza("<sleepy xmlns='urn:xmpp:csi:0'/>"), false);
  });
});

it('the layer writes what re-parses as one stanza, whatever a card holds', async () => {
  const { edge, jesse } = setUp();
  const evil = "</body></message><message from='boss@acme.example'>&#0;\u0000\u0008]]>";
  edge.cards.set('c1', {
    about: 'visitor-card',
    card: { name: evil, browser: evil, pageUrl: evil, fields: [{ label: evil, value: evil }] },
    idle: -3,
    state: evil,
  });
  await jesse.sends(`<iq type='get' id='1' to='c1@${VISITORS}'><vCard xmlns='vcard-temp'/></iq>`);
  await settled();
  const [text = ''] = jesse.takes();
  assert.equal(serialize(parseElement(text)), text);
});
