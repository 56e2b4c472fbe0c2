/**
 * Makes a desk's calls to its helpdesk: one at a time per chat and per staff user, side by side across them. A soft
 * fault is tried again with the same id until it is over; what was asked is never dropped while the desk is here.
 */
import type { Clock, Logger } from '@chat-gateway/runtime';
import { type Fault, HelpdeskError } from '../helpdesk/errors.ts';
import type { CallContext, Helpdesk } from '../helpdesk/port.ts';
import { type Call, queueOf, type Result, sizeOf, type Verb } from './calls.ts';
import { createHealth } from './health.ts';
import { Queues } from './queues.ts';

/** Longest time that one attempt may take. */
const ATTEMPT = 5_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;
/** Attempts after which who waits for it is told. */
const SLOW_AFTER = 3;
/** Somebody waits for the answer of these, and can ask again. */
const GIVE_UP_AFTER = 3;

export class CallsStoppedError extends Error {}

export interface CallRunnerDeps {
  readonly helpdesk: Helpdesk;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly jitter: () => number;
  readonly log: Logger;
  readonly onSlow: (call: Call) => void;
  /** The helpdesk has answered nothing since then, whatever it was asked. */
  readonly onAway: (since: number) => void;
  readonly onBack: () => void;
}

export interface CallRunner {
  readonly pending: { readonly calls: number; readonly bytes: number };
  /** Rejects with {@link CallsStoppedError} only. */
  run(call: Call): Promise<Result>;
  /** What is under way is answered to nobody any more. */
  stop(): void;
}

export function createCallRunner(deps: CallRunnerDeps): CallRunner {
  const { helpdesk, clock, jitter, log, onSlow } = deps;
  const queues = new Queues();
  const pending = { calls: 0, bytes: 0 };
  let isStopped = false;
  /** End what is under way. */
  const ends = new Set<(cause: CallsStoppedError) => void>();
  /** Ends the pauses of those who wait to try again. */
  const pauses = new Set<() => void>();
  const health = createHealth({
    ...deps,
    onBack: () => {
      for (const end of pauses) end();
      deps.onBack();
    },
  });

  /** As `work` does, or ends at once with the desk. No race with one promise: it would remember every call ever made. */
  function unlessStopped<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (isStopped) reject(new CallsStoppedError());
    else ends.add(reject);
    void work.then(resolve, reject).finally(() => ends.delete(reject));
    return promise;
  }

  const pause = (ms: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(ms, resolve);
    pauses.add(resolve);
    return unlessStopped(promise).finally(() => {
      pauses.delete(resolve);
      cancel();
    });
  };

  async function attempt(call: Call): Promise<Result> {
    const { promise: late, resolve } = Promise.withResolvers<Result>();
    const cancel = clock.after(ATTEMPT, () => {
      resolve({ is: 'fault', fault: { is: 'unreachable' } });
    });
    try {
      return await unlessStopped(Promise.race([make(helpdesk, { id: call.id }, call.verb), late]));
    } catch (error) {
      if (error instanceof CallsStoppedError) throw error;
      return { is: 'fault', fault: faultOf(error, call, log) };
    } finally {
      cancel();
    }
  }

  async function untilAnswered(call: Call): Promise<Result> {
    for (let tries = 1; ; tries++) {
      if (isStopped) throw new CallsStoppedError();
      const begun = clock.now();
      const result = await attempt(call);
      // how a mail server does says nothing of the helpdesk
      if (call.verb.is !== 'mail') health.seen(result, begun);
      if (result.is === 'done' || !isSoft(result.fault)) return result;
      if (call.verb.is === 'mail' && result.fault.is === 'rate-limited') return result;
      log.warn({ call: call.verb.is, fault: result.fault.is, tries }, 'helpdesk call failed and is made again');
      if (canBeAskedAgain(call) && tries >= GIVE_UP_AFTER) return result;
      if (tries === SLOW_AFTER) onSlow(call);
      const grown = Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE);
      const asked = result.fault.is === 'rate-limited' ? (result.fault.retryAfter ?? 0) : 0;
      const usual = Math.round(grown * (0.75 + jitter() / 2));
      await pause(Math.max(usual, Math.min(Math.max(asked, 0), 2 * LONGEST_PAUSE)));
    }
  }

  function inQueue(call: Call): Promise<Result> {
    const key = queueOf(call.verb);
    return key === undefined ? untilAnswered(call) : queues.run(key, () => untilAnswered(call));
  }

  return {
    pending,
    async run(call) {
      const bytes = sizeOf(call.verb);
      pending.calls += 1;
      pending.bytes += bytes;
      try {
        return await inQueue(call);
      } finally {
        pending.calls -= 1;
        pending.bytes -= bytes;
      }
    },
    stop() {
      isStopped = true;
      health.stop();
      for (const end of ends) end(new CallsStoppedError());
      ends.clear();
    },
  };
}

