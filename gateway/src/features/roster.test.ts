import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import { createSessionLayer } from './layer.ts';

const ROSTER = 'jabber:iq:roster';
const varun = { jid: 'varun@acme.example', name: 'Varun <Shah>', groups: ['Sales', 'Support & more'] };

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  edge.roster = [varun];
  return { edge, jesse: edge.app('jesse') };
}

const get = (query: string, more = '') => `<iq type='get' id='r1' ${more}>${query}</iq>`;
const set = (content: string) => `<iq type='set' id='r2'><query xmlns='${ROSTER}'>${content}</query></iq>`;
const conditionOf = (text: string | undefined) =>
  parseElement(text ?? '<x/>')
    .getChild('error')
    ?.getChildElements()[0]
    ?.getName();

describe('reading the roster', () => {
  it('gives the desk’s', async () => {
    const { jesse } = setUp();
    await jesse.sends(get(`<query xmlns='${ROSTER}'/>`));
    assert.deepEqual(jesse.takes(), [
      `<iq type='result' id='r1' to='jesse@acme.example/desk'><query xmlns='${ROSTER}' ver='v1'>` +
        "<item jid='varun@acme.example' name='Varun &lt;Shah&gt;' subscription='both'><group>Sales</group><group>Support &amp; more</group></item>" +
        '</query></iq>',
    ]);
    const [act] = jesse.acts;
    assert.ok(act?.type === 'roster-asked');
    assert.equal(act.version, undefined);
  });

  it('Q2 comes from the bare JID when that was asked', async () => {
    const { jesse } = setUp();
    await jesse.sends(get(`<query xmlns='${ROSTER}'/>`, "to='jesse@acme.example'"));
    assert.equal(jesse.takesOne().attrs.from, 'jesse@acme.example');
  });

  it('is empty when the app has this version [RFC6121 §2.6.3]', async () => {
    const { jesse } = setUp();
    await jesse.sends(get(`<query xmlns='${ROSTER}' ver='v1'/>`));
    assert.deepEqual(jesse.takes(), ["<iq type='result' id='r1' to='jesse@acme.example/desk'/>"]);
  });

  it('an empty version asks for all', async () => {
    const { jesse } = setUp();
    await jesse.sends(get(`<query xmlns='${ROSTER}' ver=''/>`));
    const [act] = jesse.acts;
    assert.ok(act?.type === 'roster-asked');
    assert.equal(act.version, '');
    assert.equal(jesse.takesOne().getChild('query')?.getChildren('item').length, 1);
  });

  it('Q25 waits for a slow desk; an answer after the deadline is not a second one', async () => {
    const { edge, jesse } = setUp();
    edge.answers = false;
    await jesse.sends(get(`<query xmlns='${ROSTER}'/>`));
    await edge.clock.advance(19_000);
    assert.deepEqual(jesse.takes(), []);
    await edge.clock.advance(1_000);
    assert.equal(conditionOf(jesse.takes()[0]), 'resource-constraint');
    const [act] = jesse.acts;
    assert.ok(act?.type === 'roster-asked');
    assert.equal(jesse.receives({ kind: 'roster', ask: act.ask, version: 'v1', items: [] }), undefined);
  });

  it('an answer that is written again after a resume on another edge is the same', async () => {
    const { edge, jesse } = setUp();
    await jesse.sends(get(`<query xmlns='${ROSTER}'/>`));
    const first = jesse.takes();
    const [act] = jesse.acts;
    assert.ok(act?.type === 'roster-asked');
    jesse.memory.clear();
    assert.equal(jesse.receives({ kind: 'roster', ask: act.ask, version: 'v1', items: edge.roster }), first[0]);
  });

  it('of somebody else is not there', async () => {
    const { jesse } = setUp();
    await jesse.sends(get(`<query xmlns='${ROSTER}'/>`, "to='varun@acme.example'"));
    assert.equal(conditionOf(jesse.takes()[0]), 'service-unavailable');
  });
});

