/** STARTTLS and direct TLS over real sockets. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { makeSelfSigned } from '../../src/config/self-signed.ts';
import { until } from '../support/until.ts';
import { ACME, type GatewayOnPorts, HOST, OTHER, PASSWORD, openGateway } from './gateway-on-ports.ts';
import { STARTTLS, WireClient, base64, bind, header, login, streamErrorIn } from './wire-client.ts';

let gateway: GatewayOnPorts;
before(async () => {
  gateway = await openGateway();
});
after(async () => {
  await gateway.stop();
});

async function insecure(): Promise<WireClient> {
  const client = await WireClient.plain(gateway);
  await client.says(header(), '</stream:features>');
  client.forget();
  return client;
}

describe('before STARTTLS', () => {
  it('B01 a password is refused, and logged nowhere', async () => {
    const client = await insecure();
    const text = await client.says(login('jesse', PASSWORD), '</failure>');
    assert.match(text, /<encryption-required\/>/);
    assert.doesNotMatch(gateway.logged.join('\n'), new RegExp(`${PASSWORD}|${base64(`\0jesse\0${PASSWORD}`)}`));
    client.close();
  });
  it('B02 a stanza is not-authorized', async () => {
    const client = await insecure();
    client.write(`<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>`);
    assert.equal(streamErrorIn(await client.farewell()), 'not-authorized');
  });
  it('nothing but STARTTLS is offered, and it is required', async () => {
    const client = await WireClient.plain(gateway);
    const text = await client.says(header(), '</stream:features>');
    assert.match(text, /<stream:features><starttls [^>]*><required\/><\/starttls><\/stream:features>$/);
    client.close();
  });
  it('B07 compression is not offered, and refused', async () => {
    const client = await insecure();
    const text = await client.says(
      `<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>`,
      '</failure>',
    );
    assert.match(text, /<unsupported-method\/>/);
    client.close();
  });
});

describe('STARTTLS', () => {
  it('leads to a new stream that offers PLAIN, and STARTTLS no more', async () => {
    const client = await insecure();
    await client.says(STARTTLS, '<proceed');
    await client.secure();
    const text = await client.says(header(), '</stream:features>');
    assert.match(text, /<mechanism>PLAIN<\/mechanism>/);
    // B16: no data of channel binding is bound, so none is offered
    assert.doesNotMatch(text, /starttls|compress|channel-binding/);
    await client.says(login(), '<success');
    client.close();
  });
  it('B03 what came in the same segment is dropped: it does not run after the handshake', async () => {
    const client = await insecure();
    await client.says(`${STARTTLS}${login()}`, '<proceed');
    const socket = await client.secure().catch(() => undefined);
    // a handshake that the gateway refuses is as good
    if (socket !== undefined) {
      const text = await client.says(header(), '</stream:features>');
      assert.doesNotMatch(text, /<success|<failure/);
    }
    client.close();
  });
  it('B04 an element between <starttls/> and the handshake spoils the handshake', async () => {
    const client = await insecure();
    await client.says(STARTTLS, '<proceed');
    client.write(' <message/>');
    await client.farewell();
    assert.doesNotMatch(client.text, /<success|<stream:features>/);
  });
  it('B05 twice is refused', async () => {
    const client = await insecure();
    await client.says(STARTTLS, '<proceed');
    client.write(STARTTLS);
    await client.farewell();
    assert.equal(client.text.split('<proceed').length, 2);
  });
  it('B05 inside of TLS fails, and closes', async () => {
    const client = await WireClient.open(gateway);
    client.write(STARTTLS);
    const text = await client.farewell();
    assert.match(text, /^<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'\/><\/stream:stream>$/);
  });
  it('all that was claimed before it is forgotten', async () => {
    const client = await WireClient.plain(gateway);
    const first = await client.says(header().replace(' to=', " from='varun@acme.example' to="), '</stream:features>');
    await client.says(STARTTLS, '<proceed');
    await client.secure();
    const second = await client.says(header(), '</stream:features>');
    assert.doesNotMatch(second, /varun/);
    const id = / id='([0-9a-f]+)'/;
    assert.notEqual(id.exec(second)?.[1], id.exec(first)?.[1]);
    client.close();
  });
});

describe('TLS', () => {
  it('B08 versions before 1.2 are refused', async () => {
    await assert.rejects(
      WireClient.tls(gateway, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' }),
    );
  });
  it('B08 weak ciphers are refused', async () => {
    for (const ciphers of ['NULL@SECLEVEL=0', 'aNULL@SECLEVEL=0', 'RC4@SECLEVEL=0', '3DES@SECLEVEL=0'])
      await assert.rejects(async () => WireClient.tls(gateway, { maxVersion: 'TLSv1.2', ciphers }), ciphers);
  });
  it('1.2 and 1.3 are served, with the ALPN of XMPP clients', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const client = await WireClient.tls(gateway, { minVersion: version, maxVersion: version });
      const socket = client.socket as TLSSocket;
      assert.equal(socket.getProtocol(), version);
      assert.equal(socket.alpnProtocol, 'xmpp-client');
      client.close();
    }
  });
  it('B12 renegotiation is refused', async () => {
    const client = await WireClient.tls(gateway, { maxVersion: 'TLSv1.2' });
    let asked: Error | null | undefined;
    (client.socket as TLSSocket).renegotiate({}, (error) => {
      asked = error;
    });
    await client.farewell();
    assert.notEqual(asked, null);
  });
  it('B09 handshakes that are never finished are closed at 10 s, and their descriptors are free', async () => {
    const descriptors = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
    const before = await descriptors();
    const afterProceed = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const client = await insecure();
        await client.says(STARTTLS, '<proceed');
        return client;
      }),
    );
    // half a ClientHello, or nothing at all
    const direct = await Promise.all(
      Array.from({ length: 700 }, () => WireClient.plain({ ...gateway, xmpp: gateway.xmppTls })),
    );
    for (const client of direct.slice(0, 350)) client.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
    const clients = [...afterProceed, ...direct];
    await until(
      async () => (await descriptors()) >= before + 2 * clients.length,
      () => 'not all are accepted',
    );
    await gateway.clock.advance(9_000);
    assert.ok(clients.every((client) => !client.closed));
    await gateway.clock.advance(1_500);
    for (const client of clients) await client.farewell();
    for (const client of clients) client.close();
    await until(
      async () => (await descriptors()) <= before + 5,
      () => 'descriptors are still open',
    );
  });

  const certificateFor = async (servername: string): Promise<string | undefined> => {
    const client = await WireClient.tls(gateway, { servername });
    const names = (client.socket as TLSSocket).getPeerCertificate().subjectaltname;
    client.close();
    return names;
  };
  it('the server name chooses the certificate', async () => {
    assert.match((await certificateFor(OTHER)) ?? '', /other\.example/);
    assert.match((await certificateFor(ACME)) ?? '', /acme\.example/);
    assert.match((await certificateFor(HOST)) ?? '', /chat\.example/);
    assert.match((await certificateFor('nobody.example')) ?? '', /chat\.example/);
  });
  it('B15 a new certificate on disk is shown to who comes, and streams that are open stay', async () => {
    const shown = async (): Promise<string> => {
      const client = await WireClient.tls(gateway, { servername: OTHER });
      const { fingerprint256 } = (client.socket as TLSSocket).getPeerCertificate();
      client.close();
      return fingerprint256;
    };
    const stays = await WireClient.tls(gateway, { servername: OTHER });
    await stays.says(header(OTHER), '</stream:features>');
    await stays.says(login(), '<success');
    stays.forget();
    await stays.says(header(OTHER), '</stream:features>');
    await stays.says(bind('stays'), '</iq>');
    const replaced = async (pair: { certificate: string; key: string }): Promise<void> => {
      await writeFile(gateway.certificate.certificate, pair.certificate);
      await writeFile(gateway.certificate.key, pair.key);
    };
    const before = await shown();
    const good = await makeSelfSigned({ names: [OTHER], now: gateway.clock.now() });
    const wanted = new X509Certificate(good.certificate).fingerprint256;
    await replaced(good);
    await until(
      async () => {
        await gateway.clock.advance(1_000);
        return (await shown()) === wanted;
      },
      () => 'the old certificate is shown',
    );
    assert.notEqual(wanted, before);

    // with a key that is not its own: kept out, and told
    const other = await makeSelfSigned({ names: [OTHER], now: gateway.clock.now() });
    await replaced({ certificate: good.certificate, key: other.key });
    await until(
      async () => {
        await gateway.clock.advance(1_000);
        return gateway.logged.some((line) => line.includes('new certificate is not used'));
      },
      () => 'not told',
    );
    assert.equal(await shown(), wanted);
    assert.doesNotMatch(gateway.logged.join('\n'), /PRIVATE KEY/u);
    stays.forget();
    await stays.says(`<iq type='get' id='alive'><ping xmlns='urn:xmpp:ping'/></iq>`, "id='alive'");
    stays.close();
  });
  it('B11 a stream for another tenant than the server name said is refused, where the certificate is not theirs', async () => {
    const client = await WireClient.tls(gateway, { servername: OTHER });
    client.write(header(ACME));
    assert.equal(streamErrorIn(await client.farewell()), 'host-unknown');
  });
  it("B11 the gateway's own host name goes with every tenant", async () => {
    for (const to of [ACME, OTHER]) {
      const client = await WireClient.tls(gateway, { servername: HOST });
      await client.says(header(to), '</stream:features>');
      client.close();
    }
  });
});
