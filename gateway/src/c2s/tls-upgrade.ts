import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Handshakes } from './handshakes.ts';
import { own, type StreamOwner } from './owner.ts';
import type { Handshake, TlsContexts } from './tls-contexts.ts';

interface Applicant extends StreamOwner {
  readonly isWaiting: boolean;
}

export interface Securing {
  readonly contexts: TlsContexts | undefined;
  readonly handshakes: Handshakes;
  /** Where STARTTLS was asked for. */
  readonly streamTo: string | undefined;
  readonly owner: Applicant;
  /** From now on this is the connection. */
  readonly begun: (socket: TLSSocket) => void;
  readonly failed: (cause: unknown) => void;
  readonly secured: (socket: TLSSocket, handshake: Handshake) => void;
}

const XMPP = 'xmpp-client';

/**
 * [XEP-0368 §3]. Not `ALPNProtocols`: of a list Node makes a copy for each connection, in memory that it shares with
 * buffers which are long gone.
 */
function chooseProtocol({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return protocols.includes(XMPP) ? XMPP : undefined;
}

/** Who says nothing costs nothing; who does, has to wait where many do. */
export function secure(duplex: Duplex, how: Securing): void {
  const { owner, handshakes } = how;
  whenHeard(duplex, (isThere) => {
    if (isThere) handshakes.enter(() => begin(duplex, how));
    else owner.gone();
  });
}

function begin(duplex: Duplex, { contexts, streamTo, owner, begun, failed, secured }: Securing): void {
  if (!owner.isWaiting) return;
  try {
    if (contexts === undefined) throw new Error('no certificates');
    const socket = handshakeOn(duplex, contexts, streamTo);
    own(socket, owner);
    socket.once('secure', () => {
      secured(socket, { serverName: serverNameOf(socket), streamTo });
    });
    begun(socket);
  } catch (cause) {
    failed(cause);
  }
}

/** The server's side, on any duplex stream. COMPAT(Conversations: it offers ALPN on STARTTLS too) */
function handshakeOn(duplex: Duplex, contexts: TlsContexts, streamTo: string | undefined): TLSSocket {
  const socket = new TLSSocket(duplex, {
    isServer: true,
    secureContext: contexts.forServerName(undefined, streamTo),
    SNICallback: contexts.callbackFor(streamTo),
    ALPNCallback: chooseProtocol,
  });
  socket.disableRenegotiation();
  return socket;
}

function serverNameOf({ servername }: TLSSocket & { readonly servername?: unknown }): string | undefined {
  return typeof servername === 'string' ? servername : undefined;
}

/** Calls `then` when something has come, which is left in the duplex (paused), or when nothing comes any more. */
function whenHeard(duplex: Duplex, then: (isThere: boolean) => void): void {
  const onEnd = (): void => {
    duplex.off('data', onData);
    then(false);
  };
  const onData = (chunk: Uint8Array): void => {
    duplex.off('data', onData);
    duplex.off('end', onEnd);
    duplex.pause();
    duplex.unshift(chunk);
    then(true);
  };
  duplex.on('end', onEnd);
  duplex.on('data', onData);
  duplex.resume();
}
