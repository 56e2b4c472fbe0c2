import { createServer, type Server, type Socket } from 'node:net';
import { type Address, type Clock, listen, type Logger } from '@chat-gateway/runtime';
import { isOneOf } from '../config/address-ranges.ts';
import type { Edge } from './edge.ts';
import { readProxied } from './proxied.ts';

export interface XmppListenerDeps {
  readonly edge: Pick<Edge, 'accept'>;
  readonly log: Logger;
  /** Addresses and ranges of balancers; the clock is for their headers. */
  readonly balancers?: { readonly trusted: readonly string[]; readonly clock: Clock };
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly transport: 'starttls' | 'direct-tls';
  /** Connections of trusted balancers begin with a PROXY header. */
  readonly proxyProtocol?: boolean;
}

/** TCP ports whose connections go to an edge. */
export interface XmppListener {
  /** Rejects as the system does: the port is taken, or not ours. */
  listen(options: ListenOptions): Promise<Address>;
  /** Takes no more connections; those that are open are the edge's. */
  close(): Promise<void>;
}

export function createXmppListener({ edge, log, balancers }: XmppListenerDeps): XmppListener {
  const servers: Server[] = [];
  /** Those whose header has not come. */
  const nameless = new Set<Socket>();
  const isTrusted = isOneOf(balancers?.trusted ?? []);
  let isWarned = false;

  const acceptProxied = (socket: Socket, clock: Clock, accept: (remoteAddress: string | undefined) => void): void => {
    nameless.add(socket);
    readProxied(socket, clock, {
      from: (source) => {
        nameless.delete(socket);
        accept(source);
      },
      refused: () => {
        nameless.delete(socket);
        if (isWarned) return;
        isWarned = true;
        log.warn({}, 'a trusted proxy sent no good PROXY header: is the PROXY protocol switched on there?');
      },
      gone: () => {
        nameless.delete(socket);
      },
    });
  };

  return {
    async listen({ host, port, transport, proxyProtocol = false }) {
      const server = createServer({ noDelay: true, keepAlive: true }, (socket: Socket) => {
        const accept = (remoteAddress: string | undefined): void => {
          edge.accept(socket, { remoteAddress, transport });
        };
        const { remoteAddress } = socket;
        if (balancers === undefined || !isTrusted(remoteAddress)) accept(remoteAddress);
        else if (proxyProtocol) acceptProxied(socket, balancers.clock, accept);
        // a balancer's own address is nobody's
        else accept(undefined);
      });
      const address = await listen(server, host, port);
      // such as too many open files: what is open goes on, new connections wait
      server.on('error', (cause) => {
        log.error({ err: cause }, 'an XMPP port failed');
      });
      servers.push(server);
      return address;
    },
    async close() {
      for (const socket of nameless) socket.destroy();
      // the port is free at once; the event comes only when the last connection has gone
      for (const server of servers.splice(0)) server.close();
    },
  };
}
