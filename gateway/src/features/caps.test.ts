import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hash } from 'node:crypto';
import { settled } from '@chat-gateway/runtime';
import { CAPS_NODE, capsVer } from '../routing/entities.ts';
import { type FakeApp, FakeEdge, tenant } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';

const CAPS = 'http://jabber.org/protocol/caps';
const INFO = 'http://jabber.org/protocol/disco#info';
const VISITOR = 'c1@visitors.acme.example';
const GATEWAY = 'gateway@visitors.acme.example';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  edge.cards.set('c1', { about: 'visitor-card', card: { name: 'Chris' }, idle: 0, state: 'waiting' });
  edge.cards.set('varun', { about: 'staff-card', name: 'Varun', username: 'varun', teams: [], idle: 0 });
  return { edge, jesse: edge.app('jesse') };
}

async function infoOf(app: FakeApp, to: string, node?: string): Promise<XmlElement> {
  await app.sends(
    `<iq type='get' id='i' to='${to}'><query xmlns='${INFO}'${node === undefined ? '' : ` node='${node}'`}/></iq>`,
  );
  await settled();
  return app.takesOne();
}

/** The verification string as an app computes it from an answer [XEP-0115 §5.1]. */
function verified(query: XmlElement | undefined): string {
  const identities =
    query
      ?.getChildren('identity')
      .map(({ attrs }) => `${attrs.category}/${attrs.type}/${attrs['xml:lang'] ?? ''}/${attrs.name ?? ''}`) ?? [];
  const features = query?.getChildren('feature').map(({ attrs }) => attrs.var ?? '') ?? [];
  return hash('sha1', [...identities.sort(), ...features.sort()].map((part) => `${part}<`).join(''), 'base64');
}

describe('the verification string', () => {
  it('is that of the example [XEP-0115 §5.2]', () => {
    const features = [
      'http://jabber.org/protocol/disco#info',
      'http://jabber.org/protocol/disco#items',
      'http://jabber.org/protocol/muc',
      CAPS,
    ];
    assert.equal(
      capsVer({ category: 'client', type: 'pc', name: 'Exodus 0.9.1' }, features),
      'QgayPKawpkPSDYmwT/WM94uAlu0=',
    );
  });

  const presences = [
    ['visitor', `${VISITOR}/chat`],
    ['staff', 'varun@acme.example/helpdesk'],
    ['gateway', `${GATEWAY}/gateway`],
  ] as const;
  for (const [caps, from] of presences) {
    it(`in the presence of a ${caps} is that of what it answers, with the node and without`, async () => {
      const { jesse } = setUp();
      jesse.receives({ kind: 'presence', from, show: 'chat', caps });
      const c = jesse.takesOne().getChild('c', CAPS);
      assert.equal(c?.attrs.hash, 'sha-1');
      assert.equal(c.attrs.node, CAPS_NODE);
      const node = `${CAPS_NODE}#${c.attrs.ver}`;
      const answer = (await infoOf(jesse, from, node)).getChild('query');
      assert.equal(answer?.attrs.node, node);
      assert.equal(verified(answer), c.attrs.ver);
      assert.equal(verified((await infoOf(jesse, from)).getChild('query')), c.attrs.ver);
    });
  }

  it('of the domain is in the stream features', async () => {
    const { edge, jesse } = setUp();
    const c = edge.layer.streamFeatures(tenant).find((one) => one.getName() === 'c');
    const answer = await infoOf(jesse, 'acme.example', `${CAPS_NODE}#${c?.attrs.ver}`);
    assert.equal(verified(answer.getChild('query')), c?.attrs.ver);
  });

  it('is not in unavailable presence, nor in that of own apps', () => {
    const { jesse } = setUp();
    jesse.receives({ kind: 'presence', from: VISITOR, show: 'unavailable', caps: 'visitor' });
    jesse.receives({ kind: 'presence', from: 'jesse@acme.example/phone', show: 'available' });
    assert.deepEqual(
      jesse.takes().filter((text) => text.includes(CAPS)),
      [],
    );
  });
});

describe('service discovery', () => {
  it('an unknown node is not found', async () => {
    const { jesse } = setUp();
    const answer = await infoOf(jesse, 'acme.example', `${CAPS_NODE}#wrong`);
    assert.notEqual(answer.getChild('error')?.getChild('item-not-found'), undefined);
  });

  it('visitors have what makes apps show typing and ask for receipts (Q10)', async () => {
    const { jesse } = setUp();
    const features = (await infoOf(jesse, `${VISITOR}/chat`))
      .getChild('query')
      ?.getChildren('feature')
      .map(({ attrs }) => attrs.var);
    for (const feature of [
      INFO,
      'http://jabber.org/protocol/chatstates',
      'urn:xmpp:receipts',
      'urn:xmpp:ping',
      'vcard-temp',
      'jabber:iq:version',
      'urn:xmpp:time',
      'jabber:iq:last',
    ]) {
      assert.ok(features?.includes(feature), feature);
    }
  });

  it('domain and account are what apps expect, and announce carbons', async () => {
    const { jesse } = setUp();
    for (const [to, category, type] of [
      ['acme.example', 'server', 'im'],
      ['jesse@acme.example', 'account', 'registered'],
    ] as const) {
      const query = (await infoOf(jesse, to)).getChild('query');
      const identity = query?.getChild('identity');
      assert.deepEqual([identity?.attrs.category, identity?.attrs.type], [category, type]);
      assert.ok(query?.getChildren('feature').some(({ attrs }) => attrs.var === 'urn:xmpp:carbons:2'));
    }
  });

  it('I13 items lead from the domain to Chat Gateway and to nobody else; persons have a node each', async () => {
    const { jesse } = setUp();
    const itemsOf = async (to: string) => {
      await jesse.sends(
        `<iq type='get' id='i' to='${to}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>`,
      );
      await settled();
      return jesse
        .takesOne()
        .getChild('query')
        ?.getChildren('item')
        .map(({ attrs }) => `${attrs.jid} ${attrs.node ?? ''}`.trim());
    };
    assert.deepEqual(await itemsOf('acme.example'), [
      'visitors.acme.example',
      'acme.example http://jabber.org/protocol/commands',
    ]);
    assert.deepEqual(await itemsOf('visitors.acme.example'), [GATEWAY]);
    assert.deepEqual(await itemsOf('jesse@acme.example'), ['jesse@acme.example urn:xmpp:vcard4']);
    assert.deepEqual(await itemsOf('jesse@acme.example/desk'), []);
    const [bare = ''] = VISITOR.split('/');
    assert.deepEqual(await itemsOf(VISITOR), [`${bare} urn:xmpp:vcard4`]);
  });
});
