import { type TenantConfig, tenantSchema } from '../../config/schema.ts';
import type { Tenant, Tenants } from '../../config/tenants.ts';
import type { TenantId } from '../../helpdesk/model.ts';

/** Tenants for tests of the web part; `remove` takes one away. */
export function memoryTenants(
  ...configs: readonly (Partial<Pick<TenantConfig, 'name' | 'publicUrl' | 'allowedOrigins'>> & {
    domain: string;
    files?: Partial<TenantConfig['files']>;
  })[]
): Tenants & { remove(domain: string): void } {
  const tenants = new Map<string, Tenant>();
  for (const given of configs) {
    const config = tenantSchema.parse({
      ...given,
      helpdesk: { kind: 'embedded', teams: [{ id: 'sales', name: 'Sales' }], staff: [] },
    });
    const { domain } = config;
    tenants.set(domain, { id: domain as TenantId, domain, visitorsDomain: `visitors.${domain}`, config });
  }
  return {
    find: (domain) => tenants.get(domain),
    get: (id) => tenants.get(id),
    list: () => [...tenants.values()],
    onChange: () => () => undefined,
    remove: (domain) => {
      tenants.delete(domain);
    },
  };
}
