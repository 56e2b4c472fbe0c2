import type { Tenant } from '../config/tenants.ts';
import { framingOrigins } from './origin.ts';

/** On every answer, also on refusals and on what is no page. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** For what is no page of ours: nothing in it may run or be framed. */
export const NO_PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** For a file that somebody else brought: shown as a picture, sound or film, or not at all; it can do nothing. */
export const FILE_POLICY = `${NO_PAGE_POLICY}; img-src 'self'; media-src 'self'; sandbox`;

export const HSTS = 'max-age=31536000';

/** The page's own policy: only what the gateway serves, framed only by the tenant's websites. */
export function pagePolicy(tenant: Tenant | undefined): string {
  const ancestors = tenant === undefined ? [] : ["'self'", ...framingOrigins(tenant)];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

export const PERMISSIONS =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()';
