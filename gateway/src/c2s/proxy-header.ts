/**
 * The PROXY protocol, versions 1 and 2: with what a balancer says first, whose connection it passes on.
 * [The PROXY protocol, haproxy.org/download/3.2/doc/proxy-protocol.txt]
 */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

export type ProxyHeader =
  /** so far it could be one */
  | { readonly is: 'more' }
  | { readonly is: 'bad' }
  /** of so many octets; without `source` the balancer speaks for itself, or does not know */
  | { readonly is: 'header'; readonly length: number; readonly source: string | undefined };

const more: ProxyHeader = { is: 'more' };
const bad: ProxyHeader = { is: 'bad' };

/** With its line end. [§2.1] */
const MAX_TEXT = 107;
/** Of version 2 with all that is added to it; what balancers send has less than a tenth of it. */
const MAX_BINARY = 4_096;
const TEXT_MARK = Buffer.from('PROXY ');
const BINARY_MARK = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const TEXT = /^PROXY (TCP4|TCP6) (\S+) (\S+) (\S+) (\S+)$/u;
const PORT = /^(?:0|[1-9]\d{0,4})$/u;

/** What the first octets of a connection are. Never more than {@link MAX_BINARY} of them are looked at. */
export function readProxyHeader(octets: Buffer): ProxyHeader {
  if (startsLike(octets, BINARY_MARK)) return binary(octets);
  return startsLike(octets, TEXT_MARK) ? text(octets) : bad;
}

/** One begins with the other, as far as there is anything. */
function startsLike(octets: Buffer, mark: Buffer): boolean {
  const length = Math.min(octets.length, mark.length);
  return octets.subarray(0, length).equals(mark.subarray(0, length));
}

function text(octets: Buffer): ProxyHeader {
  const end = octets.subarray(0, MAX_TEXT).indexOf('\r\n');
  if (end < 0) return octets.length >= MAX_TEXT ? bad : more;
  const line = octets.toString('latin1', 0, end);
  const length = end + 2;
  // whatever else such a line says is ignored
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return { is: 'header', length, source: undefined };
  const [, family, source = '', destination = '', ...ports] = TEXT.exec(line) ?? [];
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (family === undefined || !isAddress(source) || !isAddress(destination) || !ports.every(isPort)) return bad;
  return { is: 'header', length, source };
}

const isPort = (port: string): boolean => PORT.test(port) && Number(port) <= 65_535;

const LOCAL = 0x20;
const PROXY = 0x21;
const NOBODY = 0x00;
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX_STREAM = 0x31;
/** Of source and destination, with ports, by family and transport. */
const ADDRESS_OCTETS = new Map([
  [NOBODY, 0],
  [TCP4, 12],
  [TCP6, 36],
  [UNIX_STREAM, 216],
]);

function binary(octets: Buffer): ProxyHeader {
  if (octets.length < 16) return more;
  const command = octets[12];
  const family = octets[13] ?? NOBODY;
  const length = 16 + octets.readUInt16BE(14);
  if ((command !== LOCAL && command !== PROXY) || length > MAX_BINARY) return bad;
  if (octets.length < length) return more;
  const body = octets.subarray(16, length);
  // a check of the balancer's own: the rest means nothing
  if (command === LOCAL) return { is: 'header', length, source: undefined };
  const addresses = ADDRESS_OCTETS.get(family);
  if (addresses === undefined || body.length < addresses || !areExtras(body.subarray(addresses))) return bad;
  const source = family === TCP4 ? body.subarray(0, 4) : family === TCP6 ? body.subarray(0, 16) : undefined;
  return { is: 'header', length, source: source && ipaddr.fromByteArray([...source]).toString() };
}

/** Type, length and value, one after the other, up to the end. [§2.2] */
function areExtras(octets: Buffer): boolean {
  let at = 0;
  while (at + 3 <= octets.length) at += 3 + octets.readUInt16BE(at + 1);
  return at === octets.length;
}
