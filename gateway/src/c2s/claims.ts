/** Taking a place in the directory of sessions: by a bind, or by a resume. */
import type { Clock } from '@chat-gateway/runtime';
import type { Item, SessionId } from '../bus/messages.ts';
import {
  type Bus,
  BusUnavailableError,
  type OutboxEntry,
  type SessionHandle,
  type SessionReceiver,
  TooManyResourcesError,
} from '../bus/port.ts';
import type { TenantId } from '../helpdesk/model.ts';
import { hold } from './hold.ts';
import { RESUME_WINDOW } from './limits.ts';
import { isUpTo } from './stream-management.ts';
import type { Account } from './stream-state.ts';
import type { StreamSession } from './stream-session.ts';

type Received = OutboxEntry | { readonly item: Item };

const NONE: readonly Received[] = [];

/** Hears for a session from the moment of its claim; what comes before the session is there, waits. */
export class Receiver implements SessionReceiver {
  #session: StreamSession | undefined;
  #early = NONE;
  #ending: 'superseded' | 'expired' | undefined;

  /** Another receiver has the session from now on. */
  isOld = false;

  /** Entries are in the outbox anyway: after a resume only what is state is handed on. */
  belongsTo(session: StreamSession, early: 'all' | 'state'): void {
    this.#session = session;
    const received = early === 'all' ? this.#early : this.#early.filter((entry) => !('sequence' in entry));
    this.#early = NONE;
    if (received.length > 0) session.receive(received);
    if (this.#ending !== undefined) session[this.#ending]();
  }

  receive(entries: readonly Received[]): void {
    if (this.#session === undefined) this.#early = [...this.#early, ...entries];
    else if (!this.isOld) this.#session.receive(entries);
  }

  superseded(): void {
    this.#end('superseded');
  }

  expired(): void {
    this.#end('expired');
  }

  async probe(): Promise<boolean> {
    // a session that is just being made is there
    return this.#session === undefined ? true : this.#session.probe();
  }

  #end(how: 'superseded' | 'expired'): void {
    if (this.isOld) return;
    this.isOld = true;
    this.#ending = how;
    this.#session?.[how]();
  }
}

export interface ClaimServices {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly pod: string;
  readonly maxResources: (tenant: TenantId) => number;
  /** A session of this edge, attached or waiting. */
  readonly sessionOf: (id: SessionId) => StreamSession | undefined;
}

/** A resource that is taken, and the session that had it. */
export interface BindClaim {
  readonly is: 'bound';
  readonly handle: SessionHandle;
  readonly replaces: SessionId | undefined;
}

export type BindOutcome = BindClaim | { readonly is: 'too-many' } | { readonly is: 'unavailable' };

/** `late`: what is taken when nobody waits for it any more. The desk must hear of that too, and of whom it replaces. */
export async function claimBind(
  { bus, clock, pod, maxResources }: ClaimServices,
  { tenant, staff, bareJid }: Account,
  resource: string | undefined,
  receiver: Receiver,
  isWaiting: () => boolean,
  late: (claim: BindClaim) => void,
): Promise<BindOutcome> {
  const request = {
    tenant,
    staff,
    bareJid,
    maxResources: maxResources(tenant),
    ...(resource === undefined ? {} : { resource }),
  };
  let isOver = false;
  let claim: BindClaim | undefined;
  const outcome = await hold<BindOutcome>(
    clock,
    async () => {
      try {
        const { handle, replaces } = await bus.sessions.bind(request, pod, receiver);
        claim = { is: 'bound', handle, replaces };
        if (isOver) late(claim);
        return { is: 'decided', value: claim };
      } catch (cause) {
        if (cause instanceof TooManyResourcesError) return { is: 'decided', value: { is: 'too-many' } };
        if (cause instanceof BusUnavailableError) return { is: 'soft' };
        throw cause;
      }
    },
    isWaiting,
  );
  isOver = true;
  // it may have come in the moment in which the time was over
  return claim ?? outcome ?? { is: 'unavailable' };
}

export type ResumeOutcome =
  | { readonly is: 'resumed'; readonly handle: SessionHandle }
  | { readonly is: 'gone'; readonly handled: number | undefined }
  /** its count is more than was written, or `behind` what it had acknowledged */
  | { readonly is: 'stale'; readonly handled: number | undefined; readonly behind: boolean }
  | { readonly is: 'unavailable' };

/** Longer ones are not ours. */
const MAX_ID = 128;

export async function claimResume(
  { bus, clock, pod, sessionOf }: ClaimServices,
  { tenant, staff }: Account,
  { id, h }: { readonly id: string; readonly h: number },
  receiver: Receiver,
  isWaiting: () => boolean,
): Promise<ResumeOutcome> {
  if (id.length > MAX_ID) return { is: 'gone', handled: undefined };
  let stale: 'ahead' | 'behind' | undefined;
  let isLate = false;
  let adopted: StreamSession | undefined;
  try {
    const outcome = await hold<ResumeOutcome>(
      clock,
      async () => {
        try {
          const resumed = await bus.sessions.resume(id, { tenant, staff }, pod, receiver, (record) => {
            const local = sessionOf(record.id);
            if (!isUpTo(h, record.written)) stale = 'ahead';
            else stale = local !== undefined && !isUpTo(local.acknowledged, h) ? 'behind' : undefined;
            if (stale !== undefined) return false;
            // what the old connection hears of it must not end the session
            adopted = local;
            if (local !== undefined) local.isAdopted = true;
            return true;
          });
          if (resumed.is === 'resumed') {
            if (isLate) {
              resumed.handle.detach(RESUME_WINDOW);
              adopted?.expired();
            }
            return { is: 'decided', value: { is: 'resumed', handle: resumed.handle } };
          }
          const { handled } = resumed;
          if (stale === undefined) return { is: 'decided', value: { is: 'gone', handled } };
          return { is: 'decided', value: { is: 'stale', handled, behind: stale === 'behind' } };
        } catch (cause) {
          if (cause instanceof BusUnavailableError) return { is: 'soft' };
          throw cause;
        }
      },
      isWaiting,
    );
    return outcome ?? { is: 'unavailable' };
  } finally {
    isLate = true;
    if (adopted !== undefined) adopted.isAdopted = false;
  }
}
