import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { own, type StreamOwner } from './owner.ts';
import type { Handshake, TlsContexts } from './tls-contexts.ts';

export interface Upgrade {
  readonly contexts: TlsContexts;
  /** Where STARTTLS was asked for. */
  readonly streamTo: string | undefined;
  readonly owner: StreamOwner;
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

/** The server's side of a handshake on any duplex stream. COMPAT(Conversations: it offers ALPN on STARTTLS too) */
export function upgrade(duplex: Duplex, { contexts, streamTo, owner, secured }: Upgrade): TLSSocket {
  const socket = new TLSSocket(duplex, {
    isServer: true,
    secureContext: contexts.forServerName(undefined, streamTo),
    SNICallback: contexts.callbackFor(streamTo),
    ALPNCallback: chooseProtocol,
  });
  socket.disableRenegotiation();
  own(socket, owner);
  socket.once('secure', () => {
    secured(socket, { serverName: serverNameOf(socket), streamTo });
  });
  return socket;
}

function serverNameOf({ servername }: TLSSocket & { readonly servername?: unknown }): string | undefined {
  return typeof servername === 'string' ? servername : undefined;
}

/** Calls `then` when something has come, which is left in the duplex (paused), or when nothing comes any more. */
export function whenHeard(duplex: Duplex, then: (isThere: boolean) => void): void {
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
