import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createLogger, ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import { LiveTenants } from '../../../config/live-tenants.ts';
import type { TenantConfig } from '../../../config/schema.ts';
import type { TenantChanges } from '../../../config/tenants.ts';
import type { NewAccount } from '../../../helpdesk/lab.ts';
import type { StaffId } from '../../../helpdesk/model.ts';
import { HashingQueue } from './hashing.ts';
import { createLab, MOST_ACCOUNTS } from './lab.ts';
import { LabTenants, withAccounts } from './lab-tenants.ts';
import { createEmbeddedLogins } from './logins.ts';
import { openSqlite } from '../store/sqlite-database.ts';
import { createSqliteStore } from '../store/sqlite-store.ts';
import { boss, configOf, jesse, TENANT } from '../testing/bench.ts';

const password = 'correct horse';

function labConfig(tenant: Partial<TenantConfig> = {}): TenantConfig {
  const config = configOf({}, { lab: true, ...tenant });
  const staff = config.helpdesk.staff.map((one) =>
    one.username === 'boss' ? { ...one, permissions: ['lab-admin' as const] } : one,
  );
  return { ...config, helpdesk: { ...config.helpdesk, staff } };
}

async function setUp(test: TestContext, config = labConfig()) {
  const database = openSqlite(':memory:');
  const store = createSqliteStore(database);
  const source = new LiveTenants([config]);
  const hashing = new HashingQueue();
  const open = async () => {
    const tenants = await LabTenants.open({ tenants: source, store, log: silentLogger });
    const lab = createLab({ tenants, store, hashing });
    const logins = createEmbeddedLogins({
      tenant: TENANT,
      config: () => tenants.get(TENANT)?.config ?? config,
      hashing,
    });
    return { tenants, lab, logins };
  };
  test.after(() => database.close());
  return { store, source, open, ...(await open()) };
}

const names = (tenants: LabTenants) => tenants.get(TENANT)?.config.helpdesk.staff.map(({ username }) => username);

