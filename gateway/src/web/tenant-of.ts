import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import type { Tenant, Tenants } from '../config/tenants.ts';

/** Host name of a `Host` header, canonical and without its port; nothing when it is none. */
export function hostNameOf(host: string): string | undefined {
  if (!/^[^\s/@?#\\]{1,260}$/u.test(host)) return undefined;
  const url = URL.parse(`http://${host}`);
  return url === null ? undefined : url.hostname.replace(/\.$/u, '');
}

function canonical(domain: string): string | undefined {
  if (domain.length > 253) return undefined;
  const ascii = domainToASCII(domain.trim()).replace(/\.$/u, '');
  return ascii === '' ? undefined : ascii;
}

/** Names that belong to the machine and not to one helpdesk. */
function isOfTheMachine(hostName: string): boolean {
  return (
    hostName === 'localhost' ||
    !hostName.includes('.') ||
    /\.(localhost|local)$/u.test(hostName) ||
    ipaddr.isValid(hostName.replace(/^\[|\]$/gu, ''))
  );
}

/**
 * The tenant that a page is for.
 *
 * | Host | `?tenant=` | is |
 * |---|---|---|
 * | domain or public address of one tenant | absent, or the same | that one |
 * | … | another | unknown: nobody's page under somebody else's address |
 * | shared or of the machine | known | the one asked for |
 * | of the machine | absent | the one whose domain it is, else the only one there is |
 * | any other | absent | unknown |
 */
export function tenantOf(tenants: Tenants, host: string, asked: string | undefined): Tenant | undefined {
  const hostName = hostNameOf(host);
  if (hostName === undefined) return undefined;
  const wanted = asked === undefined ? undefined : canonical(asked);
  if (asked !== undefined && wanted === undefined) return undefined;
  const askedFor = wanted === undefined ? undefined : tenants.find(wanted);
  const byDomain = tenants.find(hostName);
  if (isOfTheMachine(hostName)) {
    if (asked !== undefined) return askedFor;
    const all = tenants.list();
    return byDomain ?? (all.length === 1 ? all[0] : undefined);
  }
  const owners =
    byDomain === undefined
      ? tenants.list().filter(({ config }) => {
          const url = config.publicUrl === undefined ? null : URL.parse(config.publicUrl);
          return url?.hostname === hostName;
        })
      : [byDomain];
  const [owner] = owners;
  if (owners.length === 1 && owner !== undefined) {
    return asked === undefined || askedFor?.id === owner.id ? owner : undefined;
  }
  return askedFor;
}

/** The tenant that a call's path names. */
export function tenantNamed(tenants: Tenants, domain: string): Tenant | undefined {
  const wanted = canonical(domain);
  return wanted === undefined ? undefined : tenants.find(wanted);
}
