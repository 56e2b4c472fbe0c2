import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FakeApp, FakeEdge } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { HELD_CONTACTS } from './csi.ts';
import { createSessionLayer } from './layer.ts';
import { KEPT_IN_ALL, KEPT_PER_ACCOUNT } from './private-storage.ts';

const VISITOR = 'c1@visitors.acme.example/chat';

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  return { edge, jesse: edge.app('jesse') };
}

async function ask(app: FakeApp, type: string, payload: string, to?: string): Promise<XmlElement> {
  await app.sends(`<iq type='${type}' id='i'${to === undefined ? '' : ` to='${to}'`}>${payload}</iq>`);
  return app.takesOne();
}

const conditionOf = (answer: XmlElement) => answer.getChild('error')?.getChildElements()[0]?.getName();

describe('private XML storage', () => {
  const PRIVATE = 'jabber:iq:private';
  const query = (content: string) => `<query xmlns='${PRIVATE}'>${content}</query>`;

  it('gives back what was kept, to all apps of the account and to nobody else', async () => {
    const { edge, jesse } = setUp();
    const bookmarks =
      "<storage xmlns='storage:bookmarks'><conference name='a &amp; b' jid='x@y'><nick>J</nick></conference></storage>";
    assert.equal((await ask(jesse, 'set', query(bookmarks))).attrs.type, 'result');
    const kept = await ask(edge.app('jesse', 'phone'), 'get', query("<storage xmlns='storage:bookmarks'/>"));
    const conference = kept.getChild('query')?.getChild('storage', 'storage:bookmarks')?.getChild('conference');
    assert.deepEqual({ ...conference?.attrs }, { name: 'a & b', jid: 'x@y' });
    assert.equal(conference?.getChildText('nick'), 'J');
    const other = await ask(edge.app('varun'), 'get', query("<storage xmlns='storage:bookmarks'/>"));
    assert.deepEqual(other.getChild('query')?.getChild('storage', 'storage:bookmarks')?.children, []);
  });

  it('gives it back as often as it is asked, and replaced when it was', async () => {
    const { jesse } = setUp();
    const delimiter = (text: string) => query(`<roster xmlns='roster:delimiter'>${text}</roster>`);
    await ask(jesse, 'set', delimiter('::'));
    await ask(jesse, 'set', delimiter('/'));
    for (let n = 0; n < 2; n++) {
      const answer = await ask(jesse, 'get', delimiter(''));
      assert.equal(answer.getChild('query')?.getChildText('roster', 'roster:delimiter'), '/');
    }
  });

  it('keeps its meaning when it was written with prefixes', async () => {
    const { jesse } = setUp();
    await ask(jesse, 'set', `<p:query xmlns:p='${PRIVATE}' xmlns:x='x:data'><x:a><x:b c='1'/></x:a></p:query>`);
    const answer = await ask(jesse, 'get', query("<a xmlns='x:data'/>"));
    assert.equal(answer.getChild('query')?.getChild('a', 'x:data')?.getChild('b', 'x:data')?.attrs.c, '1');
  });

  it('has bounds per account, and keeps what was there before', async () => {
    const { jesse } = setUp();
    const keep = (name: string, text: string) =>
      ask(jesse, 'set', query(`<${name} xmlns='n:${name}'>${text}</${name}>`));
    await keep('a', 'small');
    assert.equal(conditionOf(await keep('b', 'x'.repeat(KEPT_PER_ACCOUNT))), 'resource-constraint');
    for (let n = 0; n < 31; n++) assert.equal((await keep(`e${n}`, '')).attrs.type, 'result');
    assert.equal(conditionOf(await keep('f', '')), 'resource-constraint');
    const answer = await ask(jesse, 'get', query("<a xmlns='n:a'/>"));
    assert.equal(answer.getChild('query')?.getChildText('a', 'n:a'), 'small');
  });

  it('has a bound for all accounts: what was used least of late goes', async () => {
    const { edge } = setUp();
    const text = 'x'.repeat(KEPT_PER_ACCOUNT - 100);
    const accounts = Math.ceil(KEPT_IN_ALL / text.length) + 1;
    const app = (n: number) => edge.app(`s${n}`);
    const has = async (n: number) => {
      const answer = await ask(app(n), 'get', query("<a xmlns='n:a'/>"));
      return answer.getChild('query')?.getChildText('a', 'n:a') === text;
    };
    for (let n = 0; n < accounts; n++) {
      await ask(app(n), 'set', query(`<a xmlns='n:a'>${text}</a>`));
      assert.ok(await has(0), 'it is used all the time');
    }
    assert.deepEqual([await has(1), await has(accounts - 1)], [false, true]);
  });

  it('refuses what is no request', async () => {
    const { jesse } = setUp();
    assert.equal(conditionOf(await ask(jesse, 'get', query(''))), 'bad-request');
    assert.equal(conditionOf(await ask(jesse, 'set', query(''))), 'bad-request');
    assert.equal(conditionOf(await ask(jesse, 'get', query("<a xmlns='a'/><b xmlns='b'/>"))), 'bad-request');
    assert.equal(conditionOf(await ask(jesse, 'set', query('<a/>'))), 'not-acceptable');
    assert.equal(
      conditionOf(await ask(jesse, 'get', query("<a xmlns='a'/>"), 'varun@acme.example')),
      'service-unavailable',
    );
  });
});

