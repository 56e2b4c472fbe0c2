import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import type { Act, Answer, MenuField } from '../bus/messages.ts';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { OPEN_PER_SESSION } from './adhoc.ts';
import { createSessionLayer } from './layer.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';
const ITEMS = 'http://jabber.org/protocol/disco#items';
const INFO = 'http://jabber.org/protocol/disco#info';
const VISITOR = 'c1@visitors.acme.example/chat';
const GATEWAY = 'gateway@visitors.acme.example';
const FORM_TYPE = 'https://chatgateway.dev/commands';

const fields: readonly MenuField[] = [
  {
    name: 'whom',
    label: 'Whom',
    kind: 'list-single',
    required: true,
    options: [
      { value: '"varun"', label: 'Varun Shah' },
      { value: 'team:"sales"', label: 'Team Sales' },
    ],
  },
  { name: 'why', label: 'What they should know', kind: 'text-multi', value: 'one\ntwo' },
];

/** The desk offers `end` and `invite` at one visitor; `invite` has a form. */
function setUp() {
  const edge = new FakeEdge((deps) => createSessionLayer(deps));
  edge.cards.set('c1', { about: 'visitor-card', card: { name: 'Chris' }, idle: 0, state: 'waiting' });
  const jesse = edge.app('jesse');
  const run: Extract<Act, { type: 'command' }>[] = [];
  let outcome: Answer = { about: 'command', text: 'Varun Shah is asked to join.' };
  edge.menu = (act) => {
    const at = act.type === 'command' ? act.at : act.question.about === 'menu' ? act.question.at : undefined;
    if (at?.is === 'visitor' && at.chat !== 'c1') return { about: 'nothing' };
    if (act.type === 'asked')
      return {
        about: 'menu',
        entries: [
          { name: 'end', title: 'End the chat' },
          { name: 'invite', title: 'Ask a colleague in' },
        ],
      };
    run.push(act);
    if (act.name === 'end') return { about: 'command', text: 'Done.' };
    if (act.name !== 'invite') return { about: 'nothing' };
    if (act.values === undefined) return { about: 'form', title: 'Ask a colleague in', instructions: 'Chris', fields };
    return outcome;
  };
  const ask = async (payload: string, { type = 'set', to = VISITOR } = {}): Promise<XmlElement> => {
    await jesse.sends(`<iq type='${type}' id='i' to='${to}'>${payload}</iq>`);
    await settled();
    return jesse.takesOne();
  };
  return { edge, jesse, run, ask, answers: (next: Answer) => (outcome = next) };
}

