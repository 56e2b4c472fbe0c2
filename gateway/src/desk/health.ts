/** Whether a helpdesk answers at all, from what comes of the calls to it; and a question now and then while it does not. */
import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { ChatId } from '../helpdesk/model.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import type { Helpdesk } from '../helpdesk/port.ts';
import type { Result } from './calls.ts';
import { AWAY_AFTER } from './limits.ts';

/** Without an answer. After one fault that is soon over, nobody may have anything to ask for a long time. */
const FIRST_ASK = 1_000;
const ASK_EVERY = 5_000;

export interface HealthDeps {
  readonly helpdesk: Pick<Helpdesk, 'history'>;
  readonly clock: Clock;
  readonly onAway: (since: number) => void;
  readonly onBack: () => void;
}

export interface Health {
  /** What came of a call that was made at `begun`. */
  seen(result: Result, begun: number): void;
  stop(): void;
}

export function createHealth({ helpdesk, clock, onAway, onBack }: HealthDeps): Health {
  let failingSince: number | undefined;
  let answeredAt = -Infinity;
  let isAway = false;
  let isStopped = false;
  let cancel: Cancel | undefined;

  function answered(): void {
    if (isStopped) return;
    failingSince = undefined;
    answeredAt = clock.now();
    cancel?.();
    cancel = undefined;
    if (!isAway) return;
    isAway = false;
    onBack();
  }

  function failed(begun: number): void {
    // others were answered meanwhile: it is this call that hangs
    if (begun < answeredAt) return;
    failingSince = Math.min(failingSince ?? begun, begun);
    if (cancel === undefined) askLater(FIRST_ASK);
    if (isAway || clock.now() - failingSince < AWAY_AFTER) return;
    isAway = true;
    onAway(failingSince);
  }

  /** Calls that were given up bring no news: somebody has to ask. */
  function askLater(ms: number): void {
    cancel = clock.after(ms, () => {
      // also when this question hangs
      askLater(ASK_EVERY);
      const begun = clock.now();
      helpdesk.history('' as ChatId, 0, 1).then(answered, (error: unknown) => {
        if (isStopped) return;
        if (error instanceof HelpdeskError && error.fault.is !== 'unreachable') answered();
        else failed(begun);
      });
    });
  }

  return {
    seen(result, begun) {
      if (isStopped) return;
      if (result.is === 'fault' && result.fault.is === 'unreachable') failed(begun);
      else answered();
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
