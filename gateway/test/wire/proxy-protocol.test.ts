/** Behind a balancer that speaks the PROXY protocol: 127.0.0.2 is trusted, 127.0.0.1 is not. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type GatewayOnPorts, openGateway } from './gateway-on-ports.ts';
import { STARTTLS, WireClient, header, login, streamErrorIn } from './wire-client.ts';

const BALANCER = '127.0.0.2';
let gateway: GatewayOnPorts;
before(async () => {
  gateway = await openGateway({ balancer: BALANCER, limits: { connectionsPerAddress: 3 } });
});
after(async () => {
  await gateway.stop();
});

const v1 = (source: string): string => `PROXY TCP4 ${source} 192.0.2.200 40000 5222\r\n`;
function v2(source: readonly number[], command = 0x21, extra: readonly number[] = []): Buffer {
  const body = [...source, 192, 0, 2, 200, 0x9c, 0x40, 0x14, 0x66, ...extra];
  const mark = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
  return Buffer.concat([mark, Buffer.from([command, 0x11, 0, body.length, ...body])]);
}
async function through(first: string | Buffer): Promise<WireClient> {
  const client = await WireClient.plain(gateway, BALANCER);
  client.write(first);
  return client;
}

describe('a trusted balancer', () => {
  const good: Record<string, string | Buffer> = {
    'version 1': v1('192.0.2.10'),
    'version 2': v2([192, 0, 2, 11]),
    'version 2 with additions': v2([192, 0, 2, 12], 0x21, [0x04, 0, 2, 0, 0]),
    'version 1, unknown': 'PROXY UNKNOWN\r\n',
    'version 2, LOCAL': v2([0, 0, 0, 0], 0x20),
  };
  for (const [name, first] of Object.entries(good))
    it(`J06 ${name}: is served, with STARTTLS and a login`, async () => {
      const client = await through(first);
      await client.says(`${header()}${STARTTLS}`, '<proceed');
      await client.secure();
      await client.says(header(), '</stream:features>');
      await client.says(login(), '<success');
      client.close();
    });
  it('J06 a header and the stream in one segment, or octet by octet', async () => {
    const whole = await through(v1('192.0.2.13') + header());
    await whole.hears('</stream:features>');
    whole.close();
    const crumbs = await WireClient.plain(gateway, BALANCER);
    for (const octet of Buffer.concat([v2([192, 0, 2, 14]), Buffer.from(header())])) crumbs.write(Buffer.of(octet));
    await crumbs.hears('</stream:features>');
    crumbs.close();
  });
  it('a header before direct TLS', async () => {
    const raw = connect({ port: gateway.xmppTls, host: '127.0.0.1', localAddress: BALANCER });
    raw.write(v2([192, 0, 2, 15]));
    const client = await WireClient.tls(gateway, { socket: raw });
    await client.says(header(), '</stream:features>');
    client.close();
  });
  it('limits count the address that the header says, and not the balancer', async () => {
    const open: WireClient[] = [];
    const served = async (address: string): Promise<boolean> => {
      const client = await through(v1(address) + header());
      open.push(client);
      await client.hears('</stream:features>').catch(() => undefined);
      return client.text !== '';
    };
    for (const address of ['198.51.100.1', '198.51.100.2'])
      for (let time = 0; time < 3; time++) assert.ok(await served(address));
    assert.ok(!(await served('198.51.100.1')), 'the fourth of one address');
    assert.ok(await served('198.51.100.3'));
    for (const client of open) client.close();
  });

  const wrong: Record<string, string | Buffer> = {
    'no header': header(),
    'a header of one line of 1 MB': `PROXY TCP4 ${'1'.repeat(1_000_000)}`,
    'additions that are garbage': v2([192, 0, 2, 16], 0x21, [1, 0xff, 0xff, 7]),
    'an address that is none': 'PROXY TCP4 192.0.2.300 192.0.2.1 1 2\r\n',
  };
  for (const [name, first] of Object.entries(wrong))
    it(`J06 ${name}: closed without a word`, async () => {
      const client = await through(first);
      assert.equal(await client.farewell(), '');
    });
  it('J06 a header that does not end is closed at 10 s', async () => {
    const client = await through(v2([192, 0, 2, 17]).subarray(0, 20));
    await gateway.clock.advance(9_000);
    assert.ok(!client.closed);
    await gateway.clock.advance(1_100);
    assert.equal(await client.farewell(), '');
  });
  it('who runs the gateway is told, once', () => {
    const lines = gateway.logged.filter((line) => line.includes('PROXY'));
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0] ?? '', /192\.0\.2/u);
  });
});

describe('anybody else', () => {
  it('J05 that sends a header is not believed: it is no XML', async () => {
    for (const first of [v1('192.0.2.20'), v2([192, 0, 2, 21])]) {
      const client = await WireClient.plain(gateway);
      client.write(first);
      client.write(header());
      const text = await client.farewell();
      assert.equal(streamErrorIn(text), 'not-well-formed');
      assert.doesNotMatch(text, /192\.0\.2/u);
    }
  });
  it('is served as ever', async () => {
    const client = await WireClient.plain(gateway);
    await client.says(header(), '</stream:features>');
    client.close();
  });
});
