import type { StaffConfig } from '../../../config/schema.ts';
import type { StaffId } from '../../../helpdesk/model.ts';

/** The one form of a user name [RFC8265 §3.3]: width and case do not matter. */
export function canonicalUsername(username: string): string {
  return username
    .trim()
    .replace(/[\uff01-\uff5e]/gu, (wide) => wide.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC');
}

export function staffIdOf(staff: Pick<StaffConfig, 'username'>): StaffId {
  return canonicalUsername(staff.username) as StaffId;
}

/**
 * The same for every way to type one name: the address at the tenant's mail domain, if that may be meant. Nobody else
 * has it, or the configuration would be refused.
 */
export function anyoneCalled(typed: string, usernameDomain: string | undefined): string {
  return meantUsernames(typed, usernameDomain).at(-1) ?? '';
}

/** The user names that a login may mean, best first: as typed, and the address at the tenant's mail domain. */
export function meantUsernames(typed: string, usernameDomain: string | undefined): readonly string[] {
  const username = canonicalUsername(typed);
  if (usernameDomain === undefined || username.includes('@')) return [username];
  return [username, `${username}@${canonicalUsername(usernameDomain)}`];
}
