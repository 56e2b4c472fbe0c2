import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { makeSelfSigned } from '../config/self-signed.ts';
import { openWeb } from './testing/open-web.ts';

async function makeContext(name: string): Promise<SecureContext> {
  const { certificate, key } = await makeSelfSigned({ names: [name], now: Date.UTC(2026, 0, 5) });
  return createSecureContext({ cert: certificate, key });
}

async function openSecure() {
  const contexts = new Map<string, SecureContext>([
    ['', await makeContext('default')],
    ['a.example', await makeContext('a.example')],
  ]);
  const web = await openWeb({
    domains: ['a.example'],
    https: { contextFor: (name) => contexts.get(name ?? '') ?? (contexts.get('') as SecureContext) },
  });
  const nameShown = async (servername?: string) => {
    const socket = connectTls({
      port: web.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...(servername !== undefined && { servername }),
    });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };
  return { web, contexts, nameShown };
}

describe('https', () => {
  it('shows the certificate of the name that is asked for, else the default', async () => {
    const { web, nameShown } = await openSecure();
    assert.equal(await nameShown('a.example'), 'a.example');
    assert.equal(await nameShown('x.example'), 'default');
    assert.equal(await nameShown(), 'default');
    await web.server.close();
  });

  it('a certificate that is replaced is used by the next connection', async () => {
    const { web, contexts, nameShown } = await openSecure();
    contexts.set('a.example', await makeContext('renewed'));
    contexts.set('', await makeContext('renewed default'));
    assert.deepEqual([await nameShown('a.example'), await nameShown()], ['renewed', 'renewed default']);
    await web.server.close();
  });

  it('J17 serves the page with HSTS', async () => {
    const { web } = await openSecure();
    const asked = request({
      port: web.port,
      host: '127.0.0.1',
      servername: 'a.example',
      rejectUnauthorized: false,
      agent: false,
      headers: { host: 'a.example' },
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['strict-transport-security'], 'max-age=31536000');
    await web.server.close();
  });

  it('a handshake that does not end is cut after 10 s, plain text at once', async () => {
    const { web } = await openSecure();
    const silent = connect(web.port, '127.0.0.1');
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    const plain = connect(web.port, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await once(plain.resume(), 'close');
    await web.clock.advance(10_000);
    await closed;
    await web.server.close();
  });

  it('closing does not wait for handshakes', async () => {
    const { web } = await openSecure();
    const silent = connect(web.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const closed = once(silent.resume(), 'close');
    await web.server.close();
    await closed;
  });
});
