import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { tenantSchema, type TenantConfig } from '../../../config/schema.ts';
import { HelpdeskError } from '../../../helpdesk/errors.ts';
import type { TenantId } from '../../../helpdesk/model.ts';
import { HashingQueue } from './hashing.ts';
import { createEmbeddedLogins } from './logins.ts';
import { hashPassword } from './password-hash.ts';

const tenant = 'acme.test' as TenantId;
const refused = (error: unknown) => error instanceof HelpdeskError && error.fault.is === 'refused';

describe('logins of the embedded helpdesk', () => {
  let config: TenantConfig;
  before(async () => {
    const hash = await hashPassword('pässwörd ½');
    config = tenantSchema.parse({
      domain: 'acme.test',
      usernameDomain: 'Acme.com',
      helpdesk: {
        kind: 'embedded',
        teams: [{ id: 'sales', name: 'Sales' }],
        staff: [
          { username: 'Jesse', name: 'Jesse', hash, teams: ['sales'] },
          { username: 'Nora@acme.com', name: 'Nora', hash, teams: ['sales'] },
          { username: 'gone', name: 'Gone', hash, teams: ['sales'], disabled: true },
        ],
      },
    });
  });
  const logins = (staff?: TenantConfig['helpdesk']['staff']) =>
    createEmbeddedLogins({
      tenant,
      config: () => (staff === undefined ? config : { ...config, helpdesk: { ...config.helpdesk, staff } }),
      hashing: new HashingQueue(),
    });

  const accepted: Record<string, [string, string, string]> = {
    'the name and password as they are': ['jesse', 'pässwörd ½', 'jesse'],
    'another case of the name': ['JESSE', 'pässwörd ½', 'jesse'],
    'a full-width name': ['ｊｅｓｓｅ', 'pässwörd ½', 'jesse'],
    'an e-mail address': ['nora@ACME.com', 'pässwörd ½', 'nora@acme.com'],
    'the local part of the address, with usernameDomain': ['nora', 'pässwörd ½', 'nora@acme.com'],
    'C09 the password in decomposed form': ['jesse', 'pässwörd ½'.normalize('NFD'), 'jesse'],
    'C09 the password in compatibility form': ['jesse', 'pässwörd 1⁄2', 'jesse'],
    'a no-break space for a space': ['jesse', 'pässwörd\u00a0½', 'jesse'],
  };
  for (const [name, [username, password, staff]] of Object.entries(accepted)) {
    it(`accepts ${name}`, async () => {
      assert.deepEqual(await logins().verify(username, password), { staff, username: staff });
    });
  }

  const spellings = [
    'jesse',
    ' jesse\u00a0',
    '\ufeffJesse',
    'ｊesse',
    '\u3000JESSE',
    'jesse@acme.com',
    'Jesse＠ACME.com ',
  ];
  for (const [whose, typed, canonical] of [
    ['of somebody', spellings, 'jesse@acme.com'],
    ['of nobody', spellings.map((name) => name.replace(/ss/iu, 'zz')), 'jezze@acme.com'],
    ['with an umlaut', ['björn', 'bjo\u0308rn', 'BJÖRN@acme.com'], 'björn@acme.com'],
  ] as const)
    it(`C14 every way to type a name ${whose} counts as one`, () => {
      assert.deepEqual([...new Set(typed.map((name) => logins().canonical(name)))], [canonical]);
    });
  it('C14 names of others count as others', () => {
    const forms = ['jesse', 'nora', 'jesse@other.com', 'jes se', ''].map((name) => logins().canonical(name));
    assert.equal(new Set(forms).size, forms.length);
  });

  const wrong: Record<string, [string, string]> = {
    'a wrong password': ['jesse', 'password'],
    'another case of the password': ['jesse', 'PÄSSWÖRD ½'],
    'an empty password': ['jesse', ''],
    'C09 a password of a megabyte': ['jesse', 'x'.repeat(1_000_000)],
    'C09 a password with NUL after it': ['jesse', 'pässwörd ½\0'],
    'C15 an unknown user': ['nobody', 'pässwörd ½'],
    'C15 a disabled one': ['gone', 'pässwörd ½'],
    'C12 metacharacters': ["jesse' OR '1'='1", 'pässwörd ½'],
    'a prototype key': ['__proto__', 'pässwörd ½'],
    'an address at another domain': ['nora@other.com', 'pässwörd ½'],
  };
  for (const [name, [username, password]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(logins().verify(username, password), refused);
    });
  }

  it('a staff user whose hash cannot be read never logs in', async () => {
    const [jesse] = config.helpdesk.staff;
    assert.ok(jesse);
    await assert.rejects(logins([{ ...jesse, hash: 'plain' }]).verify('jesse', 'plain'), refused);
  });

  it('a change of the configuration counts at once', async () => {
    let now = config;
    const live = createEmbeddedLogins({ tenant, config: () => now, hashing: new HashingQueue() });
    await live.verify('jesse', 'pässwörd ½');
    now = { ...config, helpdesk: { ...config.helpdesk, staff: [] } };
    await assert.rejects(live.verify('jesse', 'pässwörd ½'), refused);
  });

  it('C15 takes as long for an unknown name as for a wrong password', async () => {
    let checks = 0;
    const hashing = new HashingQueue();
    const counting = {
      run: (of: string, check: () => Promise<boolean>) => {
        checks++;
        return hashing.run(of, check);
      },
    } as HashingQueue;
    const counted = createEmbeddedLogins({ tenant, config: () => config, hashing: counting });
    for (const name of ['jesse', 'nobody', 'gone']) await assert.rejects(counted.verify(name, 'wrong'), refused);
    assert.equal(checks, 3);
  });
});

describe('the hashing queue', () => {
  it('runs a few at a time, the tenants in turn', async () => {
    const queue = new HashingQueue();
    const order: string[] = [];
    const finish: (() => void)[] = [];
    const check = (name: string) =>
      queue.run(name.slice(0, 1), async () => {
        order.push(name);
        await new Promise<void>((resolve) => finish.push(resolve));
      });
    const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'c1'].map(check);
    assert.deepEqual(order, ['a1', 'a2', 'a3']);
    for (let done = 0; done < all.length; done++) {
      assert.ok(order.length - done <= 3, 'no more than three at once');
      finish[done]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    assert.deepEqual(order, ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'a5', 'b2']);
  });

  it('refuses softly when too many of one tenant wait, and others go on', async () => {
    const queue = new HashingQueue();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const held = Array.from({ length: 3 + 256 }, () => queue.run('a', () => gate));
    await assert.rejects(
      queue.run('a', () => gate),
      (error) => error instanceof HelpdeskError && error.soft,
    );
    const other = queue.run('b', async () => 'done');
    open();
    assert.equal(await other, 'done');
    await Promise.all(held);
    assert.equal(await queue.run('a', async () => 'again'), 'again');
  });

  it('a check that fails frees its place', async () => {
    const queue = new HashingQueue();
    for (let count = 0; count < 10; count++) {
      await assert.rejects(queue.run('a', () => Promise.reject(new Error('no'))));
    }
    assert.equal(await queue.run('a', async () => 1), 1);
  });
});