describe('a lab', () => {
  it('has a user that was added: in the team Lab, known by the name given, with the password given', async (test) => {
    const { tenants, lab, logins } = await setUp(test);
    assert.equal(
      await lab.add(TENANT, { username: 'Ann', password, name: ' Ann\nOther ', email: 'ann@example.org' }),
      'added',
    );
    const { helpdesk } = tenants.get(TENANT)?.config ?? configOf();
    const { hash, ...rest } = helpdesk.staff.at(-1) ?? assert.fail();
    const team = helpdesk.teams.at(-1);
    assert.deepEqual(
      { ...rest, team: team?.name, public: team?.public },
      {
        username: 'ann',
        name: 'Ann Other',
        email: 'ann@example.org',
        teams: [team?.id],
        permissions: [],
        disabled: false,
        team: 'Lab',
        public: false,
      },
    );
    assert.match(hash, /^\$argon2id\$/u);
    assert.equal((await logins.verify('ANN', password)).staff, 'ann');
    await assert.rejects(logins.verify('ann', 'wrong'));
  });

  it('tells who follows it, with the tenant before and after, and gives the same object until then', async (test) => {
    const { tenants, lab } = await setUp(test);
    const told: TenantChanges[] = [];
    tenants.onChange((changes) => told.push(changes));
    const before = tenants.get(TENANT);
    assert.equal(tenants.find('acme.test'), before);
    assert.equal(tenants.list()[0], before);
    await lab.add(TENANT, { username: 'ann', password });
    const after = tenants.get(TENANT);
    assert.deepEqual(
      told.map(({ changed }) => changed),
      [[{ before, after }]],
    );
    assert.notEqual(before, after);
    await lab.remove(TENANT, ['ann']);
    assert.deepEqual(told[1]?.changed[0]?.before, after);
    assert.deepEqual(names(tenants), ['jesse', 'varun', 'mia', 'boss']);
  });

  it('is the same on every gateway, and after a restart', async (test) => {
    const { open, lab, tenants } = await setUp(test);
    const other = await open();
    await lab.add(TENANT, { username: 'ann', password });
    assert.equal((await other.logins.verify('ann', password)).staff, 'ann');
    assert.equal(await other.lab.remove(TENANT, ['ann']), 'removed');
    assert.deepEqual(names(tenants), ['jesse', 'varun', 'mia', 'boss']);
    await lab.add(TENANT, { username: 'bob', password });
    assert.equal(names((await open()).tenants)?.at(-1), 'bob');
  });

  it('a closed gateway hears nothing more', async (test) => {
    const { open, lab } = await setUp(test);
    const { tenants } = await open();
    tenants.close();
    await lab.add(TENANT, { username: 'ann', password });
    assert.equal(names(tenants)?.includes('ann'), false);
  });

  it('a name is given once, also to those who ask at the same time', async (test) => {
    const { lab, open } = await setUp(test, labConfig({ usernameDomain: 'acme.com' }));
    const other = await open();
    const add = (username: string, where = lab) => where.add(TENANT, { username, password });
    assert.deepEqual((await Promise.all([add('ann'), add('Ann'), add('ann', other.lab)])).sort(), [
      'added',
      'taken',
      'taken',
    ]);
    assert.equal(await add('jesse'), 'taken');
    assert.equal(await add('jesse@acme.com'), 'taken');
    assert.equal(await add('ann@acme.com'), 'taken');
    assert.equal(await add('ann@example.org'), 'added');
  });

  const cannotBe: readonly [what: string, account: Partial<NewAccount>, outcome: string][] = [
    ['no name', { username: '' }, 'empty'],
    ['a blank name', { username: ' ' }, 'empty'],
    ['no password', { password: '' }, 'empty'],
    ['a long login name', { username: 'a'.repeat(201) }, 'too-long'],
    ['a long password', { password: 'x'.repeat(1_025) }, 'too-long'],
    ['a long name', { name: 'N'.repeat(201) }, 'too-long'],
    ['a long e-mail address', { email: `${'a'.repeat(100_000)}@example.org` }, 'no-email'],
    ['an e-mail address that is none', { email: 'ann at example' }, 'no-email'],
  ];
  for (const [what, account, outcome] of cannotBe)
    it(`refuses what the configuration refuses: ${what}`, async (test) => {
      const { lab, tenants } = await setUp(test);
      assert.equal(await lab.add(TENANT, { username: 'ann', password, ...account }), outcome);
      assert.equal(names(tenants)?.includes('ann'), false);
    });

  it('has bounds', async (test) => {
    const { lab, store } = await setUp(test);
    await store.write(
      TENANT,
      Array.from({ length: MOST_ACCOUNTS }, (_, number) => ({
        is: 'account',
        account: { username: `u${number}`, name: 'U', hash: 'x' },
      })),
    );
    await settled();
    assert.equal(await lab.add(TENANT, { username: 'ann', password }), 'full');
    assert.equal(await lab.remove(TENANT, ['u7']), 'removed');
    assert.equal(await lab.add(TENANT, { username: 'ann', password }), 'added');
  });

  it('removes those who were added, and nobody else', async (test) => {
    const { lab } = await setUp(test);
    assert.equal(await lab.remove(TENANT, ['jesse']), 'configuration');
    assert.equal(await lab.remove(TENANT, ['ann']), 'unknown');
  });

  it('removes all of several, or nobody', async (test) => {
    const { lab, tenants } = await setUp(test);
    for (const username of ['ann', 'bob']) await lab.add(TENANT, { username, password });
    assert.equal(await lab.remove(TENANT, ['ann', 'nobody', 'bob']), 'unknown');
    assert.equal(await lab.remove(TENANT, ['ann', 'nobody', 'jesse']), 'configuration');
    assert.deepEqual(names(tenants)?.slice(-2), ['ann', 'bob']);
    assert.equal(await lab.remove(TENANT, ['ann', 'bob', 'Ann']), 'removed');
    assert.equal(names(tenants)?.at(-1), 'boss');
  });

  it('is administered by those with the permission', async (test) => {
    const { lab, source } = await setUp(test);
    assert.equal(lab.mayAdminister(TENANT, boss), true);
    assert.equal(lab.mayAdminister(TENANT, jesse), false);
    await lab.add(TENANT, { username: 'ann', password });
    assert.equal(lab.mayAdminister(TENANT, 'ann' as StaffId), false);
    const config = labConfig();
    const staff = config.helpdesk.staff.map((one) => ({ ...one, disabled: one.username === 'boss' }));
    source.apply([{ ...config, helpdesk: { ...config.helpdesk, staff } }]);
    assert.equal(lab.mayAdminister(TENANT, boss), false);
  });

  it('that is none any more has no accounts and no administrators; they are there when it is one again', async (test) => {
    const { lab, source, tenants } = await setUp(test);
    await lab.add(TENANT, { username: 'ann', password });
    const told: TenantChanges[] = [];
    tenants.onChange((changes) => told.push(changes));
    source.apply([labConfig({ lab: false })]);
    assert.deepEqual(
      told[0]?.changed.map(({ before, after }) => [
        before.config.helpdesk.staff.length,
        after.config.helpdesk.staff.length,
      ]),
      [[5, 4]],
    );
    assert.equal(lab.mayAdminister(TENANT, boss), false);
    assert.equal(await lab.add(TENANT, { username: 'bob', password }), 'no-lab');
    assert.equal(await lab.remove(TENANT, ['ann']), 'no-lab');
    source.apply([labConfig()]);
    await settled();
    assert.equal(names(tenants)?.at(-1), 'ann');
    source.apply([]);
    assert.equal(tenants.get(TENANT), undefined);
    source.apply([labConfig()]);
    await settled();
    assert.equal(names(tenants)?.at(-1), 'ann');
  });

  it('of another tenant says no, and what is no lab is passed on as it is', async (test) => {
    const { tenants, lab, source } = await setUp(test, configOf());
    assert.equal(tenants.get(TENANT), source.get(TENANT));
    assert.equal(await lab.add(TENANT, { username: 'ann', password }), 'no-lab');
  });

  it('a team of the configuration that is called Lab is theirs', () => {
    const config = configOf({ teams: [{ id: 'qa', name: 'LAB', public: true }], staff: [] }, { lab: true });
    const { helpdesk } = withAccounts(config, [{ username: 'ann', name: 'Ann', hash: 'x' }]);
    assert.deepEqual(
      helpdesk.teams.map(({ id }) => id),
      ['qa'],
    );
    assert.deepEqual(helpdesk.staff[0]?.teams, ['qa']);
  });

  it('is told of in the log, once, when it begins to be served', async (test) => {
    const lines: string[] = [];
    const log = createLogger({
      level: 'info',
      sink: { write: (line) => lines.push(line), close: () => Promise.resolve(), dropped: 0 },
      clock: new ManualClock(),
      format: 'json',
    });
    const { source, store } = await setUp(test, configOf());
    await LabTenants.open({ tenants: source, store, log });
    assert.equal(lines.length, 0);
    source.apply([labConfig()]);
    source.apply([labConfig({ name: 'Other' })]);
    await settled();
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"tenant":"acme\.test".*is a lab/u);
  });
});
