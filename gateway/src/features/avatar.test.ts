import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import type { Item } from '../bus/messages.ts';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import { createSessionLayer } from './layer.ts';

const VISITORS = 'visitors.acme.example';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  edge.cards.set('c1', { about: 'visitor-card', card: { name: 'Chris' }, idle: 0, state: 'waiting' });
  edge.cards.set('varun', { about: 'staff-card', name: 'Varun', username: 'varun', teams: [], idle: 0 });
  const jesse = edge.app('jesse');
  const presence = (
    from: string,
    caps: 'visitor' | 'staff' | 'gateway' | undefined,
    show: 'available' | 'unavailable',
  ) => {
    const item: Item = { kind: 'presence', from, show, ...(caps !== undefined && { caps }) };
    return parseElement(jesse.receives(item) ?? '').getChild('x', 'vcard-temp:x:update');
  };
  const ask = async (to: string, payload: string) => {
    jesse.takes();
    await jesse.sends(`<iq type='get' id='i' to='${to}'>${payload}</iq>`);
    await settled();
    return jesse.takesOne();
  };
  const photoOf = async (to: string) =>
    (await ask(to, "<vCard xmlns='vcard-temp'/>")).getChild('vCard')?.getChild('PHOTO');
  const uriOf = async (to: string) =>
    (await ask(to, "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4'/></pubsub>"))
      .getChild('pubsub')
      ?.getChild('items')
      ?.getChild('item')
      ?.getChild('vcard')
      ?.getChild('photo')
      ?.getChildText('uri');
  return { presence, photoOf, uriOf };
}

describe('pictures', () => {
  for (const [who, bare, caps] of [
    ['a visitor', `c1@${VISITORS}`, 'visitor'],
    ['Chat Gateway', `gateway@${VISITORS}`, 'gateway'],
  ] as const)
    it(`${who}: the hash in presence is that of the picture in the card, of either kind`, async () => {
      const { presence, photoOf, uriOf } = setUp();
      const sha1 = presence(`${bare}/chat`, caps, 'available')?.getChildText('photo');
      const photo = await photoOf(bare);
      assert.equal(photo?.getChildText('TYPE'), 'image/png');
      const data = photo.getChildText('BINVAL') ?? '';
      assert.equal(hash('sha1', Buffer.from(data, 'base64')), sha1);
      assert.equal(await uriOf(bare), `data:image/png;base64,${data}`);
    });

  it('two visitors have different ones, and Chat Gateway a third', () => {
    const { presence } = setUp();
    const hashes = [
      presence(`c1@${VISITORS}/chat`, 'visitor', 'available'),
      presence(`c2@${VISITORS}/chat`, 'visitor', 'available'),
      presence(`gateway@${VISITORS}/gateway`, 'gateway', 'available'),
    ].map((x) => x?.getChildText('photo'));
    assert.equal(new Set(hashes).size, 3);
  });

  it('a colleague has none: the photo is empty, and the card without one', async () => {
    const { presence, photoOf, uriOf } = setUp();
    const update = presence('varun@acme.example/helpdesk', 'staff', 'available');
    assert.notEqual(update?.getChild('photo'), undefined);
    assert.equal(update?.getChildText('photo'), '');
    assert.equal(await photoOf('varun@acme.example'), undefined);
    assert.equal(await uriOf('varun@acme.example'), undefined);
  });

  it('who is gone says nothing of a picture, nor does one’s own app', () => {
    const { presence } = setUp();
    assert.equal(presence(`c1@${VISITORS}/chat`, 'visitor', 'unavailable'), undefined);
    assert.equal(presence('jesse@acme.example/phone', undefined, 'available'), undefined);
  });
});
