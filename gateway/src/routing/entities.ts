import { hash } from 'node:crypto';
import type { Entity, EntityInfo, Feature } from '../features/feature.ts';

/** XEP-0115 `node`: which software this is. */
export const CAPS_NODE = 'https://chatgateway.dev';

const PRODUCT = 'Chat Gateway';
const identities: Readonly<Record<Entity, EntityInfo['identity']>> = {
  domain: { category: 'server', type: 'im', name: PRODUCT },
  lab: { category: 'server', type: 'im', name: PRODUCT },
  account: { category: 'account', type: 'registered', name: PRODUCT },
  'visitors-domain': { category: 'component', type: 'generic', name: PRODUCT },
  visitor: { category: 'client', type: 'web', name: PRODUCT },
  gateway: { category: 'client', type: 'bot', name: PRODUCT },
  staff: { category: 'client', type: 'pc', name: PRODUCT },
  app: { category: 'client', type: 'pc', name: PRODUCT },
};

/** The verification string of an identity without language and of features [XEP-0115 §5.1]. */
export function capsVer(identity: EntityInfo['identity'], features: readonly string[]): string {
  const { category, type, name } = identity;
  const parts = [`${category}/${type}//${name}`, ...[...features].sort(byOctets)];
  return hash('sha1', `${parts.join('<')}<`, 'base64');
}

/** i;octet collation [RFC4790 §9.3]. */
function byOctets(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What service discovery says of everybody, from what the features declare. */
export function describeEntities(features: readonly Feature[]): Readonly<Record<Entity, EntityInfo>> {
  const describe = (entity: Entity, ...as: readonly Entity[]): EntityInfo => {
    const all = [entity, ...as].flatMap((one) => features.flatMap((feature) => feature.disco?.[one] ?? []));
    const announced = [...new Set(all)].sort(byOctets);
    const identity = identities[entity];
    return { identity, features: announced, ver: capsVer(identity, announced) };
  };
  return {
    domain: describe('domain'),
    lab: describe('lab', 'domain'),
    account: describe('account'),
    'visitors-domain': describe('visitors-domain'),
    visitor: describe('visitor'),
    gateway: describe('gateway'),
    staff: describe('staff'),
    app: describe('app'),
  };
}
