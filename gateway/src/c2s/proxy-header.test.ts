import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readProxyHeader } from './proxy-header.ts';

const MARK = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

function binary(command: number, family: number, body: Buffer, length = body.length): Buffer {
  const fixed = Buffer.from([command, family, length >> 8, length & 0xff]);
  return Buffer.concat([MARK, fixed, body]);
}
const V4 = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0x30, 0x39, 0x14, 0x66]);
const V6 = Buffer.from(`20010db8000000000000000000000007${'0'.repeat(32)}30391466`, 'hex');
const extra = (type: number, value: string): Buffer => {
  const octets = Buffer.from(value);
  return Buffer.concat([Buffer.from([type, octets.length >> 8, octets.length & 0xff]), octets]);
};

describe('a PROXY header', () => {
  const good: Record<string, [octets: Buffer | string, source: string | undefined]> = {
    'version 1, IPv4': ['PROXY TCP4 192.0.2.7 198.51.100.1 12345 5222\r\n', '192.0.2.7'],
    'version 1, IPv6': ['PROXY TCP6 2001:db8::7 2001:db8::1 12345 5222\r\n', '2001:db8::7'],
    'version 1 of the greatest length': [
      `PROXY TCP6 ${Array(2).fill('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff').join(' ')} 65535 65535\r\n`,
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ],
    'version 1, unknown': ['PROXY UNKNOWN\r\n', undefined],
    'version 1, unknown, with whatever follows': ['PROXY UNKNOWN ffff::1 x y\r\n', undefined],
    'version 2, IPv4': [binary(0x21, 0x11, V4), '192.0.2.7'],
    'version 2, IPv6': [binary(0x21, 0x21, V6), '2001:db8::7'],
    'version 2 with additions': [
      binary(0x21, 0x11, Buffer.concat([V4, extra(0x01, 'xmpp-client'), extra(0x04, ''), extra(0xea, 'vpce-1')])),
      '192.0.2.7',
    ],
    'version 2, over a Unix socket': [binary(0x21, 0x31, Buffer.alloc(216)), undefined],
    'version 2, of nobody': [binary(0x21, 0x00, Buffer.alloc(0)), undefined],
    'version 2, LOCAL': [binary(0x20, 0x00, Buffer.alloc(0)), undefined],
    'version 2, LOCAL, with whatever follows': [binary(0x20, 0x11, Buffer.alloc(7)), undefined],
  };
  for (const [name, [octets, source]] of Object.entries(good)) {
    it(`${name} is read, and nothing behind it`, () => {
      const header = Buffer.from(octets);
      const whole = Buffer.concat([header, Buffer.from('<stream:stream>')]);
      assert.deepEqual(readProxyHeader(whole), { is: 'header', length: header.length, source });
    });
    it(`J06 ${name}, cut anywhere, is waited for`, () => {
      const header = Buffer.from(octets);
      for (let length = 0; length < header.length; length++)
        assert.deepEqual(readProxyHeader(header.subarray(0, length)), { is: 'more' }, `${length}`);
    });
  }

  const wrong: Record<string, Buffer | string> = {
    'no header': `<?xml version='1.0'?>`,
    'a ClientHello': Buffer.from([0x16, 3, 1]),
    'in lower case': 'proxy TCP4 192.0.2.7 192.0.2.1 1 2\r\n',
    'of another protocol': 'PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n',
    'of another family than said': 'PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n',
    'with an address that is none': 'PROXY TCP4 192.0.2.256 192.0.2.1 1 2\r\n',
    'with an address in octal': 'PROXY TCP4 192.0.02.7 192.0.2.1 1 2\r\n',
    'with a port that is none': 'PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n',
    'with a port of two spellings': 'PROXY TCP4 192.0.2.7 192.0.2.1 01 2\r\n',
    'with a port missing': 'PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n',
    'with something more': 'PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n',
    'with two spaces': 'PROXY TCP4  192.0.2.7 192.0.2.1 1 2\r\n',
    'J06 of one line of 1 MB': `PROXY TCP4 ${'1'.repeat(1_000_000)}`,
    'J06 of 108 octets': `PROXY UNKNOWN ${'x'.repeat(94)}`,
    'J06 of version 3': binary(0x31, 0x11, V4),
    'J06 with a command that is none': binary(0x22, 0x11, V4),
    'J06 for datagrams': binary(0x21, 0x12, V4),
    'J06 of a family that is none': binary(0x21, 0x41, V4),
    'J06 too short for its addresses': binary(0x21, 0x21, V4),
    'J06 longer than any that is sent': binary(0x21, 0x11, V4, 60_000),
    'J06 whose addition is longer than the rest': binary(0x21, 0x11, Buffer.concat([V4, Buffer.from([1, 0, 9, 0])])),
    'J06 whose addition has no length': binary(0x21, 0x11, Buffer.concat([V4, Buffer.from([1, 0])])),
  };
  for (const [name, octets] of Object.entries(wrong)) {
    it(`${name} is refused`, () => {
      assert.deepEqual(readProxyHeader(Buffer.from(octets)), { is: 'bad' });
    });
  }

  it('J06 whatever octets come, one of the three is said, and a header lies within them', () => {
    const anything = fc.uint8Array({ maxLength: 300 });
    const likely = fc
      .tuple(fc.constantFrom(0x20, 0x21), fc.constantFrom(0x00, 0x11, 0x21, 0x31), anything, fc.nat({ max: 400 }))
      .map(([command, family, body, length]) => binary(command, family, Buffer.from(body), length));
    fc.assert(
      fc.property(fc.oneof(anything, likely), (octets) => {
        const read = readProxyHeader(Buffer.from(octets));
        if (read.is === 'header') assert.ok(read.length <= octets.length);
      }),
    );
  });
});
