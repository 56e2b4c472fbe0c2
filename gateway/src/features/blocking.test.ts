import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import type { Act, Answer } from '../bus/messages.ts';
import { FakeEdge, type FakeApp } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';

const BLOCKING = 'urn:xmpp:blocking';
const VISITORS = 'visitors.acme.example';

function setUp() {
  const edge = new FakeEdge((deps) => createSessionLayer(deps));
  const jesse = edge.app('jesse');
  const run: Extract<Act, { type: 'command' }>[] = [];
  let answer: Answer = { about: 'command', text: 'Chris is banned.' };
  let visitors: readonly string[] = ['c1', 'c2'];
  edge.menu = (act) => {
    if (act.type === 'asked') return { about: 'bans', visitors };
    run.push(act);
    return answer;
  };
  return {
    edge,
    jesse,
    run,
    answers: (next: Answer) => (answer = next),
    banned: (...next: readonly string[]) => (visitors = next),
  };
}

async function ask(app: FakeApp, type: string, payload: string): Promise<XmlElement> {
  await app.sends(`<iq type='${type}' id='b'>${payload}</iq>`);
  await settled();
  return app.takesOne();
}

const of = (name: string, ...jids: readonly string[]) =>
  `<${name} xmlns='${BLOCKING}'>${jids.map((jid) => `<item jid='${jid}'/>`).join('')}</${name}>`;
const jidsOf = (answer: XmlElement) =>
  answer
    .getChild('blocklist', BLOCKING)
    ?.getChildren('item')
    .map(({ attrs }) => attrs.jid);
const conditionOf = (answer: XmlElement) => answer.getChild('error')?.getChildElements()[0]?.getName();

describe('blocking', () => {
  it('the list is who is banned, as addresses of visitors', async () => {
    const { jesse, banned } = setUp();
    assert.deepEqual(jidsOf(await ask(jesse, 'get', of('blocklist'))), [`c1@${VISITORS}`, `c2@${VISITORS}`]);
    banned();
    assert.deepEqual(jidsOf(await ask(jesse, 'get', of('blocklist'))), []);
  });

  it('of a visitor is a ban', async () => {
    const { jesse, run } = setUp();
    assert.equal((await ask(jesse, 'set', of('block', `c1@${VISITORS}/chat`))).attrs.type, 'result');
    assert.deepEqual(
      run.map(({ at, name, values }) => ({ at, name, values })),
      [{ at: { is: 'visitor', chat: 'c1' }, name: 'ban', values: {} }],
    );
  });

  it('that the desk refuses is an error with its text', async () => {
    const { jesse, answers } = setUp();
    answers({ about: 'command', text: 'You may not use $ban.', failed: 'command' });
    const refused = await ask(jesse, 'set', of('block', `c1@${VISITORS}`));
    assert.equal(conditionOf(refused), 'not-allowed');
    assert.equal(refused.getChild('error')?.getChildText('text'), 'You may not use $ban.');
  });

  it('D21 of a visitor whom this staff user may not see is item-not-found', async () => {
    const { jesse, answers } = setUp();
    answers({ about: 'nothing' });
    assert.equal(conditionOf(await ask(jesse, 'set', of('block', `c9@${VISITORS}`))), 'item-not-found');
  });

  it('lifts a ban, and does not lift all at once', async () => {
    const { jesse, run } = setUp();
    assert.equal((await ask(jesse, 'set', of('unblock', `c1@${VISITORS}`))).attrs.type, 'result');
    assert.deepEqual(
      run.map(({ at, name, values }) => ({ at, name, values })),
      [{ at: { is: 'gateway' }, name: 'ban', values: { lift: ['c1'] } }],
    );
    assert.equal(conditionOf(await ask(jesse, 'set', of('unblock'))), 'not-allowed');
    assert.equal(run.length, 1);
  });

  const refused: Readonly<Record<string, readonly [string, string]>> = {
    'a colleague': [of('block', 'varun@acme.example'), 'not-allowed'],
    'Chat Gateway': [of('block', `gateway@${VISITORS}`), 'not-allowed'],
    'somebody of another tenant': [of('block', 'c1@visitors.other.example'), 'not-allowed'],
    nobody: [of('block'), 'bad-request'],
    'no address': [`<block xmlns='${BLOCKING}'><item/></block>`, 'bad-request'],
    'what is no address': [of('block', 'a@b@c'), 'jid-malformed'],
    'a crowd': [of('block', ...Array.from({ length: 11 }, (_, n) => `c${n}@${VISITORS}`)), 'not-acceptable'],
    'lifting nobody’s ban': [of('unblock', 'varun@acme.example'), 'item-not-found'],
  };
  for (const [name, [payload, condition]] of Object.entries(refused))
    it(`${name} is refused, and the desk is not asked`, async () => {
      const { jesse, run } = setUp();
      assert.equal(conditionOf(await ask(jesse, 'set', payload)), condition);
      assert.deepEqual(run, []);
    });

  it('is told to the apps that have asked for the list, as the desk says', async () => {
    const { edge, jesse } = setUp();
    const other = edge.app('jesse', 'other');
    await ask(jesse, 'get', of('blocklist'));
    for (const change of ['block', 'unblock'] as const) {
      for (const app of [jesse, other]) await edge.deliver(app.id, { kind: 'blocked', change, visitor: 'c1' });
      const told = jesse.takesOne();
      assert.equal(told.attrs.type, 'set');
      assert.equal(told.getChild(change, BLOCKING)?.getChild('item')?.attrs.jid, `c1@${VISITORS}`);
    }
    assert.deepEqual(other.takes(), []);
  });
});
