import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { FileStore } from '../store/file-store.ts';
import { SWEEP_FILES, SWEEP_MS } from './limits.ts';

/** Takes away what is too old, at once and then every ten minutes; what a stop interrupts, the next start goes on with. */
export class Sweep {
  readonly #deps: { readonly store: FileStore; readonly clock: Clock; readonly log: Logger };
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  constructor(deps: { readonly store: FileStore; readonly clock: Clock; readonly log: Logger }) {
    this.#deps = deps;
    this.#begin();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #begin(): void {
    void this.#run()
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#deps.log.error({ err: error }, 'files: what is too old could not be taken away');
      })
      .finally(() => {
        if (this.#isClosed) return;
        this.#cancel = this.#deps.clock.after(SWEEP_MS, () => {
          this.#begin();
        });
      });
  }

  async #run(): Promise<void> {
    const { store, clock } = this.#deps;
    for (;;) {
      const numbers = await store.expired(clock.now(), SWEEP_FILES);
      for (const number of numbers) {
        if (this.#isClosed) return;
        await store.remove(number);
      }
      if (numbers.length < SWEEP_FILES) return;
    }
  }
}