describe('carbons', () => {
  it('are noted for routing and told to the desk, before the answer', async () => {
    const { jesse } = setUp();
    assert.equal((await ask(jesse, 'set', "<enable xmlns='urn:xmpp:carbons:2'/>")).attrs.type, 'result');
    assert.equal(jesse.record.carbons, true);
    assert.equal(
      (await ask(jesse, 'set', "<disable xmlns='urn:xmpp:carbons:2'/>", 'jesse@acme.example')).attrs.type,
      'result',
    );
    assert.equal(jesse.record.carbons, false);
    assert.deepEqual(jesse.acts, [
      { type: 'session-carbons', session: jesse.id, on: true },
      { type: 'session-carbons', session: jesse.id, on: false },
    ]);
  });
});

describe('client state', () => {
  const inactive = "<inactive xmlns='urn:xmpp:csi:0'/>";
  const active = "<active xmlns='urn:xmpp:csi:0'/>";
  const presence = (show: 'chat' | 'dnd', from = VISITOR) => ({ kind: 'presence', from, show }) as const;
  const typing = (state: 'composing' | 'paused') => ({ kind: 'chat-state', from: VISITOR, state }) as const;
  const line = { kind: 'message', from: VISITOR, body: 'x', stanzaId: 's' } as const;
  const names = (app: FakeApp) =>
    app.takes().map((text) => /<show>(\w+)|<(body|composing|paused|iq|received)/u.exec(text)?.slice(1).find(Boolean));

  it('while inactive, the last presence and state of each contact are held back until it is active', () => {
    const { jesse } = setUp();
    jesse.nonza(inactive);
    for (const item of [presence('chat'), presence('dnd'), typing('composing'), typing('paused')]) {
      assert.equal(jesse.receives(item), undefined);
    }
    assert.deepEqual(jesse.takes(), []);
    jesse.nonza(active);
    assert.deepEqual(names(jesse), ['dnd', 'paused']);
    jesse.nonza(active);
    assert.deepEqual(jesse.takes(), []);
    jesse.receives(presence('chat'));
    assert.deepEqual(names(jesse), ['chat']);
  });

  it('messages and IQs are never held; the contact’s presence goes before, its typing is over', () => {
    const { jesse } = setUp();
    jesse.nonza(inactive);
    jesse.receives(presence('dnd'));
    jesse.receives(presence('chat', 'c2@visitors.acme.example/chat'));
    jesse.receives(typing('composing'));
    jesse.receives(line);
    jesse.receives({ kind: 'roster-push', version: 'v', item: { jid: 'x@y', removed: true } });
    jesse.receives({ kind: 'receipt', from: VISITOR, of: 'm' });
    assert.deepEqual(names(jesse), ['dnd', 'body', 'iq', 'received']);
    jesse.nonza(active);
    assert.deepEqual(names(jesse), ['chat']);
  });

  it('inactive twice is inactive once, and a resumed stream is active', () => {
    const { edge, jesse } = setUp();
    jesse.nonza(inactive);
    jesse.receives(presence('dnd'));
    jesse.nonza(inactive);
    edge.layer.resumed(jesse);
    assert.deepEqual(names(jesse), ['dnd']);
    jesse.receives(presence('chat'));
    assert.deepEqual(names(jesse), ['chat']);
  });

  it('holds back no more contacts than its bound', () => {
    const { jesse } = setUp();
    jesse.nonza(inactive);
    for (let n = 0; n <= HELD_CONTACTS; n++) jesse.receives(presence('chat', `c${n}@visitors.acme.example/chat`));
    assert.equal(jesse.takes().length, HELD_CONTACTS + 1);
  });
});
