import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import type { Lab, NewAccount } from '../helpdesk/lab.ts';
import { DOMAIN, FakeEdge, tenant } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';
const ADD = 'http://jabber.org/protocol/admin#add-user';
const DELETE = 'http://jabber.org/protocol/admin#delete-user';

interface Scripted {
  readonly add?: Awaited<ReturnType<Lab['add']>>;
  readonly remove?: Awaited<ReturnType<Lab['remove']>>;
}

/** `jesse` administers a lab, `varun` works in it. */
function setUp({ isLab = true, answers = {} }: { isLab?: boolean; answers?: Scripted } = {}) {
  const added: NewAccount[] = [];
  const removed: (readonly string[])[] = [];
  const lab: Lab = {
    mayAdminister: (_tenant, staff) => isLab && staff === 'jesse',
    add: async (_tenant, account) => {
      added.push(account);
      return answers.add ?? 'added';
    },
    remove: async (_tenant, usernames) => {
      removed.push(usernames);
      return answers.remove ?? 'removed';
    },
  };
  const edge = new FakeEdge((deps) => createSessionLayer({ ...deps, lab }), undefined, {
    ...tenant,
    config: { ...tenant.config, lab: isLab },
  });
  const jesse = edge.app('jesse');
  const varun = edge.app('varun');
  const ask = async (payload: string, { type = 'set', to = DOMAIN, app = jesse } = {}): Promise<XmlElement> => {
    await app.sends(`<iq type='${type}' id='i' to='${to}'>${payload}</iq>`);
    await settled();
    return app.takesOne();
  };
  const begin = async (node: string) => {
    const answer = await ask(`<command xmlns='${COMMANDS}' node='${node}' action='execute'/>`);
    return answer.getChild('command')?.attrs.sessionid ?? '';
  };
  return { edge, jesse, varun, ask, begin, added, removed };
}

const conditionOf = (answer: XmlElement) =>
  answer
    .getChild('error')
    ?.getChildElements()
    .map((one) => one.getName())
    .filter((name) => name !== 'text')
    .join(' ');
const statusOf = (answer: XmlElement) => answer.getChild('command', COMMANDS)?.attrs.status ?? conditionOf(answer);

