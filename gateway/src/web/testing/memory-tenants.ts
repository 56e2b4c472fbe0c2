import { type TenantConfig, tenantSchema } from '../../config/schema.ts';
import type { Tenant, Tenants } from '../../config/tenants.ts';
import type { TenantId } from '../../helpdesk/model.ts';

/** Tenants for tests of the web part; `remove` takes one away, `refuseFiles` is a setting that was changed. */
export function memoryTenants(
  ...configs: readonly (Partial<Pick<TenantConfig, 'name' | 'publicUrl' | 'allowedOrigins'>> & {
    domain: string;
    files?: Partial<TenantConfig['files']>;
  })[]
): Tenants & { remove(domain: string): void; refuseFiles(domain: string): void } {
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
    refuseFiles: (domain) => {
      const tenant = tenants.get(domain);
      if (tenant === undefined) throw new Error(`no tenant ${domain}`);
      const config = { ...tenant.config, files: { ...tenant.config.files, enabled: false } };
      tenants.set(domain, { ...tenant, config });
    },
  };
}
