import type { StaffConfig, TenantConfig } from '../../../config/schema.ts';
import { HelpdeskError } from '../../../helpdesk/errors.ts';
import type { TenantId } from '../../../helpdesk/model.ts';
import type { Logins } from '../../../helpdesk/port.ts';
import type { HashingQueue } from './hashing.ts';
import { matchesHash, parsePasswordHash, type PasswordHash, preparedPassword } from './password-hash.ts';
import { anyoneCalled, canonicalUsername, meantUsernames, staffIdOf } from './usernames.ts';

export interface EmbeddedLoginsDeps {
  readonly tenant: TenantId;
  /** The tenant as it is configured now. */
  readonly config: () => TenantConfig;
  /** One for the whole process. */
  readonly hashing: HashingQueue;
}

/** Longer ones cannot be right, and are not hashed. */
const MAX_PASSWORD = 1_024;
/** Compared with when nobody has that name, so that this takes as long. */
const NOBODY: PasswordHash = {
  kind: 'argon2id',
  memory: 19_456,
  passes: 2,
  lanes: 1,
  salt: Buffer.alloc(16),
  hash: Buffer.alloc(32),
};

/** Checks passwords of the staff that the tenant's configuration names. */
export function createEmbeddedLogins(deps: EmbeddedLoginsDeps): Logins {
  let config: TenantConfig | undefined;
  let byName = new Map<string, StaffConfig>();
  /** What a check costs here: kept as text, as bytes would keep the 64 KiB that Node takes them from. */
  let usual = '';
  const look = (): TenantConfig => {
    const now = deps.config();
    if (now !== config) {
      config = now;
      const { staff } = now.helpdesk;
      byName = new Map(staff.map((one) => [canonicalUsername(one.username), one]));
      usual = staff[0]?.hash ?? '';
    }
    return now;
  };
  return {
    canonical: (username) => anyoneCalled(username, look().usernameDomain),
    async verify(username, password) {
      const { usernameDomain } = look();
      const staff = meantUsernames(username, usernameDomain)
        .map((name) => byName.get(name))
        .find((one) => one !== undefined);
      if (password.length > MAX_PASSWORD) throw new HelpdeskError({ is: 'refused' });
      // wrong, unknown and disabled cost the same
      const own = staff && parsePasswordHash(staff.hash);
      const expected = own ?? { ...(parsePasswordHash(usual) ?? NOBODY), hash: Buffer.alloc(32) };
      const isRight = await deps.hashing.run(deps.tenant, async () => {
        if (await matchesHash(expected, password)) return true;
        const prepared = preparedPassword(password);
        return prepared !== password && (await matchesHash(expected, prepared));
      });
      // what has changed meanwhile counts: nobody gets in with what is no longer theirs
      look();
      const now = staff && byName.get(canonicalUsername(staff.username));
      const isStill = now !== undefined && !now.disabled && now.hash === staff?.hash;
      if (!isRight || staff === undefined || !isStill || own === undefined) {
        throw new HelpdeskError({ is: 'refused' });
      }
      return { staff: staffIdOf(staff), username: staffIdOf(staff) };
    },
  };
}
