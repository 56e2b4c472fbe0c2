import type { TenantId } from '../helpdesk/model.ts';
import type { Checkpoints } from './port.ts';

type Count = NonNullable<Awaited<ReturnType<Checkpoints['findCount']>>>;

/** Keeps checkpoints for as long as this object lives: for tests, and the twin in the contract suite. */
export class MemoryCheckpoints implements Checkpoints {
  readonly #states = new Map<TenantId, Map<string, string>>();
  readonly #counts = new Map<string, { count: Count; expires: number }>();

  async load(tenant: TenantId): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#states.get(tenant));
  }

  async write(tenant: TenantId, changes: ReadonlyMap<string, string | null>): Promise<void> {
    const state = this.#states.get(tenant) ?? new Map<string, string>();
    this.#states.set(tenant, state);
    for (const [field, value] of changes) {
      if (value === null) state.delete(field);
      else state.set(field, value);
    }
  }

  async saveCount(resumption: string, count: Count, expires: number): Promise<void> {
    this.#counts.set(resumption, { count, expires });
  }

  async findCount(resumption: string, now: number): Promise<Count | undefined> {
    const kept = this.#counts.get(resumption);
    return kept === undefined || kept.expires <= now ? undefined : kept.count;
  }
}
