/** One tenant's desk at work. */
import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { DeskSignal, InboxEntry, SessionId } from '../bus/messages.ts';
import { BusUnavailableError, type DeskSeat } from '../bus/port.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import type { Helpdesk, HelpdeskEvent, Snapshot } from '../helpdesk/port.ts';
import { CallsStoppedError, createCallRunner } from './call-runner.ts';
import type { Call } from './calls.ts';
import { changedFields } from './checkpoint.ts';
import { turnOf } from './commands/turn-of.ts';
import { Queues } from './queues.ts';
import { restore } from './start.ts';
import type { Settings } from './state.ts';
import { type DeskEvent, step } from './step.ts';
import type { Outcome } from './turn.ts';

export interface OpenDeskDeps {
  readonly helpdesk: Helpdesk;
  readonly seat: DeskSeat;
  readonly settings: Settings;
  readonly clock: Clock;
  /** So many random bytes, hexadecimal. */
  readonly random: (bytes: number) => string;
  readonly log: Logger;
  /** The desk is not wanted any more: an opening that is under way is given up. */
  readonly signal: AbortSignal;
}

export interface OpenDesk {
  readonly pending: { readonly calls: number; readonly bytes: number };
  handle(entry: InboxEntry): Promise<void>;
  signal(signal: DeskSignal): void;
  configure(settings: Settings): void;
  /** Something of this app was not taken, because too much is pending; `undefined`: there is room again. */
  full(session: SessionId | undefined): void;
  /** Resolves when nothing more will be committed. */
  close(): Promise<void>;
}

/**
 * What an entry is acknowledged for: a line said, a command answered, an act of the web side done. The rest follows
 * from the state and is done again by who has it next.
 */
function isAwaited({ sequel }: Call): boolean {
  return sequel.is === 'said' || sequel.is === 'command' || sequel.is === 'nothing';
}

/** What the first opening of a helpdesk that does not answer waits between attempts. */
const OPEN_AGAIN = 1_000;

export async function openDesk(deps: OpenDeskDeps): Promise<OpenDesk> {
  const { helpdesk, seat, settings, clock, random, log, signal: stop } = deps;
  const desk = restore(settings, seat.state, seat.sessions, clock.now());
  // No two runs of a desk have a cause of their own making in common.
  const run = random(16);
  let made = 0;
  let isClosed = false;
  let wakeAt: { readonly at: number; readonly cancel: Cancel } | undefined;
  const commits = new Set<Promise<void>>();
  const inTurn = new Queues();
  const early: HelpdeskEvent[] = [];
  let isOpen = false;

  const calls = createCallRunner({
    helpdesk,
    clock,
    jitter: () => Number.parseInt(random(4), 16) / 2 ** 32,
    log,
    onSlow: (call) => happen({ is: 'slow', call }),
    onAway: (since) => happen({ is: 'away', since }),
    onBack: () => happen({ is: 'back' }),
  });

  function turn(event: DeskEvent, cause = `${run} ${made++}`): Promise<void> {
    if (isClosed) return Promise.reject(new BusUnavailableError('desk has moved'));
    let outcome;
    try {
      outcome = step(desk, event, clock.now(), cause);
    } catch (error) {
      log.error({ error, event: event.is }, 'desk step failed');
      return Promise.reject(error instanceof Error ? error : new Error('desk step failed'));
    }
    const done = carryOut(outcome);
    schedule();
    return done;
  }

  /** For what nobody waits for. */
  function happen(event: DeskEvent): void {
    if (isClosed) return;
    turn(event).catch(failed);
  }

  function failed(error: unknown): void {
    if (!(error instanceof BusUnavailableError)) log.error({ error }, 'what a desk step changed could not be stored');
  }

  /** Resolves when the step is stored, its calls are answered, and what they led to is stored. */
  async function carryOut(outcome: Outcome): Promise<void> {
    const stored = commit(outcome);
    for (const { chat, staff, on } of outcome.typing) helpdesk.typing(chat, staff, on);
    for (const { chat, staff, line } of outcome.seen) helpdesk.seen?.(chat, staff, line);
    const answers = outcome.calls.map((call) => {
      const answer = makeCall(call);
      if (isAwaited(call)) return answer;
      answer.catch(failed);
      return undefined;
    });
    await Promise.all([stored, ...answers]);
  }

  function commit({ deliveries }: Outcome): Promise<void> {
    if (desk.dirty.size === 0 && deliveries.length === 0) return Promise.resolve();
    const changes = changedFields(desk);
    desk.dirty.clear();
    const stored = seat.commit({ changes, deliveries }).catch((error: unknown) => {
      // What could not be stored goes with the next commit.
      for (const key of changes.keys()) desk.dirty.add(key);
      throw error;
    });
    commits.add(stored);
    const forget = () => commits.delete(stored);
    stored.then(forget, forget);
    return stored;
  }

  async function makeCall(call: Call): Promise<void> {
    let result;
    try {
      result = await calls.run(call);
    } catch (error) {
      if (error instanceof CallsStoppedError) throw new BusUnavailableError('desk has moved');
      throw error;
    }
    await turn({ is: 'result', call, result }, `${call.id} answered`);
    // An act of the tenant's web side: who brought it looks at what came of it, or brings it again.
    if (call.verb.is === 'receive' && result.is === 'fault') throw new HelpdeskError(result.fault);
  }

  function schedule(): void {
    const at = desk.deadlines.next();
    if (at === wakeAt?.at || isClosed) return;
    wakeAt?.cancel();
    wakeAt = undefined;
    if (at === undefined) return;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      wakeAt = undefined;
      happen({ is: 'time' });
    });
    wakeAt = { at, cancel };
  }

  async function open(): Promise<Snapshot> {
    for (;;) {
      if (stop.aborted) throw new BusUnavailableError('desk has moved');
      try {
        return await helpdesk.open((event) => {
          if (isOpen) happen({ is: 'helpdesk', event });
          else early.push(event);
        });
      } catch (error) {
        if (!(error instanceof HelpdeskError) || !error.soft) throw error;
        log.warn({ fault: error.fault.is }, 'helpdesk does not answer; opened again');
        const { promise, resolve } = Promise.withResolvers<void>();
        const cancel = clock.after(OPEN_AGAIN, resolve);
        const wake = () => resolve();
        stop.addEventListener('abort', wake);
        await promise;
        stop.removeEventListener('abort', wake);
        cancel();
      }
    }
  }

  const snapshot = await open();
  if (stop.aborted) {
    await helpdesk.close();
    throw new BusUnavailableError('desk has moved');
  }
  happen({ is: 'started', snapshot });
  isOpen = true;
  for (const event of early.splice(0)) happen({ is: 'helpdesk', event });

  return {
    get pending() {
      return calls.pending;
    },
    handle(entry) {
      const key = turnOf(entry.act);
      const act = () => turn({ is: 'act', act: entry.act }, entry.id);
      return key === undefined ? act() : inTurn.run(key, act);
    },
    signal(signal) {
      if (isClosed) return;
      if (signal.type === 'site') helpdesk.hear?.(signal.signal);
      else happen({ is: 'signal', signal });
    },
    configure: (next) => happen({ is: 'settings', settings: next }),
    full: (session) => happen(session === undefined ? { is: 'room' } : { is: 'held', session }),
    async close() {
      isClosed = true;
      wakeAt?.cancel();
      calls.stop();
      await helpdesk.close();
      await Promise.allSettled(commits);
    },
  };
}
