import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@chat-gateway/runtime';
import type { StaffConfig, TenantConfig } from '../../../config/schema.ts';
import type { Tenant, TenantChanges, Tenants } from '../../../config/tenants.ts';
import type { TenantId } from '../../../helpdesk/model.ts';
import type { EmbeddedStore, LabAccount } from '../store/port.ts';
import { staffIdOf } from './usernames.ts';

/** Those who were added while the tenant ran are this team; its id is none that a configuration can have. */
const TEAM = { id: '(lab)', name: 'Lab', public: false };

/** A lab's configuration with the staff that were added. Whom the configuration names comes first. */
export function withAccounts(config: TenantConfig, accounts: readonly LabAccount[]): TenantConfig {
  const { staff, teams } = config.helpdesk;
  const own = teams.find(({ name }) => name.toLowerCase() === TEAM.name.toLowerCase());
  const named = new Set<string>(staff.map(staffIdOf));
  const added = accounts
    .filter(({ username }) => !named.has(username))
    .map((account): StaffConfig => ({ ...account, teams: [(own ?? TEAM).id], permissions: [], disabled: false }));
  return {
    ...config,
    helpdesk: { ...config.helpdesk, teams: own === undefined ? [...teams, TEAM] : teams, staff: [...staff, ...added] },
  };
}

interface LabTenantsDeps {
  readonly tenants: Tenants;
  readonly store: Pick<EmbeddedStore, 'accounts' | 'onAccounts'>;
  readonly log: Logger;
}

/**
 * The tenants, those that are labs with the accounts that are kept for them: to everybody else these are staff like
 * any other, and one who is removed is removed as by a change of the configuration.
 */
export class LabTenants implements Tenants {
  readonly #deps: LabTenantsDeps;
  readonly #accounts = new Map<TenantId, readonly LabAccount[]>();
  /** What {@link get} gives, by what it was made of: the same until something changes. */
  readonly #made = new Map<TenantId, { readonly of: Tenant; readonly made: Tenant }>();
  readonly #loads = new Map<TenantId, number>();
  readonly #listeners = new Set<(changes: TenantChanges) => void>();
  readonly #stops: readonly (() => void)[];

  private constructor(deps: LabTenantsDeps) {
    this.#deps = deps;
    this.#stops = [
      deps.tenants.onChange((changes) => {
        this.#follow(changes);
      }),
      deps.store.onAccounts((tenant) => {
        void this.load(tenant);
      }),
    ];
  }

  /** Resolves when the accounts of all labs are known. */
  static async open(deps: LabTenantsDeps): Promise<LabTenants> {
    const open = new LabTenants(deps);
    await Promise.all(deps.tenants.list().map((tenant) => open.#begin(tenant)));
    return open;
  }

  find(domain: string): Tenant | undefined {
    const tenant = this.#deps.tenants.find(domain);
    return tenant && this.#whole(tenant);
  }

  get(id: TenantId): Tenant | undefined {
    const tenant = this.#deps.tenants.get(id);
    return tenant && this.#whole(tenant);
  }

  list(): readonly Tenant[] {
    return this.#deps.tenants.list().map((tenant) => this.#whole(tenant));
  }

  onChange(listener: (changes: TenantChanges) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whose names the store keeps, and not the configuration; `undefined`: no lab. */
  accountsOf(tenant: TenantId): readonly LabAccount[] | undefined {
    return this.#deps.tenants.get(tenant)?.config.lab ? (this.#accounts.get(tenant) ?? []) : undefined;
  }

  /** Takes over what the store has now, and tells whom it concerns before it resolves. */
  async load(id: TenantId): Promise<void> {
    const { tenants, store, log } = this.#deps;
    if (!tenants.get(id)?.config.lab) return;
    const turn = (this.#loads.get(id) ?? 0) + 1;
    this.#loads.set(id, turn);
    try {
      const accounts = await store.accounts(id);
      // a later one knows better
      if (this.#loads.get(id) !== turn) return;
      if (isDeepStrictEqual(accounts, this.#accounts.get(id) ?? [])) return;
      const before = this.get(id);
      this.#accounts.set(id, accounts);
      this.#made.delete(id);
      const after = this.get(id);
      if (before !== undefined && after !== undefined)
        this.#tell({ added: [], changed: [{ before, after }], removed: [] });
    } catch (error) {
      log.error({ tenant: id, err: error }, 'the accounts of a lab tenant could not be read');
    }
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #whole(tenant: Tenant): Tenant {
    if (!tenant.config.lab) return tenant;
    const known = this.#made.get(tenant.id);
    if (known?.of === tenant) return known.made;
    const made = { ...tenant, config: withAccounts(tenant.config, this.#accounts.get(tenant.id) ?? []) };
    this.#made.set(tenant.id, { of: tenant, made });
    return made;
  }

  async #begin({ id, config }: Tenant): Promise<void> {
    if (!config.lab) return;
    this.#deps.log.warn(
      { tenant: id },
      'this tenant is a lab: accounts are added and removed from apps, and limits per account are off',
    );
    await this.load(id);
  }

  #follow({ added, changed, removed }: TenantChanges): void {
    const whole = changed.map(({ before, after }) => {
      const last = this.#made.get(before.id);
      return { before: last?.of === before ? last.made : this.#whole(before), after: this.#whole(after) };
    });
    for (const { id } of removed) this.#forget(id);
    for (const { after } of changed) if (!after.config.lab) this.#forget(after.id);
    this.#tell({ added: added.map((tenant) => this.#whole(tenant)), changed: whole, removed });
    for (const tenant of added) void this.#begin(tenant);
    for (const { before, after } of changed) if (!before.config.lab) void this.#begin(after);
  }

  #forget(id: TenantId): void {
    this.#accounts.delete(id);
    this.#made.delete(id);
    this.#loads.set(id, (this.#loads.get(id) ?? 0) + 1);
  }

  #tell(changes: TenantChanges): void {
    for (const listener of [...this.#listeners]) listener(changes);
  }
}
