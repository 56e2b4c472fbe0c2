import type { Clock } from '@chat-gateway/runtime';
import type { Started } from './start.ts';

/** What a stop may take in all; the gateway itself keeps well below it. */
const STOP_WITHIN = 9_500;

export interface StoppingDeps {
  /** Resolves when the start is over; to nothing when it failed or there is nothing to stop. */
  readonly started: Promise<Started | undefined>;
  readonly clock: Clock;
  /** Ends the process after the last log lines. */
  readonly exit: (status: number) => void;
  /** Ends it now. */
  readonly exitNow: (status: number) => void;
  readonly fail: (error: unknown) => void;
}

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/** Handles signals: the first one stops the gateway, within 10 s; the second one ends the process at once. */
export function stopOnSignal(deps: StoppingDeps): (signal: keyof typeof NUMBERS) => void {
  let isStopping = false;
  return (signal) => {
    if (isStopping) {
      deps.exitNow(128 + NUMBERS[signal]);
      return;
    }
    isStopping = true;
    const { promise: late, resolve: timeUp } = Promise.withResolvers<void>();
    const cancel = deps.clock.after(STOP_WITHIN, timeUp);
    const stopped = deps.started.then(async (gateway) => {
      gateway?.log.info({ signal }, 'stopping');
      await gateway?.stop();
      gateway?.log.info({}, 'stopped');
    });
    Promise.race([stopped, late]).then(() => {
      cancel();
      deps.exit(0);
    }, deps.fail);
  };
}
