import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** What was started, to be stopped in the opposite order. */
export interface Lifecycle {
  /** `ms` is the longest that this step may take; what is later in the stop then begins all the same. */
  onStop(name: string, stop: () => void | Promise<void>, ms?: number): void;
  /**
   * Stops everything, last started first. A step that fails or takes too long is logged; no step is left out.
   * After `ms` in total the remaining steps are begun and not waited for. A second call gets the first one's promise.
   */
  stop(ms: number): Promise<void>;
}

interface Step {
  readonly name: string;
  readonly stop: () => void | Promise<void>;
  readonly ms: number;
}

export function createLifecycle({ clock, log }: { readonly clock: Clock; readonly log: Logger }): Lifecycle {
  const steps: Step[] = [];
  let stopping: Promise<void> | undefined;

  async function run(step: Step, ms: number): Promise<void> {
    const { promise: timeUp, resolve } = Promise.withResolvers<'late'>();
    const cancel = clock.after(ms, () => {
      resolve('late');
    });
    try {
      const done = Promise.resolve(step.stop()).then(() => 'done' as const);
      // a step that fails after its time must not end the process
      done.catch(() => undefined);
      if ((await Promise.race([done, timeUp])) === 'late') log.warn({ step: step.name, ms }, 'stopping takes too long');
    } catch (error) {
      log.error({ step: step.name, err: error }, 'could not stop cleanly');
    } finally {
      cancel();
    }
  }

  async function all(ms: number): Promise<void> {
    const end = clock.monotonic() + ms;
    for (let step = steps.pop(); step !== undefined; step = steps.pop())
      await run(step, Math.max(0, Math.min(step.ms, end - clock.monotonic())));
  }

  return {
    onStop(name, stop, ms = Number.POSITIVE_INFINITY) {
      steps.push({ name, stop, ms });
    },
    stop: async (ms) => (stopping ??= all(ms)),
  };
}
