/** Octets of the sequence that `lead` begins; 0 where it begins none. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** Where a sequence that the next octets may complete begins: the length where there is none. */
export function incompleteAt(octets: Uint8Array): number {
  const { length } = octets;
  for (let at = length - 1; at >= 0 && at >= length - 3; at--) {
    const octet = octets[at] ?? 0;
    if (octet >= 0xc0) return lengthOf(octet) > length - at ? at : length;
    if (octet < 0x80) return length;
  }
  return length;
}

/** The least second octet is more than 0x80, or the greatest less than 0xbf, where the sequence would be overlong, a surrogate or too great. */
function isSecond(lead: number, octet: number): boolean {
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const greatest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return octet >= least && octet <= greatest;
}

/** Where the first sequence that is no UTF-8 begins: the length where all is. [RFC3629 §4] */
export function invalidAt(octets: Uint8Array): number {
  let at = 0;
  while (at < octets.length) {
    const lead = octets[at] ?? 0;
    const length = lengthOf(lead);
    if (length === 0) return at;
    if (length > 1 && !isSecond(lead, octets[at + 1] ?? 0)) return at;
    for (let next = 2; next < length; next++) if (((octets[at + next] ?? 0) & 0xc0) !== 0x80) return at;
    at += length;
  }
  return at;
}
