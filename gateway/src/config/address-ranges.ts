import ipaddr from 'ipaddr.js';

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Says of an address whether one of `trustedProxies` is meant; what is no address or range there means nobody. */
export function isOneOf(proxies: readonly string[]): (address: string | undefined) => boolean {
  const ranges: Range[] = [];
  for (const proxy of proxies) {
    if (ipaddr.isValidCIDR(proxy)) ranges.push(ipaddr.parseCIDR(proxy));
    else if (ipaddr.isValid(proxy)) {
      const address = ipaddr.process(proxy);
      ranges.push([address, address.kind() === 'ipv4' ? 32 : 128]);
    }
  }
  return (address) => {
    if (address === undefined || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some(([base, bits]) => parsed.kind() === base.kind() && parsed.match([base, bits] as never));
  };
}
