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

/** COMPAT(npm, it passes on the Ctrl+C that the terminal sends to the gateway too): both are one key press. */
const SAME_WITHIN = 1_000;

/** Handles signals: the first one stops the gateway, within 10 s; the second one ends the process at once. */
export function stopOnSignal(deps: StoppingDeps): (signal: keyof typeof NUMBERS) => void {
  let first: { readonly signal: keyof typeof NUMBERS; readonly at: number } | undefined;
  return (signal) => {
    if (first !== undefined) {
      const isSame = signal === first.signal && deps.clock.monotonic() - first.at < SAME_WITHIN;
      if (!isSame) deps.exitNow(128 + NUMBERS[signal]);
      return;
    }
    first = { signal, at: deps.clock.monotonic() };
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
