import ipaddr from 'ipaddr.js';
import type { Limits } from '../config/schema.ts';

/** What counts as one address: IPv4 as it is (also when mapped), IPv6 by its /64; `''` where nobody knows. */
export function addressKey(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return address ?? '';
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** Counts what is open by key, up to a maximum. */
class Places {
  readonly #open = new Map<string, number>();

  take(key: string, maximum: number): boolean {
    const open = this.#open.get(key) ?? 0;
    if (open >= maximum) return false;
    this.#open.set(key, open + 1);
    return true;
  }

  leave(key: string): void {
    const open = this.#open.get(key) ?? 0;
    if (open <= 1) this.#open.delete(key);
    else this.#open.set(key, open - 1);
  }
}

/** Connections of one address, and logged-in connections of one tenant. */
export class ConnectionLimits {
  readonly #limits: Limits;
  readonly addresses = new Places();
  readonly tenants = new Places();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  takeAddress(key: string): boolean {
    return key === '' || this.addresses.take(key, this.#limits.connectionsPerAddress);
  }

  leaveAddress(key: string): void {
    if (key !== '') this.addresses.leave(key);
  }

  takeTenant(tenant: string): boolean {
    return this.tenants.take(tenant, this.#limits.connectionsPerTenant);
  }
}
