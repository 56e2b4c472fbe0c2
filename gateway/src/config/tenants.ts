import type { TenantId } from '../helpdesk/model.ts';
import type { TenantConfig } from './schema.ts';

/** A tenant as the running gateway knows it. */
export interface Tenant {
  readonly id: TenantId;
  /** Canonical: lower case, A-labels, no final dot. */
  readonly domain: string;
  /** `visitors.<domain>`: where visitors and the contact `Chat Gateway` are. */
  readonly visitorsDomain: string;
  readonly config: TenantConfig;
}

export interface TenantChanges {
  readonly added: readonly Tenant[];
  readonly changed: readonly { readonly before: Tenant; readonly after: Tenant }[];
  readonly removed: readonly Tenant[];
}

/** The tenants that exist now. Suspended ones are not in it: they get the same answers as unknown ones. */
export interface Tenants {
  /** By canonical domain. */
  find(domain: string): Tenant | undefined;
  get(id: TenantId): Tenant | undefined;
  list(): readonly Tenant[];
  /** Called after each change; returns what stops it. */
  onChange(listener: (changes: TenantChanges) => void): () => void;
}
