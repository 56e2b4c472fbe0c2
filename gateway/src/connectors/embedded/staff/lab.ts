import { staffSchema, type TenantConfig } from '../../../config/schema.ts';
import type { Lab, NewAccount } from '../../../helpdesk/lab.ts';
import type { TenantId } from '../../../helpdesk/model.ts';
import { cleanLine, isBlank } from '../../../text/clean.ts';
import type { HashingQueue } from './hashing.ts';
import type { LabTenants } from './lab-tenants.ts';
import { hashPassword } from './password-hash.ts';
import type { EmbeddedStore, LabAccount } from '../store/port.ts';
import { canonicalUsername, meantUsernames, staffIdOf } from './usernames.ts';

/** Accounts of one lab: more than a test suite needs, and few enough to be read as a whole. */
export const MOST_ACCOUNTS = 1_000;
const LONGEST_PASSWORD = 1_024;

export interface LabDeps {
  readonly tenants: LabTenants;
  readonly store: Pick<EmbeddedStore, 'write'>;
  /** One for the whole process. */
  readonly hashing: HashingQueue;
}

/** True when one of the two names logs the other one in. */
function isSamePerson(one: string, other: string, usernameDomain: string | undefined): boolean {
  return meantUsernames(one, usernameDomain).includes(other) || meantUsernames(other, usernameDomain).includes(one);
}

function isTaken(username: string, { helpdesk, usernameDomain }: TenantConfig): boolean {
  return helpdesk.staff.some((staff) => isSamePerson(username, staffIdOf(staff), usernameDomain));
}

/** What the configuration would not take either. */
function faultIn({ username, password, name, email }: NewAccount): 'empty' | 'too-long' | 'no-email' | undefined {
  const { shape } = staffSchema;
  if (canonicalUsername(username) === '' || password === '') return 'empty';
  if (password.length > LONGEST_PASSWORD || !shape.username.safeParse(canonicalUsername(username)).success) {
    return 'too-long';
  }
  // without a name it is the login name
  if (!isBlank(name ?? '') && !shape.name.safeParse(name).success) return 'too-long';
  return isBlank(email ?? '') || shape.email.safeParse(email?.trim()).success ? undefined : 'no-email';
}

export function createLab({ tenants, store, hashing }: LabDeps): Lab {
  /** Changes of one tenant's accounts are made one after the other, so that what was looked at is still so. */
  const last = new Map<TenantId, Promise<void>>();
  async function inTurn<T>(tenant: TenantId, work: () => Promise<T>): Promise<T> {
    const before = last.get(tenant);
    const { promise: mine, resolve: end } = Promise.withResolvers<void>();
    last.set(tenant, mine);
    await before;
    try {
      return await work();
    } finally {
      if (last.get(tenant) === mine) last.delete(tenant);
      end();
    }
  }

  return {
    mayAdminister(id, staff) {
      const tenant = tenants.get(id);
      return (
        tenant?.config.lab === true &&
        tenant.config.helpdesk.staff.some(
          (one) => staffIdOf(one) === staff && !one.disabled && one.permissions.includes('lab-admin'),
        )
      );
    },

    async add(id, wanted) {
      const { password, name, email } = wanted;
      const username = canonicalUsername(wanted.username);
      const fault = faultIn(wanted);
      if (fault !== undefined) return fault;
      const hash = await hashing.run(id, () => hashPassword(password));
      return inTurn(id, async () => {
        const config = tenants.get(id)?.config;
        const accounts = tenants.accountsOf(id);
        if (config === undefined || accounts === undefined) return 'no-lab';
        if (isTaken(username, config)) return 'taken';
        if (accounts.length >= MOST_ACCOUNTS) return 'full';
        const address = email?.trim() ?? '';
        const account: LabAccount = {
          username,
          name: cleanLine(name ?? '') || cleanLine(username) || username,
          hash,
          ...(address !== '' && { email: address }),
        };
        await store.write(id, [{ is: 'account', account }]);
        await tenants.load(id);
        // another gateway may have been faster: no two hashes are the same
        const isMine = tenants.accountsOf(id)?.some((one) => one.username === username && one.hash === hash);
        return isMine === true ? 'added' : 'taken';
      });
    },

    remove: (id, typed) =>
      inTurn(id, async () => {
        const usernames = [...new Set(typed.map(canonicalUsername))];
        const accounts = tenants.accountsOf(id);
        if (accounts === undefined) return 'no-lab';
        const known = new Set(accounts.map((one) => one.username));
        const others = usernames.filter((username) => !known.has(username));
        if (others.length > 0) {
          const named = new Set<string>(tenants.get(id)?.config.helpdesk.staff.map(staffIdOf));
          return others.some((username) => named.has(username)) ? 'configuration' : 'unknown';
        }
        await store.write(
          id,
          usernames.map((username) => ({ is: 'account-gone', username })),
        );
        await tenants.load(id);
        return 'removed';
      }),
  };
}