const command = (attributes: string, content = '') => `<command xmlns='${COMMANDS}' ${attributes}>${content}</command>`;
const filled = (whom: string, type = FORM_TYPE) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${type}</value></field>` +
  `<field var='whom'><value>${whom}</value></field><field var='why'><value>a</value><value>b</value></field></x>`;
const partOf = (answer: XmlElement) => answer.getChild('command', COMMANDS);
const noteOf = (answer: XmlElement) => {
  const note = partOf(answer)?.getChild('note');
  return `${partOf(answer)?.attrs.status} ${note?.attrs.type}: ${note?.text()}`;
};
const conditionOf = (answer: XmlElement) =>
  answer
    .getChild('error')
    ?.getChildElements()
    .map((one) => one.getName())
    .filter((name) => name !== 'text')
    .join(' ');

describe('menus', () => {
  for (const to of [VISITOR, GATEWAY, 'acme.example'])
    it(`of ${to} are listed, each at the address that was asked`, async () => {
      const { ask } = setUp();
      const info = await ask(`<query xmlns='${INFO}'/>`, { type: 'get', to });
      const features = info.getChild('query')?.getChildren('feature');
      assert.ok(features?.some(({ attrs }) => attrs.var === COMMANDS));
      const list = await ask(`<query xmlns='${ITEMS}' node='${COMMANDS}'/>`, { type: 'get', to });
      assert.deepEqual(
        list
          .getChild('query')
          ?.getChildren('item')
          .map(({ attrs }) => [attrs.jid, attrs.node, attrs.name]),
        [
          [to, 'end', 'End the chat'],
          [to, 'invite', 'Ask a colleague in'],
        ],
      );
      const node = await ask(`<query xmlns='${INFO}' node='invite'/>`, { type: 'get', to });
      const identity = node.getChild('query')?.getChild('identity');
      assert.deepEqual([identity?.attrs.type, identity?.attrs.name], ['command-node', 'Ask a colleague in']);
    });

  it('a command without parameters is done at once', async () => {
    const { ask, run } = setUp();
    assert.equal(noteOf(await ask(command(`node='end' action='execute'`))), 'completed info: Done.');
    assert.deepEqual(
      run.map(({ at, name, values }) => [at, name, values]),
      [[{ is: 'visitor', chat: 'c1' }, 'end', undefined]],
    );
  });

  it('a command with parameters is a form, and then done', async () => {
    const { ask, run } = setUp();
    const first = partOf(await ask(command(`node='invite' action='execute'`)));
    assert.equal(first?.attrs.status, 'executing');
    assert.equal(first.getChild('actions')?.attrs.execute, 'complete');
    const form = first.getChild('x', 'jabber:x:data');
    const [type, whom, why, ...more] = form?.getChildren('field') ?? [];
    assert.deepEqual(more, []);
    assert.deepEqual(
      [type?.attrs.var, type?.attrs.type, type?.getChildText('value')],
      ['FORM_TYPE', 'hidden', FORM_TYPE],
    );
    assert.deepEqual([whom?.attrs.var, whom?.attrs.type, whom?.attrs.label], ['whom', 'list-single', 'Whom']);
    assert.ok(whom?.getChild('required'));
    assert.deepEqual(
      whom?.getChildren('option').map((option) => [option.attrs.label, option.getChildText('value')]),
      [
        ['Varun Shah', '"varun"'],
        ['Team Sales', 'team:"sales"'],
      ],
    );
    assert.deepEqual(
      why?.getChildren('value').map((value) => value.text()),
      ['one', 'two'],
      'a line each',
    );
    const id = first.attrs.sessionid;
    const done = await ask(command(`node='invite' sessionid='${id}' action='complete'`, filled('"varun"')));
    assert.equal(noteOf(done), 'completed info: Varun Shah is asked to join.');
    assert.equal(partOf(done)?.attrs.sessionid, id);
    assert.deepEqual(run.at(-1)?.values, { whom: ['"varun"'], why: ['a', 'b'] });
    const again = await ask(command(`node='invite' sessionid='${id}'`, filled('"varun"')));
    assert.equal(conditionOf(again), 'not-allowed session-expired', 'a run is over with its answer');
  });

  it('a second stage sent as “execute” is one too, and a filled-in form at once is enough', async () => {
    const { ask, run } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    await ask(command(`node='invite' sessionid='${id}' action='execute'`, filled('"varun"')));
    await ask(command(`node='invite' action='execute'`, filled('"varun"')));
    assert.equal(run.filter(({ values }) => values !== undefined).length, 2);
  });

  it('values that cannot be leave the form open', async () => {
    const { ask, answers } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    const send = () => ask(command(`node='invite' sessionid='${id}' action='complete'`, filled('"nobody"')));
    answers({ about: 'command', text: '“Whom” is none of the choices.', failed: 'form' });
    const refused = await send();
    assert.equal(conditionOf(refused), 'bad-request bad-payload');
    assert.equal(refused.getChild('error')?.getChildText('text'), '“Whom” is none of the choices.');
    answers({ about: 'command', text: 'Asked.' });
    assert.equal(noteOf(await send()), 'completed info: Asked.');
  });

  it('a form that is sent twice at once is run once', async () => {
    const { ask, run, jesse } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    const form = command(`node='invite' sessionid='${id}' action='complete'`, filled('"varun"'));
    await Promise.all(['a', 'b'].map((n) => jesse.sends(`<iq type='set' id='${n}' to='${VISITOR}'>${form}</iq>`)));
    await settled();
    const answers = new Map(
      jesse
        .takes()
        .map((text) => parseElement(text))
        .map((one) => [one.attrs.id, one]),
    );
    assert.equal(noteOf(answers.get('a') ?? assert.fail()), 'completed info: Varun Shah is asked to join.');
    assert.equal(conditionOf(answers.get('b') ?? assert.fail()), 'not-allowed session-expired');
    assert.equal(run.filter(({ values }) => values !== undefined).length, 1);
  });

  it('a command that could not be done ends with a note that says so', async () => {
    const { ask, answers } = setUp();
    answers({ about: 'command', text: 'Varun Shah is offline.', failed: 'command' });
    assert.equal(
      noteOf(await ask(command(`node='invite'`, filled('"varun"')))),
      'completed error: Varun Shah is offline.',
    );
  });

  it('forms can be cancelled; there is no stage before', async () => {
    const { ask, run } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    const act = (action: string) => ask(command(`node='invite' sessionid='${id}' action='${action}'`));
    assert.equal(conditionOf(await act('prev')), 'bad-request bad-action');
    assert.equal(conditionOf(await act('complete')), 'bad-request bad-payload');
    assert.equal(partOf(await act('execute'))?.attrs.status, 'executing', 'the form again');
    assert.equal(partOf(await act('cancel'))?.attrs.status, 'canceled');
    assert.equal(conditionOf(await act('complete')), 'not-allowed session-expired');
    assert.equal(run.length, 1, 'nothing but the first stage was asked of the desk');
  });

  it('“next” is another word for “complete”, and other actions are none', async () => {
    const { ask } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    const act = (action: string) =>
      ask(command(`node='invite' sessionid='${id}' action='${action}'`, filled('"varun"')));
    assert.equal(conditionOf(await act('launch')), 'bad-request malformed-action');
    assert.equal(noteOf(await act('next')), 'completed info: Varun Shah is asked to join.');
  });

  it('a form of the type “cancel” cancels, whatever the action', async () => {
    const { ask, run } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    const cancelled = `<x xmlns='jabber:x:data' type='cancel'/>`;
    const answer = await ask(command(`node='invite' sessionid='${id}' action='complete'`, cancelled));
    assert.equal(partOf(answer)?.attrs.status, 'canceled');
    assert.equal(conditionOf(await ask(command(`node='invite' sessionid='${id}'`))), 'not-allowed session-expired');
    assert.equal(run.length, 1);
  });

  it('of too many open forms the oldest is closed', async () => {
    const { ask } = setUp();
    const ids: (string | undefined)[] = [];
    for (let n = 0; n <= OPEN_PER_SESSION; n++) ids.push(partOf(await ask(command(`node='invite'`)))?.attrs.sessionid);
    assert.equal(new Set(ids).size, OPEN_PER_SESSION + 1);
    const send = (n: number) => ask(command(`node='invite' sessionid='${ids[n]}'`, filled('"varun"')));
    assert.equal(conditionOf(await send(0)), 'not-allowed session-expired');
    for (const n of [1, OPEN_PER_SESSION]) assert.equal(partOf(await send(n))?.attrs.status, 'completed');
  });

  it('a form of another visitor or command is not this one', async () => {
    const { ask, run } = setUp();
    const id = partOf(await ask(command(`node='invite'`)))?.attrs.sessionid;
    const elsewhere = await ask(command(`node='invite' sessionid='${id}'`, filled('"varun"')), { to: GATEWAY });
    assert.equal(conditionOf(elsewhere), 'not-allowed session-expired');
    const other = await ask(command(`node='end' sessionid='${id}'`, filled('"varun"')));
    assert.equal(conditionOf(other), 'not-allowed session-expired');
    const wrong = await ask(command(`node='invite' sessionid='${id}'`, filled('"varun"', 'urn:example:other')));
    assert.equal(conditionOf(wrong), 'bad-request bad-payload');
    assert.equal(run.length, 1);
  });

  it('D21 E24 of visitors whom this staff user may not see do not exist', async () => {
    const { ask } = setUp();
    const to = 'c2@visitors.acme.example/chat';
    assert.equal(conditionOf(await ask(command(`node='end'`), { to })), 'item-not-found');
    const list = await ask(`<query xmlns='${ITEMS}' node='${COMMANDS}'/>`, { type: 'get', to });
    assert.equal(conditionOf(list), 'item-not-found');
  });

  it('E24 nodes that are not offered do not exist, and only what may be a command is asked of the desk', async () => {
    const { ask, run } = setUp();
    assert.equal(conditionOf(await ask(command(`node='launch'`))), 'item-not-found');
    for (const node of ['', 'END', 'urn:example:x', 'a'.repeat(31), '__proto__'])
      assert.equal(conditionOf(await ask(command(`node='${node}'`))), 'item-not-found', node);
    assert.equal(conditionOf(await ask(command(''))), 'item-not-found');
    assert.equal(run.length, 1);
    for (const to of ['jesse@acme.example', 'varun@acme.example', 'visitors.acme.example'])
      assert.equal(conditionOf(await ask(command(`node='end'`), { to })), 'service-unavailable', to);
  });

  it('a field called __proto__ is a field', async () => {
    const { ask, run } = setUp();
    const form = `<x xmlns='jabber:x:data' type='submit'><field var='__proto__'><value>x</value></field></x>`;
    await ask(command(`node='invite'`, form));
    assert.deepEqual(Object.keys(run.at(-1)?.values ?? {}), ['__proto__']);
  });
});
