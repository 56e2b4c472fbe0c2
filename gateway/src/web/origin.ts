import type { Tenant } from '../config/tenants.ts';
import type { Peer } from './peer.ts';

/** A website's origin, fit for a policy header: nothing that could add a directive. */
const ORIGIN = /^https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?$|^https?:\/\/\[[0-9a-f:]+\](?::\d{1,5})?$/u;

/** Websites that may show this tenant's page in a frame. */
export function framingOrigins(tenant: Tenant): readonly string[] {
  return tenant.config.allowedOrigins
    .map((origin) => origin.trim().toLowerCase().replace(/\/$/u, ''))
    .filter((origin) => ORIGIN.test(origin));
}

/**
 * True for a call that our own page made. Browsers put `Origin` on every POST and every upgrade, so a call
 * without one, or with `null`, is not from our page. Schemes may differ where a proxy speaks https for us.
 */
export function isOwnOrigin(origin: string | undefined, peer: Peer, tenant: Tenant | undefined): boolean {
  if (origin === undefined || !ORIGIN.test(origin)) return false;
  const url = URL.parse(origin);
  if (url === null) return false;
  const own = URL.parse(`${url.protocol}//${peer.host}`);
  if (own !== null && own.host === url.host) return true;
  const publicUrl = tenant?.config.publicUrl;
  return publicUrl !== undefined && URL.parse(publicUrl)?.origin === url.origin;
}
