import type { Tenant } from '../../../config/tenants.ts';
import { percentEncoded } from './name.ts';

/** As `web/files.ts` serves them: the name is for people, what is before it says which file. */
export function fileAddress({ domain, config }: Tenant, id: string, name: string): string {
  return new URL(`/files/${domain}/${id}/${percentEncoded(name)}`, config.publicUrl).href;
}

/** What an address of the tenant's own says; `undefined`: it is none. */
export function fileIdAt({ domain, config }: Tenant, text: string): string | undefined {
  const url = text.length > LONGEST ? null : URL.parse(text);
  if (url === null || config.publicUrl === undefined || url.origin !== new URL(config.publicUrl).origin)
    return undefined;
  if (url.username + url.password + url.search + url.hash !== '') return undefined;
  const [, files, whose, id, name, ...more] = url.pathname.split('/');
  const isOurs = files === 'files' && whose === domain && name !== undefined && more.length === 0;
  return isOurs && id !== undefined && ID.test(id) ? id : undefined;
}

const ID = /^[0-9a-f]{40}$/u;
const LONGEST = 4_096;
