import type { Octets } from './octets.ts';

/** Names that nearly every stanza is made of. Found here, they need no copy, and are property keys already. */
const NAMES =
  'message presence iq body subject thread show status priority active composing paused inactive gone query item group ' +
  'error text x c r a ping request received delay photo vCard value field feature identity enable resume auth bind ' +
  'resource session starttls origin-id store no-copy markable displayed html span storage pubsub publish items jid ' +
  'to from type id xmlns xml:lang ver node hash h stamp name subscription var xmlns:stream version mechanism resume ' +
  'previd by category';

const SIZE = 1024;
const TABLE: (string | undefined)[] = Array.from({ length: SIZE }, () => undefined);

export const nextHash = (hash: number, octet: number): number => (hash * 31 + octet) & 0xffffff;

for (const name of NAMES.split(' ')) {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = nextHash(hash, name.charCodeAt(at));
  TABLE[hash % SIZE] ??= name;
}

/** The known name that stands at `from`, by the hash of its octets. */
export function knownName(hash: number, octets: Octets, from: number, to: number): string | undefined {
  const name = TABLE[hash % SIZE];
  if (name === undefined || name.length !== to - from) return undefined;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== octets[from + at]) return undefined;
  return name;
}
