import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { isOneOf } from '../config/address-ranges.ts';

/** Who is on the other end, as far as the connection and trusted proxies say. */
export interface Peer {
  /** Never logged. */
  readonly address: string;
  /** What limits count by: the address, or the /64 of an IPv6 one. */
  readonly addressKey: string;
  /** The browser's connection is https, here or at a trusted proxy. */
  readonly secure: boolean;
  /** As the browser named it, with a port where there is one. */
  readonly host: string;
}

function keyOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6) {
    return `${parsed.parts
      .slice(0, 4)
      .map((part) => part.toString(16))
      .join(':')}::/64`;
  }
  return parsed.toString();
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/**
 * Makes the reader of peers. `X-Forwarded-*` counts only as far as the proxies that wrote it are trusted:
 * read from the right, the first address that is no trusted proxy is the browser. `onUntrusted` hears of others that
 * say whom they speak for.
 */
export function peerReader(
  trustedProxies: readonly string[],
  onUntrusted: () => void = () => undefined,
): (request: IncomingMessage) => Peer {
  const isTrusted = isOneOf(trustedProxies);
  return (request) => {
    const remote = request.socket.remoteAddress ?? '';
    let address = ipaddr.isValid(remote) ? ipaddr.process(remote).toString() : remote;
    let secure = request.socket instanceof TLSSocket;
    let host = request.headers.host ?? '';
    if (!isTrusted(address)) {
      if (request.headers['x-forwarded-for'] !== undefined) onUntrusted();
    } else {
      const hops = (header(request, 'x-forwarded-for') ?? '').split(',').slice(-20);
      for (let index = hops.length - 1; index >= 0; index--) {
        const hop = (hops[index] ?? '').trim();
        if (!ipaddr.isValid(hop)) break;
        address = ipaddr.process(hop).toString();
        if (!isTrusted(address)) break;
      }
      const protocol = header(request, 'x-forwarded-proto')?.split(',').at(-1)?.trim();
      if (protocol !== undefined) secure = protocol === 'https';
      host = header(request, 'x-forwarded-host')?.split(',').at(-1)?.trim() ?? host;
    }
    return { address, addressKey: keyOf(address), secure, host };
  };
}
