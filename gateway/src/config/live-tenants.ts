import { isDeepStrictEqual } from 'node:util';
import type { TenantId } from '../helpdesk/model.ts';
import { canonicalDomain } from '../xmpp/jid.ts';
import type { TenantConfig } from './schema.ts';
import type { Tenant, TenantChanges, Tenants } from './tenants.ts';

/** A tenant of the configuration as the gateway knows it: on one machine its id is its domain. */
export function toTenant(config: TenantConfig): Tenant {
  const domain = canonicalDomain(config.domain);
  if (domain === undefined) throw new TypeError(`not a domain: ${config.domain}`);
  return { id: domain as TenantId, domain, visitorsDomain: `visitors.${domain}`, config };
}

/** What has changed from `before` to `after`; a tenant is the same one as long as its id is. */
export function tenantChanges(before: readonly Tenant[], after: readonly Tenant[]): TenantChanges {
  const old = new Map(before.map((tenant) => [tenant.id, tenant]));
  const kept = new Set(after.map((tenant) => tenant.id));
  const changed: { before: Tenant; after: Tenant }[] = [];
  const added: Tenant[] = [];
  for (const tenant of after) {
    const was = old.get(tenant.id);
    if (was === undefined) added.push(tenant);
    else if (!isDeepStrictEqual(was.config, tenant.config)) changed.push({ before: was, after: tenant });
  }
  return { added, changed, removed: before.filter((tenant) => !kept.has(tenant.id)) };
}

/** The tenants of the newest configuration that was good. */
export class LiveTenants implements Tenants {
  #tenants: ReadonlyMap<string, Tenant>;
  readonly #listeners = new Set<(changes: TenantChanges) => void>();

  constructor(configs: readonly TenantConfig[]) {
    this.#tenants = living(configs);
  }

  /** Takes over a checked configuration; what has not changed stays as it is. */
  apply(configs: readonly TenantConfig[]): TenantChanges {
    const before = this.#tenants;
    const after = new Map<string, Tenant>();
    for (const [domain, tenant] of living(configs)) {
      const was = before.get(domain);
      after.set(domain, was !== undefined && isDeepStrictEqual(was.config, tenant.config) ? was : tenant);
    }
    const changes = tenantChanges([...before.values()], [...after.values()]);
    if (changes.added.length + changes.changed.length + changes.removed.length === 0) return changes;
    this.#tenants = after;
    for (const listener of [...this.#listeners]) listener(changes);
    return changes;
  }

  find(domain: string): Tenant | undefined {
    return this.#tenants.get(domain);
  }

  get(id: TenantId): Tenant | undefined {
    return this.#tenants.get(id);
  }

  list(): readonly Tenant[] {
    return [...this.#tenants.values()];
  }

  onChange(listener: (changes: TenantChanges) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function living(configs: readonly TenantConfig[]): ReadonlyMap<string, Tenant> {
  return new Map(
    configs
      .filter((config) => !config.suspended)
      .map(toTenant)
      .map((tenant) => [tenant.domain, tenant]),
  );
}
