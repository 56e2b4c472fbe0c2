import type { TenantConfig } from '../../config/schema.ts';
import type { Lab } from '../../helpdesk/lab.ts';
import type { TenantId } from '../../helpdesk/model.ts';
import { cleanLine } from '../../text/clean.ts';
import type { HashingQueue } from './hashing.ts';
import type { LabTenants } from './lab-tenants.ts';
import { hashPassword } from './password-hash.ts';
import type { EmbeddedStore, LabAccount } from './store/port.ts';
import { canonicalUsername, meantUsernames, staffIdOf } from './usernames.ts';

/** Accounts of one lab: more than a test suite needs, and few enough to be read as a whole. */
export const MOST_ACCOUNTS = 1_000;
const LONGEST_NAME = 200;
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

    async add(id, { username: typed, password, name, email }) {
      const username = canonicalUsername(typed);
      const isAcceptable = username !== '' && username.length <= LONGEST_NAME;
      if (!isAcceptable || password === '' || password.length > LONGEST_PASSWORD) return 'unacceptable';
      const hash = await hashing.run(id, () => hashPassword(password));
      return inTurn(id, async () => {
        const config = tenants.get(id)?.config;
        const accounts = tenants.accountsOf(id);
        if (config === undefined || accounts === undefined) return 'no-lab';
        if (isTaken(username, config)) return 'taken';
        if (accounts.length >= MOST_ACCOUNTS) return 'full';
        const address = cleanLine(email ?? '');
        const account: LabAccount = {
          username,
          name: cleanLine(name ?? '') || cleanLine(username) || username,
          hash,
          ...(address !== '' && { email: address }),
        };
        try {
          await store.write(id, [{ is: 'account', account }]);
        } catch (error) {
          // another gateway may have been faster
          await tenants.load(id);
          if (tenants.accountsOf(id)?.some((one) => one.username === username)) return 'taken';
          throw error;
        }
        await tenants.load(id);
        return 'added';
      });
    },

    remove: (id, typed) =>
      inTurn(id, async () => {
        const username = canonicalUsername(typed);
        const accounts = tenants.accountsOf(id);
        if (accounts === undefined) return 'no-lab';
        if (!accounts.some((one) => one.username === username)) {
          const isNamed = tenants.get(id)?.config.helpdesk.staff.some((one) => staffIdOf(one) === username);
          return isNamed ? 'configuration' : 'unknown';
        }
        await store.write(id, [{ is: 'account-gone', username }]);
        await tenants.load(id);
        return 'removed';
      }),
  };
}
