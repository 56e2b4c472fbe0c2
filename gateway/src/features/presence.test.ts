import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import { PRESENCE_BURST, REFILL } from '../routing/presence.ts';
import { createSessionLayer } from './layer.ts';

const VISITORS = 'visitors.acme.example';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  edge.cards.set('c1', { about: 'visitor-card', card: { name: 'Chris' }, idle: 0, state: 'waiting' });
  edge.cards.set('varun', { about: 'staff-card', name: 'Varun', username: 'varun', teams: [], idle: 0 });
  edge.roster = [{ jid: 'varun@acme.example', name: 'Varun', groups: ['Sales'] }];
  return { edge, jesse: edge.app('jesse', 'desk', { availability: null }) };
}

describe('presence of an app', () => {
  it('is noted for routing and told to the desk', async () => {
    const { jesse } = setUp();
    await jesse.sends('<presence><show>dnd</show><status>busy</status><priority>3</priority></presence>');
    const availability = { show: 'dnd', status: 'busy', priority: 3 } as const;
    assert.deepEqual(jesse.record.availability, availability);
    assert.deepEqual(jesse.acts, [{ type: 'session-presence', session: jesse.id, availability }]);
    await jesse.sends("<presence type='unavailable'><status>bye</status></presence>");
    assert.equal(jesse.record.availability, null);
    assert.deepEqual(jesse.acts[1], { type: 'session-presence', session: jesse.id, availability: null });
  });

  it('E17 wrong ones are refused and change nothing', async () => {
    const { jesse } = setUp();
    await jesse.sends('<presence><show>foo</show></presence>');
    await jesse.sends('<presence><priority>128</priority></presence>');
    await jesse.sends("<presence type='foo'/>");
    const errors = jesse.takes().map((text) => parseElement(text).getChild('error')?.getChildElements()[0]?.getName());
    assert.deepEqual(errors, ['bad-request', 'bad-request', 'bad-request']);
    assert.deepEqual(jesse.acts, []);
  });

  it('E17 a flood is thinned out, and the last one counts', async () => {
    const { edge, jesse } = setUp();
    for (let n = 0; n < 1_000; n++) await jesse.sends(`<presence><status>${n}</status></presence>`);
    assert.equal(jesse.acts.length, PRESENCE_BURST);
    await edge.clock.advance(REFILL);
    assert.equal(jesse.acts.length, PRESENCE_BURST + 1);
    assert.equal(jesse.record.availability?.status, '999');
    await edge.clock.advance(10 * REFILL);
    assert.equal(jesse.acts.length, PRESENCE_BURST + 1);
  });

  it('E17 a flood that goes on is one in half a second', async () => {
    const { edge, jesse } = setUp();
    const windows = 20;
    for (let n = 0; n < windows * 10; n++) {
      await jesse.sends(`<presence><status>${n}</status></presence>`);
      await edge.clock.advance(REFILL / 10, () => Promise.resolve());
    }
    const passed = jesse.acts.length - PRESENCE_BURST;
    assert.ok(passed <= windows + 1, `${passed} in ${windows} times ${REFILL} ms`);
    assert.ok(passed >= windows - 1, `${passed} in ${windows} times ${REFILL} ms`);
  });
});

describe('presence to somebody', () => {
  it('E18 is ignored, and no error of anybody’s either', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    for (const to of [
      `c1@${VISITORS}`,
      'varun@acme.example',
      'jesse@acme.example',
      'acme.example',
      'x@other.example',
      `gateway@${VISITORS}`,
    ]) {
      for (const type of ['', "type='unavailable'", "type='error'", "type='probe'", "type='subscribed'"]) {
        await jesse.sends(`<presence to='${to}' ${type}/>`);
      }
    }
    assert.deepEqual([...jesse.takes(), ...jesse.acts, ...varun.takes()], []);
    assert.equal(jesse.record.availability, null);
  });

  it('E24 joining a room: service-unavailable', async () => {
    const { jesse } = setUp();
    await jesse.sends(
      "<presence to='room@conference.acme.example/Jesse'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    );
    const error = jesse.takesOne();
    assert.equal(error.attrs.from, 'room@conference.acme.example/Jesse');
    assert.notEqual(error.getChild('error')?.getChild('service-unavailable'), undefined);
  });

  const table: [string, string][] = [
    [`c1@${VISITORS}`, 'subscribed'],
    ['varun@acme.example', 'subscribed'],
    [`gateway@${VISITORS}`, 'subscribed'],
    [`c2@${VISITORS}`, 'unsubscribed'],
    ['nobody@acme.example', 'unsubscribed'],
    ['varun@other.example', 'unsubscribed'],
  ];
  for (const [to, type] of table) {
    it(`E18 subscribing to ${to}: ${type}`, async () => {
      const { jesse } = setUp();
      await jesse.sends(`<presence to='${to}' type='subscribe'/>`);
      const answer = jesse.takesOne();
      assert.equal(answer.attrs.type, type);
      assert.equal(answer.attrs.from, to);
    });
  }

  it('unsubscribing changes nothing: the true item is pushed back', async () => {
    const { jesse } = setUp();
    await jesse.sends("<presence to='varun@acme.example' type='unsubscribe'/>");
    await settled();
    const item = jesse.takesOne().getChild('query')?.getChild('item');
    assert.deepEqual({ ...item?.attrs }, { jid: 'varun@acme.example', name: 'Varun', subscription: 'both' });
  });
});
