/** The edge with real TLS on in-memory pipes: what Node's client sees of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { ManualClock, settled, silentLogger } from '@chat-gateway/runtime';
import { edgeWorld, type EdgeWorld, FakeTenants, tenantOf } from '../../test/support/edge-world.ts';
import { auth, bind, HEADER } from '../../test/support/text-app.ts';
import { makeSelfSigned } from '../config/self-signed.ts';
import { TlsContexts } from './tls-contexts.ts';

const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const pairs = new Map<string, { certificate: string; key: string; ca: string }>();
  before(async () => {
    const now = new ManualClock().now();
    for (const name of ['chat.test', 'acme.test', 'beta.test']) {
      const pem = await makeSelfSigned({ names: [name], now });
      const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`), ca: pem.certificate };
      writeFileSync(files.certificate, pem.certificate);
      writeFileSync(files.key, pem.key);
      pairs.set(name, files);
    }
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const pair = (name: string): { certificate: string; key: string } => {
    const { certificate = '', key = '' } = pairs.get(name) ?? {};
    return { certificate, key };
  };
  async function world(): Promise<EdgeWorld> {
    const tenants = new FakeTenants(
      tenantOf('acme.test', { tls: pair('acme.test') }),
      tenantOf('beta.test', { tls: pair('beta.test') }),
    );
    const contexts = new TlsContexts({
      tenants,
      hostName: 'chat.test',
      fallback: pair('chat.test'),
      clock: new ManualClock(),
      log: silentLogger,
      random: randomBytes,
    });
    contexts.close();
    return edgeWorld({ contexts });
  }

  class Client {
    text = '';
    ended = false;
    error: Error | undefined;
    ticket: Buffer | undefined;
    raw: Duplex;
    secure: TLSSocket | undefined;
    constructor({ edge }: EdgeWorld, transport: 'starttls' | 'direct-tls') {
      const [ours, theirs] = duplexPair();
      this.raw = ours;
      this.#watch(ours);
      edge.accept(theirs, { transport, remoteAddress: '192.0.2.1' });
    }
    #watch(stream: Duplex): void {
      stream.on('data', (chunk: Uint8Array) => {
        this.text += Buffer.from(chunk).toString('latin1');
      });
      for (const event of ['end', 'close']) stream.on(event, () => (this.ended = true));
      stream.on('error', (error) => (this.error = error));
    }
    async secures(options: ConnectionOptions = {}): Promise<TLSSocket> {
      this.raw.removeAllListeners('data');
      this.text = '';
      const socket = connect({ socket: this.raw, rejectUnauthorized: false, ...options });
      this.secure = socket;
      socket.on('session', (session) => (this.ticket = session));
      this.#watch(socket);
      await this.until(
        () => socket.getProtocol() !== null && (socket.authorized || socket.authorizationError !== null),
      );
      return socket;
    }
    async until(isSo: () => boolean): Promise<void> {
      for (let time = 0; time < 5_000 && !isSo() && !this.ended; time++) await settled();
    }
    async says(text: string, wanted: RegExp): Promise<string> {
      this.text = '';
      (this.secure ?? this.raw).write(text);
      await this.until(() => wanted.test(this.text));
      assert.match(this.text, wanted);
      return this.text;
    }
    async startsTls(options: ConnectionOptions = {}, header = HEADER): Promise<TLSSocket> {
      await this.says(header, /<required\/>.*<\/stream:features>/u);
      await this.says(STARTTLS, /<proceed [^>]*\/>/u);
      return this.secures(options);
    }
  }

  it('a login over STARTTLS, with the certificate checked', async () => {
    const client = new Client(await world(), 'starttls');
    const socket = await client.startsTls({
      servername: 'acme.test',
      ca: pairs.get('acme.test')?.ca ?? '',
      rejectUnauthorized: true,
    });
    assert.ok(socket.authorized);
    assert.equal(socket.getProtocol(), 'TLSv1.3');
    const features = await client.says(HEADER, /<\/stream:features>/u);
    assert.ok(!features.includes('starttls'));
    await client.says(auth('jesse', 'secret'), /<success /u);
    await client.says(HEADER + bind('desk'), /<jid>jesse@acme.test\/desk<\/jid>/u);
  });
  for (const options of [{}, { ALPNProtocols: ['xmpp-client'] }, { ALPNProtocols: ['h2', 'xmpp-client'] }])
    it(`direct TLS with ${JSON.stringify(options)}`, async () => {
      const client = new Client(await world(), 'direct-tls');
      const socket = await client.secures({ servername: 'acme.test', ...options });
      assert.equal(socket.alpnProtocol, 'ALPNProtocols' in options ? 'xmpp-client' : false);
      await client.says(HEADER, /<mechanism>PLAIN</u);
    });
  it('direct TLS for another protocol is refused in the handshake', async () => {
    const client = new Client(await world(), 'direct-tls');
    await client.secures({ servername: 'acme.test', ALPNProtocols: ['http/1.1'] });
    assert.match(String(client.error), /no.application.protocol|alert/iu);
  });
  it('B08 TLS 1.1 and older are refused, TLS 1.2 has forward secrecy', async () => {
    const old = new Client(await world(), 'direct-tls');
    await old.secures({
      servername: 'acme.test',
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    assert.match(String(old.error), /protocol|version|alert/iu);
    const client = new Client(await world(), 'direct-tls');
    const socket = await client.secures({ servername: 'acme.test', maxVersion: 'TLSv1.2' });
    assert.match(socket.getCipher().name, /^ECDHE-ECDSA-/u);
    const weak = new Client(await world(), 'direct-tls');
    await weak.secures({ servername: 'acme.test', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' });
    assert.match(String(weak.error), /alert|no shared cipher/iu);
  });
  it('the certificate of the stream is shown to an app without server name', async () => {
    const client = new Client(await world(), 'starttls');
    const socket = await client.startsTls({}, HEADER.replace('acme.test', 'beta.test'));
    assert.equal(socket.getPeerCertificate().subject['CN'], 'beta.test');
  });
  it('B11 a stream of another tenant than the certificates does not go on', async () => {
    const client = new Client(await world(), 'direct-tls');
    await client.secures({ servername: 'beta.test' });
    await client.says(HEADER, /<host-unknown .*<\/stream:stream>/u);
    const own = new Client(await world(), 'direct-tls');
    await own.secures({ servername: 'chat.test' });
    await own.says(HEADER, /<mechanism>PLAIN</u);
  });
  it('B03 what comes behind <starttls/> in the clear is never run', async () => {
    const all = await world();
    const client = new Client(all, 'starttls');
    await client.says(HEADER, /<\/stream:features>/u);
    await client.says(STARTTLS + HEADER + auth('jesse', 'secret'), /<proceed /u);
    await client.secures({ servername: 'acme.test' });
    await client.says(HEADER, /<mechanism>PLAIN</u);
    assert.deepEqual(all.logins.asked, []);
    assert.ok(!client.text.includes('success'));
  });
  it('B04 plain text instead of a handshake closes the connection', async () => {
    const client = new Client(await world(), 'starttls');
    await client.says(HEADER, /<\/stream:features>/u);
    await client.says(STARTTLS, /<proceed /u);
    client.raw.write(HEADER);
    await client.until(() => client.ended);
    assert.ok(client.ended);
  });
  it('B09 a handshake that is not finished is closed after 10 s', async () => {
    const all = await world();
    const clients = [new Client(all, 'direct-tls'), new Client(all, 'starttls')];
    await clients[1]?.says(HEADER, /<\/stream:features>/u);
    await clients[1]?.says(STARTTLS, /<proceed /u);
    await all.clock.advance(9_900);
    assert.equal(all.edge.stats.connections, 2);
    await all.clock.advance(200);
    assert.equal(all.edge.stats.connections, 0);
  });
  it('a returning app needs no second full handshake', async () => {
    const all = await world();
    const client = new Client(all, 'direct-tls');
    await client.secures({ servername: 'acme.test' });
    await client.says(HEADER, /<mechanism>/u);
    await client.until(() => client.ticket !== undefined);
    const session = client.ticket;
    assert.ok(session);
    const again = await new Client(all, 'direct-tls').secures({ servername: 'acme.test', session });
    assert.ok(again.isSessionReused());
  });
  it('B12 renegotiation is refused', async () => {
    const client = new Client(await world(), 'direct-tls');
    const socket = await client.secures({ servername: 'acme.test', maxVersion: 'TLSv1.2' });
    await client.says(HEADER, /<mechanism>/u);
    const results: (Error | null)[] = [];
    socket.renegotiate({ rejectUnauthorized: false }, (error) => results.push(error));
    for (let time = 0; time < 50; time++) await settled();
    assert.ok(!results.includes(null), 'it did not succeed');
  });
  it('a password over plain TCP is refused, and the connection goes on to TLS', async () => {
    const all = await world();
    const client = new Client(all, 'starttls');
    await client.says(HEADER, /<\/stream:features>/u);
    await client.says(auth('jesse', 'secret'), /<encryption-required\/>/u);
    assert.deepEqual(all.logins.asked, []);
  });
});
