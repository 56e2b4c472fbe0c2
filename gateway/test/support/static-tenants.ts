import type { Tenant, TenantChanges, Tenants } from '../../src/config/tenants.ts';
import type { TenantId } from '../../src/helpdesk/model.ts';

/** Tenants that a test changes by hand. */
export class StaticTenants implements Tenants {
  #tenants: readonly Tenant[];
  readonly #listeners = new Set<(changes: TenantChanges) => void>();

  constructor(tenants: readonly Tenant[]) {
    this.#tenants = tenants;
  }

  find(domain: string): Tenant | undefined {
    return this.#tenants.find((tenant) => tenant.domain === domain);
  }

  get(id: TenantId): Tenant | undefined {
    return this.#tenants.find((tenant) => tenant.id === id);
  }

  list(): readonly Tenant[] {
    return this.#tenants;
  }

  onChange(listener: (changes: TenantChanges) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(tenants: readonly Tenant[]): void {
    const before = this.#tenants;
    this.#tenants = tenants;
    const changes: TenantChanges = {
      added: tenants.filter((tenant) => !before.some((other) => other.id === tenant.id)),
      removed: before.filter((tenant) => !tenants.some((other) => other.id === tenant.id)),
      changed: tenants.flatMap((after) => {
        const old = before.find((other) => other.id === after.id);
        return old === undefined || old === after ? [] : [{ before: old, after }];
      }),
    };
    for (const listener of this.#listeners) listener(changes);
  }
}