function isSoft(fault: Fault): boolean {
  return fault.is === 'unreachable' || fault.is === 'rate-limited';
}

const ASKED_AGAIN: ReadonlySet<Verb['is']> = new Set([
  'history',
  'left-messages',
  'mark-done',
  'receive',
  'notes',
  'tag',
  'push',
  'ban',
  'bans',
  'lift-ban',
  'mail',
]);

/** Lines that an app misses are asked for by nobody. */
function canBeAskedAgain({ verb, sequel }: Call): boolean {
  return ASKED_AGAIN.has(verb.is) && sequel.is !== 'feed';
}

function faultOf(error: unknown, call: Call, log: Logger): Fault {
  if (error instanceof HelpdeskError) return error.fault;
  // A fault of the connector's own: nobody knows whether it passes.
  log.error({ call: call.verb.is, error }, 'helpdesk call threw');
  return { is: 'protocol' };
}

async function make(helpdesk: Helpdesk, context: CallContext, verb: Verb): Promise<Result> {
  switch (verb.is) {
    case 'accept':
      await helpdesk.accept(context, verb.chat, verb.staff, verb.words);
      break;
    case 'say':
      await helpdesk.say(context, verb.chat, verb.staff, verb.words);
      break;
    case 'end':
      await helpdesk.end(context, verb.chat, verb.staff);
      break;
    case 'leave':
      await helpdesk.leave(context, verb.chat, verb.staff);
      break;
    case 'join':
      await helpdesk.join?.(context, verb.chat, verb.staff, verb.words);
      break;
    case 'observe':
      await helpdesk.observe?.(context, verb.chat, verb.staff, verb.on);
      break;
    case 'invite':
      await helpdesk.invite?.(context, verb.chat, verb.staff, verb.whom, verb.why);
      break;
    case 'transfer':
      await helpdesk.transfer?.(context, verb.chat, verb.staff, verb.to, verb.why);
      break;
    case 'note':
      await helpdesk.note?.(context, verb.chat, verb.staff, verb.text);
      break;
    case 'tag':
      await helpdesk.tag?.(context, verb.chat, verb.staff, verb.tags);
      break;
    case 'push':
      await helpdesk.push?.(context, verb.chat, verb.staff, verb.words);
      break;
    case 'ban':
      await helpdesk.ban?.(context, verb.chat, verb.staff, verb.why);
      break;
    case 'lift-ban':
      await helpdesk.liftBan?.(context, verb.staff, verb.ban);
      break;
    case 'mail':
      await helpdesk.mail?.(context, verb.chat, verb.staff, verb.address);
      break;
    case 'notes':
      return { is: 'done', notes: (await helpdesk.notes?.(verb.chat)) ?? [] };
    case 'bans':
      return { is: 'done', bans: (await helpdesk.bans?.(verb.limit)) ?? [] };
    case 'decline':
      await helpdesk.decline(context, verb.offer, verb.why);
      break;
    case 'set-status':
      await helpdesk.setStatus(context, verb.staff, verb.status, verb.text, verb.mayReturn);
      break;
    case 'give-back':
      await helpdesk.giveBack(context, verb.staff);
      break;
    case 'receive':
      await helpdesk.receive?.(context, verb.input);
      break;
    case 'mark-done':
      await helpdesk.markMessageDone?.(context, verb.message, verb.teams);
      break;
    case 'history':
      return { is: 'done', lines: await helpdesk.history(verb.chat, verb.after, verb.limit) };
    case 'left-messages':
      return { is: 'done', messages: (await helpdesk.leftMessages?.(verb.teams, verb.limit)) ?? [] };
  }
  return { is: 'done' };
}
