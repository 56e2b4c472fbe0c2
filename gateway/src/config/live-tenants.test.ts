import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveTenants, toTenant } from './live-tenants.ts';
import { type TenantConfig, tenantSchema } from './schema.ts';
import type { TenantChanges } from './tenants.ts';

function tenant(domain: string, more: Readonly<Record<string, unknown>> = {}): TenantConfig {
  const helpdesk = { kind: 'embedded', teams: [{ id: 'sales', name: 'Sales' }], staff: [] };
  return tenantSchema.parse({ domain, helpdesk, ...more });
}

const names = ({ added, changed, removed }: TenantChanges) => ({
  added: added.map(({ domain }) => domain),
  changed: changed.map(({ after }) => after.domain),
  removed: removed.map(({ domain }) => domain),
});

describe('the tenants that exist now', () => {
  it('are found by their domain, with the domain of their visitors', () => {
    const tenants = new LiveTenants([tenant('acme.example')]);
    assert.equal(tenants.find('acme.example')?.visitorsDomain, 'visitors.acme.example');
    assert.equal(tenants.get(toTenant(tenant('acme.example')).id)?.domain, 'acme.example');
    assert.equal(tenants.find('other.example'), undefined);
  });
  it('do not have the suspended ones among them', () => {
    assert.deepEqual(new LiveTenants([tenant('acme.example', { suspended: true })]).list(), []);
  });
  it('tell what was added, changed, removed; a suspended tenant is removed', () => {
    const tenants = new LiveTenants([
      tenant('a.example'),
      tenant('b.example'),
      tenant('c.example'),
      tenant('d.example'),
    ]);
    const heard: TenantChanges[] = [];
    tenants.onChange((changes) => heard.push(changes));
    tenants.apply([
      tenant('a.example'),
      tenant('b.example', { name: 'B' }),
      tenant('d.example', { suspended: true }),
      tenant('e.example'),
    ]);
    assert.deepEqual(heard.map(names), [
      { added: ['e.example'], changed: ['b.example'], removed: ['c.example', 'd.example'] },
    ]);
    assert.equal(tenants.find('b.example')?.config.name, 'B');
    assert.equal(tenants.find('c.example'), undefined);
  });
  it('are the same objects where nothing has changed, and then nobody is told', () => {
    const tenants = new LiveTenants([tenant('a.example')]);
    const before = tenants.find('a.example');
    tenants.onChange(() => assert.fail('nothing has changed'));
    tenants.apply([tenant('a.example')]);
    assert.equal(tenants.find('a.example'), before);
  });
  it('are there already when somebody is told', () => {
    const tenants = new LiveTenants([]);
    let found = false;
    tenants.onChange(() => (found = tenants.find('a.example') !== undefined));
    tenants.apply([tenant('a.example')]);
    assert.ok(found);
  });
  it('tell nobody who has stopped listening', () => {
    const tenants = new LiveTenants([]);
    const stop = tenants.onChange(() => assert.fail('stopped'));
    stop();
    tenants.apply([tenant('a.example')]);
  });
});
