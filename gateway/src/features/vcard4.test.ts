import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { FakeEdge } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';

const VISITOR = 'c1@visitors.acme.example';
const GATEWAY = 'gateway@visitors.acme.example';
const OWN = 'jesse@acme.example';
const NODE = 'urn:xmpp:vcard4';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  edge.cards.set('c1', { about: 'visitor-card', card: { name: 'Chris' }, idle: 0, state: 'waiting' });
  for (const username of ['jesse', 'varun'])
    edge.cards.set(username, { about: 'staff-card', name: username, username, teams: [], idle: 0 });
  const jesse = edge.app('jesse');
  const ask = async (type: 'get' | 'set', to: string, payload: string): Promise<XmlElement> => {
    await jesse.sends(`<iq type='${type}' id='i' to='${to}'>${payload}</iq>`);
    await settled();
    return jesse.takesOne();
  };
  const pubsub = (type: 'get' | 'set', to: string, content: string) =>
    ask(type, to, `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${content}</pubsub>`);
  const disco = (about: 'info' | 'items', to: string, node?: string) =>
    ask(
      'get',
      to,
      `<query xmlns='http://jabber.org/protocol/disco#${about}'${node === undefined ? '' : ` node='${node}'`}/>`,
    );
  return { edge, pubsub, disco };
}

const conditionOf = (answer: XmlElement) => answer.getChild('error')?.getChildElements()[0]?.getName();
const idsOf = (answer: XmlElement) =>
  answer
    .getChild('pubsub')
    ?.getChild('items')
    ?.getChildren('item')
    .map(({ attrs }) => attrs.id);

describe('the items of a card’s node', () => {
  for (const to of [VISITOR, GATEWAY, OWN, 'varun@acme.example'])
    it(`of ${to}: one, by number or by id`, async () => {
      const { pubsub } = setUp();
      for (const items of [
        `<items node='${NODE}'/>`,
        `<items node='${NODE}' max_items='1'/>`,
        `<items node='${NODE}' max_items='20'/>`,
        `<items node='${NODE}'><item id='current'/></items>`,
        `<items node='${NODE}'><item id='other'/><item id='current'/></items>`,
      ])
        assert.deepEqual(idsOf(await pubsub('get', to, items)), ['current'], items);
      for (const items of [`<items node='${NODE}' max_items='0'/>`, `<items node='${NODE}'><item id='x'/></items>`])
        assert.deepEqual(idsOf(await pubsub('get', to, items)), [], items);
    });

  for (const [what, to, content, condition] of [
    ['a number that is none', VISITOR, `<items node='${NODE}' max_items='-1'/>`, 'bad-request'],
    ['a number without end', VISITOR, `<items node='${NODE}' max_items='${'9'.repeat(40)}'/>`, 'bad-request'],
    ['another node', VISITOR, "<items node='urn:xmpp:avatar:metadata'/>", 'item-not-found'],
    ['another node of one’s own', OWN, "<items node='urn:xmpp:bookmarks:1'/>", 'item-not-found'],
    ['a visitor who is not there', 'c9@visitors.acme.example', `<items node='${NODE}'/>`, 'item-not-found'],
    ['a colleague who is not there', 'eve@acme.example', `<items node='${NODE}'/>`, 'service-unavailable'],
    ['the domain', 'acme.example', `<items node='${NODE}'/>`, 'service-unavailable'],
    ['the visitors’ domain', 'visitors.acme.example', `<items node='${NODE}'/>`, 'service-unavailable'],
    ['an app', `${OWN}/desk`, `<items node='${NODE}'/>`, 'service-unavailable'],
    ['no node', OWN, '<items/>', 'service-unavailable'],
    ['subscriptions', OWN, '<subscriptions/>', 'service-unavailable'],
  ] as const)
    it(`${what}: ${condition}`, async () => {
      const { pubsub } = setUp();
      assert.equal(conditionOf(await pubsub('get', to, content)), condition);
    });
});

describe('what changes a node', () => {
  for (const [what, to, content, condition] of [
    ['publishing one’s own card', OWN, `<publish node='${NODE}'><item id='current'/></publish>`, 'not-allowed'],
    ['retracting it', OWN, `<retract node='${NODE}'><item id='current'/></retract>`, 'not-allowed'],
    ['publishing a visitor’s', VISITOR, `<publish node='${NODE}'><item/></publish>`, 'forbidden'],
    ['creating it', OWN, `<create node='${NODE}'/>`, 'conflict'],
    ['subscribing', VISITOR, `<subscribe node='${NODE}' jid='${OWN}'/>`, 'feature-not-implemented'],
    ['another node', OWN, "<publish node='storage:bookmarks'><item/></publish>", 'service-unavailable'],
    ['a node of the domain', 'acme.example', `<publish node='${NODE}'><item/></publish>`, 'service-unavailable'],
    ['its configuration', OWN, `<configure node='${NODE}'/>`, 'service-unavailable'],
    ['nothing', OWN, '', 'service-unavailable'],
  ] as const)
    it(`Q14 ${what}: ${condition}`, async () => {
      const { pubsub } = setUp();
      assert.equal(conditionOf(await pubsub('set', to, content)), condition);
    });

  it('says which feature is missing', async () => {
    const { pubsub } = setUp();
    const answer = await pubsub('set', VISITOR, `<subscribe node='${NODE}' jid='${OWN}'/>`);
    const missing = answer.getChild('error')?.getChild('unsupported', 'http://jabber.org/protocol/pubsub#errors');
    assert.equal(missing?.attrs.feature, 'subscribe');
  });
});

describe('service discovery of a card’s node', () => {
  for (const to of [VISITOR, GATEWAY, OWN, 'varun@acme.example'])
    it(`of ${to}: the node, what it is, and its item`, async () => {
      const { disco } = setUp();
      const [node] = (await disco('items', to)).getChild('query')?.getChildren('item') ?? [];
      assert.equal(node?.attrs.jid, to);
      assert.equal(node.attrs.node, NODE);
      const info = (await disco('info', to, NODE)).getChild('query');
      assert.equal(info?.attrs.node, NODE);
      const { category, type } = info.getChild('identity')?.attrs ?? {};
      assert.deepEqual([category, type], ['pubsub', 'leaf']);
      const items = (await disco('items', to, NODE)).getChild('query')?.getChildren('item');
      assert.deepEqual(
        items?.map(({ attrs }) => [attrs.jid, attrs.name]),
        [[to, 'current']],
      );
    });

  it('nobody else has it', async () => {
    const { disco } = setUp();
    for (const to of ['acme.example', 'visitors.acme.example', `${OWN}/desk`, 'c9@visitors.acme.example'])
      assert.equal(conditionOf(await disco('info', to, NODE)), 'item-not-found', to);
  });

  it('the account does not say that it keeps nodes for apps', async () => {
    const { disco } = setUp();
    const identities = (await disco('info', OWN)).getChild('query')?.getChildren('identity') ?? [];
    assert.deepEqual(
      identities.map(({ attrs }) => attrs.category),
      ['account'],
    );
  });
});
