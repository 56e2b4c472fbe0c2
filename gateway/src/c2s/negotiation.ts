/** What takes time on the way to a session; each ends in an event for the stream machine. */
import type { Clock } from '@chat-gateway/runtime';
import type { Tenant } from '../config/tenants.ts';
import type { Credentials } from '../sasl/plain.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { tooManyResources } from './bind.ts';
import { type BindClaim, type ClaimServices, claimBind, claimResume, Receiver } from './claims.ts';
import type { Closures } from './closures.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { delay } from './hold.ts';
import { HOLD_TIME } from './limits.ts';
import { type LoginOutcome, type LoginServices, verifyLogin } from './login.ts';
import type { EdgeStats } from './stats.ts';
import type { Account, StreamEvent } from './stream-state.ts';
import { type SessionServices, StreamSession } from './stream-session.ts';
import type { Wire } from './wire.ts';

export interface NegotiationServices extends LoginServices, ClaimServices, SessionServices {
  readonly clock: Clock;
  readonly stats: EdgeStats;
  readonly limits: ConnectionLimits;
  readonly closures: Closures;
  readonly tenant: (domain: string) => Tenant | undefined;
}

/** A connection that waits. */
export interface Applicant extends Wire {
  readonly address: string;
  /** False when the connection is gone, or its stream ended. */
  readonly isWaiting: boolean;
  /** {@link Closures.now} when its password was begun to be checked. */
  since: number;
  /** The connection has a place in its tenant's limit and gives it back at its end. */
  tookPlace(tenant: string): void;
  /** Carries on with the stream machine. */
  dispatch(event: StreamEvent): void;
  /** The session is this connection's now. */
  took(session: StreamSession): void;
}

export async function authenticate(
  services: NegotiationServices,
  applicant: Applicant,
  credentials: Credentials,
  domain: string,
): Promise<StreamEvent> {
  const tenant = services.tenant(domain);
  if (tenant === undefined) return { type: 'undecided', why: 'unavailable' };
  const { closures } = services;
  let outcome: LoginOutcome;
  do {
    applicant.since = closures.now;
    outcome = await verifyLogin(services, tenant, credentials, applicant.address, () => applicant.isWaiting);
    if (outcome.is === 'refused') return { type: 'refused' };
    if (outcome.is !== 'ok') return { type: 'undecided', why: outcome.is };
    // the account changed meanwhile: perhaps it was another password that was right
  } while (closures.isClosed(tenant.id, outcome.account.staff, applicant.since));
  if (!applicant.isWaiting) return { type: 'undecided', why: 'unavailable' };
  if (services.tenant(domain) === undefined) return { type: 'fault', error: new StreamError('host-gone') };
  if (!services.limits.takeTenant(tenant.id)) {
    services.stats.refusedConnections++;
    return { type: 'undecided', why: 'crowded' };
  }
  applicant.tookPlace(tenant.id);
  return { type: 'verified', account: outcome.account };
}

/** Its account was closed on the way: the desk hears of the session and of its end. */
function endsAtOnce(
  { closures }: NegotiationServices,
  { since }: Applicant,
  { tenant, staff }: Account,
  session: StreamSession,
): boolean {
  if (!closures.isClosed(tenant, staff, since)) return false;
  session.logout();
  return true;
}

/** An event, or nothing when the applicant has its session or its stream was ended. */
export async function bind(
  services: NegotiationServices,
  applicant: Applicant,
  account: Account,
  resource: string | undefined,
): Promise<StreamEvent | undefined> {
  const { stats, throttle, clock } = services;
  const isLab = services.tenant(account.domain)?.config.lab === true;
  const wait = isLab ? 0 : throttle.bindDelay(account.bareJid);
  if (wait > 0) await delay(clock, Math.min(wait, HOLD_TIME));
  if (wait > HOLD_TIME || !applicant.isWaiting) return { type: 'undecided', why: 'throttled' };
  const tenant = services.tenant(account.domain);
  if (tenant === undefined) return { type: 'fault', error: new StreamError('host-gone') };
  const receiver = new Receiver();
  const begin = ({ handle, replaces }: BindClaim): void => {
    stats.binds[replaces === undefined ? 'bound' : 'rebound']++;
    const session = new StreamSession(services, handle, tenant);
    services.keep(session);
    // the app hears its address before anything else
    if (applicant.isWaiting) applicant.dispatch({ type: 'bound', fullJid: session.fullJid });
    session.opened(applicant, replaces);
    if (endsAtOnce(services, applicant, account, session)) return;
    receiver.belongsTo(session, 'all');
    applicant.took(session);
  };
  // too late, the session waits as one does whose app has gone meanwhile
  const outcome = await claimBind(services, account, resource, receiver, () => applicant.isWaiting, begin);
  switch (outcome.is) {
    case 'too-many':
      stats.binds.refused++;
      return { type: 'not-bound', kind: 'wait', condition: 'resource-constraint', specific: tooManyResources() };
    case 'unavailable':
      stats.binds.unavailable++;
      return { type: 'undecided', why: 'unavailable' };
    case 'bound':
      begin(outcome);
      return undefined;
  }
}

export async function resume(
  services: NegotiationServices,
  applicant: Applicant,
  account: Account,
  asked: { readonly id: string; readonly h: number },
): Promise<StreamEvent | undefined> {
  const tenant = services.tenant(account.domain);
  if (tenant === undefined) return { type: 'fault', error: new StreamError('host-gone') };
  const receiver = new Receiver();
  const outcome = await claimResume(services, account, asked, receiver, () => applicant.isWaiting);
  services.stats.resumes[outcome.is]++;
  if (outcome.is === 'unavailable') return { type: 'undecided', why: 'unavailable' };
  // what the app said it had, it cannot have lost: the request is wrong, not the session
  if (outcome.is === 'stale' && outcome.behind)
    return { type: 'not-resumed', condition: 'bad-request', handled: outcome.handled };
  if (outcome.is !== 'resumed') return { type: 'not-resumed', condition: 'item-not-found', handled: outcome.handled };
  const { handle } = outcome;
  const session = services.sessionOf(handle.record.id) ?? new StreamSession(services, handle, tenant);
  services.keep(session);
  if (applicant.isWaiting) applicant.dispatch({ type: 'resumed' });
  session.resumed(applicant, handle, asked.h);
  if (endsAtOnce(services, applicant, account, session)) return undefined;
  receiver.belongsTo(session, 'state');
  applicant.took(session);
  return undefined;
}
