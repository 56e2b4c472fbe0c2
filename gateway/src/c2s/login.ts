import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Tenant } from '../config/tenants.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import type { Login, Logins } from '../helpdesk/port.ts';
import type { Credentials } from '../sasl/plain.ts';
import { escapeLocal, makeJid } from '../xmpp/jid.ts';
import { type Attempt, delay, hold } from './hold.ts';
import { HOLD_TIME } from './limits.ts';
import type { EdgeStats } from './stats.ts';
import type { Account } from './stream-state.ts';
import type { LoginThrottle } from './throttle.ts';

export interface LoginServices {
  readonly logins: (tenant: Tenant) => Logins;
  readonly throttle: LoginThrottle;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stats: EdgeStats;
}

export type LoginOutcome =
  | { readonly is: 'ok'; readonly account: Account }
  | { readonly is: 'refused' }
  | { readonly is: 'unavailable' }
  | { readonly is: 'throttled' };

/**
 * Asks the helpdesk. Only its own "no" is a refusal; whatever else happens, the login is held while it is asked
 * again, and then given up as temporary.
 */
export async function verifyLogin(
  services: LoginServices,
  tenant: Tenant,
  credentials: Credentials,
  address: string,
  isWaiting: () => boolean,
): Promise<LoginOutcome> {
  const { throttle, clock, stats } = services;
  const logins = services.logins(tenant);
  const name = tenant.config.lab ? undefined : logins.canonical(credentials.username);
  const attempt = await throttle.attempt(address, tenant.id, name);
  if (attempt === undefined) {
    await delay(clock, HOLD_TIME);
    stats.logins.throttled++;
    return { is: 'throttled' };
  }
  let answer: Login | 'no' | undefined;
  try {
    answer = await hold(clock, () => ask(services, logins, tenant, credentials), isWaiting);
  } finally {
    attempt.end(answer === 'no' ? 'failed' : 'otherwise');
  }
  const account = answer === undefined || answer === 'no' ? undefined : accountOf(tenant, answer);
  if (account !== undefined) {
    stats.logins.ok++;
    return { is: 'ok', account };
  }
  if (answer === undefined) {
    stats.logins.unavailable++;
    return { is: 'unavailable' };
  }
  services.log.debug({ tenant: tenant.id }, 'a login was refused');
  stats.logins.refused++;
  return { is: 'refused' };
}

async function ask(
  { log }: LoginServices,
  logins: Logins,
  tenant: Tenant,
  { username, password }: Credentials,
): Promise<Attempt<Login | 'no'>> {
  try {
    return { is: 'decided', value: await logins.verify(username, password) };
  } catch (cause) {
    if (!(cause instanceof HelpdeskError)) {
      log.error({ tenant: tenant.id, err: cause }, 'a password could not be checked');
      return { is: 'soft' };
    }
    const { fault } = cause;
    if (fault.is === 'refused' || fault.is === 'forbidden' || fault.is === 'locked')
      return { is: 'decided', value: 'no' };
    return fault.is === 'rate-limited' && fault.retryAfter !== undefined
      ? { is: 'soft', retryAfter: fault.retryAfter }
      : { is: 'soft' };
  }
}

/** A name that no address can hold cannot log in. */
function accountOf(tenant: Tenant, { staff, username }: Login): Account | undefined {
  const jid = makeJid(escapeLocal(username), tenant.domain);
  if (jid === undefined || jid.local === '') return undefined;
  const { usernameDomain } = tenant.config;
  return { tenant: tenant.id, domain: tenant.domain, usernameDomain, staff, username, bareJid: jid.bare };
}
