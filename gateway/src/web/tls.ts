import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '@chat-gateway/runtime';
import { HANDSHAKE_MS } from './limits.ts';

/** Certificates by the name that the browser asks for; without one, the default. */
export interface WebCertificates {
  contextFor(serverName: string | undefined): SecureContext;
}

/**
 * Puts TLS under an HTTP server. Contexts come ready-made and change while the gateway runs, also the one for
 * browsers that name no server, which `https.createServer` takes only as files at its start.
 * Returns what cuts the handshakes that are under way: the server does not know those connections yet.
 */
export function secureConnections(server: Server, certificates: WebCertificates, clock: Clock): () => void {
  const handshaking = new Set<TLSSocket>();
  const plain = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => undefined);
    // a browser that is gone before it is through would leave half a connection behind
    raw.allowHalfOpen = false;
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: certificates.contextFor(undefined),
      ALPNProtocols: ['http/1.1'],
      SNICallback(serverName, done) {
        try {
          done(null, certificates.contextFor(serverName));
        } catch (error) {
          done(error instanceof Error ? error : new Error('no certificate'));
        }
      },
    });
    socket.disableRenegotiation();
    handshaking.add(socket);
    const cancel = clock.after(HANDSHAKE_MS, () => {
      socket.destroy();
    });
    const done = () => {
      cancel();
      handshaking.delete(socket);
    };
    socket.on('error', () => socket.destroy());
    socket.once('close', done);
    socket.once('secure', () => {
      done();
      for (const listener of plain) Reflect.apply(listener, server, [socket]);
    });
  });
  return () => {
    for (const socket of handshaking) socket.destroy();
  };
}