function field(name: string, ...values: readonly string[]): string {
  return `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
}

function submit(fields: string, attributes: string, type = 'submit'): string {
  return (
    `<command xmlns='${COMMANDS}' ${attributes}><x xmlns='jabber:x:data' type='${type}'>` +
    `<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/admin</value></field>${fields}</x></command>`
  );
}

const ann = field('accountjid', `ann@${DOMAIN}`) + field('password', 's3cret &amp; more');

describe('adding a user', () => {
  it('is a form, and then done', async () => {
    const { ask, added } = setUp();
    const form = await ask(`<command xmlns='${COMMANDS}' node='${ADD}' action='execute'/>`);
    const command = form.getChild('command', COMMANDS);
    assert.equal(command?.attrs.status, 'executing');
    assert.equal(command.getChild('actions')?.attrs.execute, 'complete');
    const fields = command.getChild('x', 'jabber:x:data')?.getChildren('field') ?? [];
    assert.deepEqual(
      fields.map(({ attrs }) => [attrs.var, attrs.type]),
      [
        ['FORM_TYPE', 'hidden'],
        ['accountjid', 'jid-single'],
        ['password', 'text-private'],
        ['password-verify', 'text-private'],
        ['email', 'text-single'],
        ['given_name', 'text-single'],
        ['surname', 'text-single'],
      ],
    );
    const more = field('password-verify', 's3cret &amp; more') + field('given_name', 'Ann') + field('surname', 'Other');
    const id = command.attrs.sessionid;
    const done = await ask(submit(ann + more + field('email', 'a@b.c'), `node='${ADD}' sessionid='${id}'`));
    assert.equal(done.getChild('command')?.attrs.status, 'completed');
    assert.equal(done.getChild('command')?.attrs.sessionid, id);
    assert.equal(done.getChild('command')?.getChild('note')?.attrs.type, 'info');
    assert.deepEqual(added, [{ username: 'ann', password: 's3cret & more', name: 'Ann Other', email: 'a@b.c' }]);
  });

  for (const action of ['execute', 'complete', 'next'])
    it(`the second step may be “${action}”`, async () => {
      const { ask, begin, added } = setUp();
      const id = await begin(ADD);
      assert.equal(statusOf(await ask(submit(ann, `node='${ADD}' sessionid='${id}' action='${action}'`))), 'completed');
      assert.equal(added.length, 1);
    });

  it('a filled-in form at once is enough', async () => {
    const { ask, added } = setUp();
    assert.equal(statusOf(await ask(submit(ann, `node='${ADD}' action='execute'`))), 'completed');
    assert.deepEqual(added, [{ username: 'ann', password: 's3cret & more', name: '' }]);
  });

  it('a localpart with an escaped character is the username', async () => {
    const { ask, added } = setUp();
    const account = field('accountjid', `Ann\\40x.org@${DOMAIN}`) + field('password', 'p');
    await ask(submit(account, `node='${ADD}'`));
    assert.equal(added[0]?.username, 'ann@x.org');
  });

  const refused: readonly [string, string, string][] = [
    ['passwords that differ', ann + field('password-verify', 'other'), 'not-acceptable'],
    ['no password', field('accountjid', `ann@${DOMAIN}`), 'bad-request bad-payload'],
    ['an empty password', field('accountjid', `ann@${DOMAIN}`) + field('password', ''), 'bad-request bad-payload'],
    ['no address', field('password', 'p'), 'bad-request bad-payload'],
    ['two addresses', field('accountjid', `a@${DOMAIN}`, `b@${DOMAIN}`) + field('password', 'p'), 'bad-request'],
    ['an address twice', ann + field('accountjid', `b@${DOMAIN}`), 'bad-request bad-payload'],
    ['an address of elsewhere', field('accountjid', 'ann@other.example') + field('password', 'p'), 'not-acceptable'],
    ['a domain', field('accountjid', DOMAIN) + field('password', 'p'), 'not-acceptable'],
    ['a full JID', field('accountjid', `ann@${DOMAIN}/x`) + field('password', 'p'), 'not-acceptable'],
    ['no JID', field('accountjid', `@@${DOMAIN}`) + field('password', 'p'), 'jid-malformed'],
    [
      'another form',
      `${ann}${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}`,
      'bad-request bad-payload',
    ],
  ];
  for (const [what, fields, condition] of refused)
    it(`${what}: ${condition}, and nobody is added`, async () => {
      const { ask, begin, added } = setUp();
      const id = await begin(ADD);
      assert.equal(statusOf(await ask(submit(fields, `node='${ADD}' sessionid='${id}'`))), condition);
      assert.equal(added.length, 0);
      // the form is still open
      assert.equal(statusOf(await ask(submit(ann, `node='${ADD}' sessionid='${id}'`))), 'completed');
    });

  for (const [outcome, condition] of [
    ['taken', 'conflict'],
    ['empty', 'not-acceptable'],
    ['too-long', 'not-acceptable'],
    ['no-email', 'not-acceptable'],
    ['full', 'resource-constraint'],
    ['no-lab', 'forbidden'],
  ] as const)
    it(`${outcome} is ${condition}`, async () => {
      const { ask } = setUp({ answers: { add: outcome } });
      const answer = await ask(submit(ann, `node='${ADD}'`));
      assert.equal(conditionOf(answer), condition);
      assert.ok(!answer.getChild('error')?.getChildText('text')?.includes('s3cret'));
    });
});

describe('deleting users', () => {
  it('takes several', async () => {
    const { ask, begin, removed } = setUp();
    const id = await begin(DELETE);
    const fields = field('accountjids', `ann@${DOMAIN}`, `bob@${DOMAIN}`);
    assert.equal(statusOf(await ask(submit(fields, `node='${DELETE}' sessionid='${id}'`))), 'completed');
    assert.deepEqual(removed, [['ann', 'bob']], 'at once: all or nobody');
  });

  it('one address that is none: nobody is deleted', async () => {
    const { ask, removed } = setUp();
    const fields = field('accountjids', `ann@${DOMAIN}`, 'bob@other.example');
    assert.equal(statusOf(await ask(submit(fields, `node='${DELETE}'`))), 'not-acceptable');
    assert.deepEqual(removed, []);
  });

  for (const [outcome, condition] of [
    ['unknown', 'item-not-found'],
    ['configuration', 'not-allowed'],
    ['no-lab', 'forbidden'],
  ] as const)
    it(`${outcome} is ${condition}`, async () => {
      const { ask } = setUp({ answers: { remove: outcome } });
      const fields = field('accountjids', `ann@${DOMAIN}`);
      assert.equal(conditionOf(await ask(submit(fields, `node='${DELETE}'`))), condition);
    });
});

describe('a run of a command', () => {
  const run = (attributes: string) => `<command xmlns='${COMMANDS}' node='${ADD}' ${attributes}/>`;

  it('can be cancelled, and is over then', async () => {
    const { ask, begin } = setUp();
    const id = await begin(ADD);
    assert.equal(statusOf(await ask(run(`sessionid='${id}' action='cancel'`))), 'canceled');
    assert.equal(statusOf(await ask(submit(ann, `node='${ADD}' sessionid='${id}'`))), 'not-allowed session-expired');
  });

  it('that was never begun can be cancelled, and takes the place of none that is open', async () => {
    const { ask, begin } = setUp();
    const id = await begin(ADD);
    const ids = new Set<string | undefined>();
    for (let count = 0; count < 20; count++) {
      const answer = await ask(run(`action='cancel'`));
      assert.equal(statusOf(answer), 'canceled');
      ids.add(answer.getChild('command')?.attrs.sessionid);
    }
    assert.equal(ids.size, 20);
    assert.equal(statusOf(await ask(submit(ann, `node='${ADD}' sessionid='${id}'`))), 'completed');
  });

  it('is one app’s, one command’s, and for once', async () => {
    const { ask, begin, edge } = setUp();
    const id = await begin(ADD);
    const phone = edge.app('jesse', 'phone');
    const attributes = `node='${ADD}' sessionid='${id}'`;
    assert.equal(statusOf(await ask(submit(ann, attributes), { app: phone })), 'not-allowed session-expired');
    assert.equal(statusOf(await ask(submit(ann, `node='${DELETE}' sessionid='${id}'`))), 'not-allowed session-expired');
    assert.equal(statusOf(await ask(submit(ann, attributes))), 'completed');
    assert.equal(statusOf(await ask(submit(ann, attributes))), 'not-allowed session-expired');
  });

  it('of many the oldest are forgotten', async () => {
    const { ask, begin } = setUp();
    const first = await begin(ADD);
    for (let count = 0; count < 16; count++) await begin(ADD);
    const attributes = `node='${ADD}' sessionid='${first}'`;
    assert.equal(statusOf(await ask(submit(ann, attributes))), 'not-allowed session-expired');
  });

  it('has no stage before, and no actions of its own', async () => {
    const { ask, begin } = setUp();
    const id = await begin(ADD);
    assert.equal(statusOf(await ask(run(`sessionid='${id}' action='prev'`))), 'bad-request bad-action');
    assert.equal(statusOf(await ask(run(`sessionid='${id}' action='explode'`))), 'bad-request malformed-action');
    assert.equal(statusOf(await ask(run(`sessionid='${id}' action='complete'`))), 'bad-request bad-payload');
    assert.equal(statusOf(await ask(run(`sessionid='${id}'`))), 'executing');
    const unknown = submit(ann, `node='${ADD}' sessionid='${id}'`, 'result');
    assert.equal(statusOf(await ask(unknown)), 'bad-request bad-payload');
    const cancel = submit('', `node='${ADD}' sessionid='${id}'`, 'cancel');
    assert.equal(statusOf(await ask(cancel)), 'canceled', 'a form that is given back as cancelled');
    assert.equal(statusOf(await ask(run(`sessionid='${id}'`))), 'not-allowed session-expired');
  });
});

describe('who is offered the commands', () => {
  const INFO = 'http://jabber.org/protocol/disco#info';
  const ITEMS = 'http://jabber.org/protocol/disco#items';
  const query = (namespace: string, node?: string) =>
    `<query xmlns='${namespace}'${node === undefined ? '' : ` node='${node}'`}/>`;
  const nodes = (answer: XmlElement) =>
    answer
      .getChild('query')
      ?.getChildren('item')
      .flatMap(({ attrs }) => attrs.node ?? []);
  const features = (answer: XmlElement) =>
    answer
      .getChild('query')
      ?.getChildren('feature')
      .map(({ attrs }) => attrs.var);
  const get = { type: 'get' };

  it('who may administer a lab finds them by service discovery', async () => {
    const { ask } = setUp();
    assert.ok(features(await ask(query(INFO), get))?.includes(COMMANDS));
    assert.deepEqual(nodes(await ask(query(ITEMS), get)), [COMMANDS]);
    assert.deepEqual(nodes(await ask(query(ITEMS, COMMANDS), get)), [ADD, DELETE]);
    const list = await ask(query(INFO, COMMANDS), get);
    assert.equal(list.getChild('query')?.getChild('identity')?.attrs.type, 'command-list');
    const node = await ask(query(INFO, ADD), get);
    assert.equal(node.getChild('query')?.getChild('identity')?.attrs.type, 'command-node');
    assert.deepEqual(features(node), [COMMANDS, 'jabber:x:data']);
  });

  it('others of the lab are shown none of them, and forbidden', async () => {
    const { ask, varun, added } = setUp();
    const theirs = { ...get, app: varun };
    assert.deepEqual(nodes(await ask(query(ITEMS, COMMANDS), theirs)), []);
    assert.equal(conditionOf(await ask(query(INFO, ADD), theirs)), 'item-not-found');
    assert.equal(conditionOf(await ask(submit(ann, `node='${ADD}'`), { app: varun })), 'forbidden');
    assert.deepEqual(added, []);
  });

  it('E24 on other tenants there is nothing of the kind', async () => {
    const { ask, added } = setUp({ isLab: false });
    assert.deepEqual(nodes(await ask(query(ITEMS, COMMANDS), get)), []);
    assert.equal(conditionOf(await ask(query(INFO, ADD), get)), 'item-not-found');
    assert.equal(conditionOf(await ask(submit(ann, `node='${ADD}'`))), 'service-unavailable');
    assert.deepEqual(added, []);
  });

  it('nor anywhere but at the domain', async () => {
    const { ask } = setUp();
    assert.equal(conditionOf(await ask(`<command xmlns='${COMMANDS}' node='x'/>`)), 'item-not-found');
    for (const to of [`jesse@${DOMAIN}`, `gateway@visitors.${DOMAIN}`, `visitors.${DOMAIN}`]) {
      const isGateway = to.startsWith('gateway');
      const refused = isGateway ? 'item-not-found' : 'service-unavailable';
      assert.equal(conditionOf(await ask(submit(ann, `node='${ADD}'`), { to })), refused, to);
      const list = await ask(query(ITEMS, COMMANDS), { ...get, to });
      if (isGateway) assert.deepEqual(nodes(list), [], to);
      else assert.equal(conditionOf(list), 'item-not-found', to);
    }
  });

  it('the capabilities of a lab’s domain are hashed with what it says of itself', async () => {
    const { edge, ask } = setUp();
    const caps = edge.layer.streamFeatures(edge.tenant).find((one) => one.is('c'));
    const answer = await ask(query(INFO, `https://chatgateway.dev#${caps?.attrs.ver}`), get);
    assert.ok(features(answer)?.includes(COMMANDS));
  });
});
