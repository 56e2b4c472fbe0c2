/** A whole session, however it is cut into segments, over every transport. */
import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type GatewayOnPorts, openGateway } from './gateway-on-ports.ts';
import { STARTTLS, WireClient, bind, header, login } from './wire-client.ts';

let gateway: GatewayOnPorts;
before(async () => {
  gateway = await openGateway();
});
after(async () => {
  await gateway.stop();
});

const PARTS = [
  header(),
  login(),
  header(),
  bind('whole'),
  `<iq type='get' id='q1'><query xmlns='jabber:iq:roster'/></iq>`,
  `<iq type='get' id='q2'><ping xmlns='urn:xmpp:ping'/></iq>`,
  `<iq type='get' id='q3'><query xmlns='urn:x'>é€𝄞</query></iq>`,
];
const ANSWERS = ['</stream:features>', '<success', '</stream:features>', '</iq>', "id='q1'", "id='q2'", "id='q3'"];

/** What was said, but for what is new in every stream. Answers to requests may come in any order. */
const essence = (text: string): string[] =>
  text
    .replace(/ id='[0-9a-f]{32}'/g, '')
    .split(/(?=<iq |<\/stream:stream>)/)
    .sort();

type Writing = (client: WireClient, text: string) => void;
const inOne: Writing = (client, text) => client.write(text);
const octetByOctet: Writing = (client, text) => {
  for (const octet of Buffer.from(text)) client.write(Buffer.of(octet));
};

async function ended(client: WireClient, said = ''): Promise<string[]> {
  for (const id of ['q1', 'q2', 'q3']) await client.hears(`id='${id}'`);
  client.write('</stream:stream>');
  return essence(said + (await client.farewell()));
}

async function slowly(): Promise<string[]> {
  const client = await WireClient.tls(gateway);
  let all = '';
  for (const [n, part] of PARTS.entries()) {
    client.write(part);
    await client.hears(ANSWERS[n] ?? '');
    if (n < PARTS.length - 3) {
      all += client.text;
      client.forget();
    }
  }
  return ended(client, all);
}

/** Passes a connection on, as segments of one octet in both directions. */
async function crumbling(port: number): Promise<{ server: Server; port: number }> {
  const server = createServer({ noDelay: true }, (near: Socket) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        for (const octet of chunk) to.write(Buffer.of(octet));
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

describe('A40 a whole session has the same outcome', () => {
  const writings = { 'in one segment': inOne, 'octet by octet': octetByOctet };
  for (const [name, write] of Object.entries(writings)) {
    it(`over direct TLS, ${name}`, async () => {
      const client = await WireClient.tls(gateway);
      write(client, PARTS.join(''));
      assert.deepEqual(await ended(client), await slowly());
    });
    it(`over STARTTLS, ${name}`, async () => {
      const client = await WireClient.plain(gateway);
      write(client, `${header()}${STARTTLS}`);
      await client.hears('<proceed');
      await client.secure();
      write(client, PARTS.join(''));
      assert.deepEqual(await ended(client), await slowly());
    });
  }
  it('over TCP that carries one octet at a time, handshakes and all', async () => {
    const [plain, direct] = [await crumbling(gateway.xmpp), await crumbling(gateway.xmppTls)];
    const through = { ...gateway, xmpp: plain.port, xmppTls: direct.port };
    const wanted = await slowly();
    const overTls = await WireClient.tls(through);
    overTls.write(PARTS.join(''));
    assert.deepEqual(await ended(overTls), wanted);
    const upgraded = await WireClient.plain(through);
    upgraded.write(`${header()}${STARTTLS}`);
    await upgraded.hears('<proceed');
    await upgraded.secure();
    upgraded.write(PARTS.join(''));
    assert.deepEqual(await ended(upgraded), wanted);
    for (const { server } of [plain, direct]) server.close();
  });
});
