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
 */
export function secureConnections(server: Server, certificates: WebCertificates, clock: Clock): void {
  const plain = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => undefined);
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
    const cancel = clock.after(HANDSHAKE_MS, () => {
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', cancel);
    socket.once('secure', () => {
      cancel();
      for (const listener of plain) Reflect.apply(listener, server, [socket]);
    });
  });
}