describe('a roster push', () => {
  it('has no from, a new id, and the item or its removal', () => {
    const { jesse } = setUp();
    jesse.receives({ kind: 'roster-push', version: 'v2', item: varun });
    jesse.receives({ kind: 'roster-push', version: 'v3', item: { jid: 'varun@acme.example', removed: true } });
    const [first, second] = jesse.takes().map(parseElement);
    assert.equal(first?.attrs.from, undefined);
    assert.notEqual(first?.attrs.id, second?.attrs.id);
    assert.equal(first?.getChild('query')?.attrs.ver, 'v2');
    assert.equal(first?.getChild('query')?.getChild('item')?.attrs.subscription, 'both');
    assert.deepEqual(
      { ...second?.getChild('query')?.getChild('item')?.attrs },
      { jid: 'varun@acme.example', subscription: 'remove' },
    );
  });
});

describe('E11 changing the roster', () => {
  const item = (attrs: string, content = '') => `<item ${attrs}>${content}</item>`;
  const table: [string, string, string, boolean][] = [
    ['no item', '', 'bad-request', false],
    ['two items', item("jid='a@x.example'") + item("jid='b@x.example'"), 'bad-request', false],
    ['an item without an address', item("name='x'"), 'bad-request', false],
    ['a malformed address', item("jid='a@b@c'"), 'jid-malformed', false],
    ['an empty group', item("jid='varun@acme.example'", '<group/>'), 'not-acceptable', false],
    [
      'a group of 5,000 characters',
      item("jid='varun@acme.example'", `<group>${'x'.repeat(5_000)}</group>`),
      'not-acceptable',
      false,
    ],
    [
      'a name of 5,000 characters',
      item(`jid='varun@acme.example' name='${'x'.repeat(5_000)}'`),
      'not-acceptable',
      false,
    ],
    ['a group twice', item("jid='varun@acme.example'", '<group>a</group><group>a</group>'), 'bad-request', false],
    ['removing who is not in it', item("jid='nobody@x.example' subscription='remove'"), 'item-not-found', false],
    ['renaming a group', item("jid='varun@acme.example'", '<group>Friends</group>'), 'not-allowed', true],
    ['removing a contact', item("jid='Varun@acme.example' subscription='remove'"), 'not-allowed', true],
  ];
  for (const [name, content, condition, pushed] of table) {
    it(`${name}: ${condition}${pushed ? ', and the true item' : ''}`, async () => {
      const { jesse } = setUp();
      await jesse.sends(set(content));
      await settled();
      const [error, push, ...more] = jesse.takes();
      assert.equal(conditionOf(error), condition);
      assert.equal(parseElement(error ?? '').attrs.id, 'r2');
      assert.deepEqual(more, []);
      const back = push === undefined ? undefined : parseElement(push).getChild('query')?.getChild('item');
      assert.deepEqual(
        back?.getChildren('group').map((group) => group.text()),
        pushed ? varun.groups : undefined,
      );
    });
  }

  it('adding somebody: not-allowed, and the app is told that they are not in it', async () => {
    const { jesse } = setUp();
    await jesse.sends(set(item("jid='friend@other.example' name='Friend'")));
    await settled();
    const [error, push] = jesse.takes();
    assert.equal(conditionOf(error), 'not-allowed');
    const back = parseElement(push ?? '')
      .getChild('query')
      ?.getChild('item');
    assert.deepEqual({ ...back?.attrs }, { jid: 'friend@other.example', subscription: 'remove' });
  });

  it('many at once ask the desk once', async () => {
    const { jesse } = setUp();
    const sent = [1, 2, 3].map(() => jesse.sends(set(item("jid='varun@acme.example' name='x'"))));
    await Promise.all(sent);
    assert.equal(jesse.acts.length, 1);
    assert.equal(jesse.takes().length, 6);
  });
});
