/** Who logs in: many tenants of ten staff, so that everybody has colleagues as real staff have. */
import type { Account } from './load-app.ts';

export const TEAM = 10;
export const PASSWORD = 'correct horse battery staple';

export const domainOf = (tenant: number): string => `t${tenant}.example`;
export const usernameOf = (member: number): string => `staff${member}`;

/** The first so many accounts: tenant after tenant. */
export function accounts(count: number): Account[] {
  return Array.from({ length: count }, (_, at) => ({
    username: usernameOf(at % TEAM),
    domain: domainOf(Math.floor(at / TEAM)),
    password: PASSWORD,
  }));
}
