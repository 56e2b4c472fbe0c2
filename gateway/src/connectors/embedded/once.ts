import type { Clock } from '@chat-gateway/runtime';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { TenantId } from '../../helpdesk/model.ts';
import type { CallContext } from '../../helpdesk/port.ts';
import type { Floor } from './floor.ts';
import type { EmbeddedStore } from './store/port.ts';
import type { Turn } from './turn.ts';

export type Work = (turn: Turn, floor: Floor) => void;

/** Makes a call's turn unless it was made before, or unless it turns out not to be needed. */
export type Once = (call: CallContext, work: Work, isNeeded?: () => Promise<boolean>) => Promise<void>;

export interface CallsDeps {
  readonly tenant: TenantId;
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  readonly turn: (work: Work) => Promise<void>;
}

/** Calls that are being made, by id: each is made once, however often it is asked for. */
export class Calls {
  readonly #deps: CallsDeps;
  readonly #making = new Map<string, Promise<void>>();

  constructor(deps: CallsDeps) {
    this.#deps = deps;
  }

  readonly once: Once = ({ id }, work, isNeeded) => {
    const { store, tenant, clock, turn } = this.#deps;
    return this.together(id, async () => {
      if (await soft(store.knowsCall(tenant, id))) return;
      if (isNeeded !== undefined && !(await isNeeded())) return;
      await turn((now, floor) => {
        work(now, floor);
        now.store({ is: 'call', id, at: clock.now() });
      });
    });
  };

  /** Joins a call of the same id that is still being made. */
  together(id: string, make: () => Promise<void>): Promise<void> {
    const known = this.#making.get(id);
    if (known !== undefined) return known;
    const call = make().finally(() => {
      this.#making.delete(id);
    });
    this.#making.set(id, call);
    return call;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#making.values());
  }
}

/** A store that does not answer may do so later. */
export async function soft<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new HelpdeskError({ is: 'unreachable' }, { cause: error });
  }
}
