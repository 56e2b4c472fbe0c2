import { createServer, type Server, type Socket } from 'node:net';
import { type Address, listen, type Logger } from '@chat-gateway/runtime';
import type { Edge } from './edge.ts';

export interface XmppListenerDeps {
  readonly edge: Edge;
  readonly log: Logger;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly transport: 'starttls' | 'direct-tls';
}

/** TCP ports whose connections go to an edge. */
export interface XmppListener {
  /** Rejects as the system does: the port is taken, or not ours. */
  listen(options: ListenOptions): Promise<Address>;
  /** Takes no more connections; those that are open are the edge's. */
  close(): Promise<void>;
}

export function createXmppListener({ edge, log }: XmppListenerDeps): XmppListener {
  const servers: Server[] = [];
  return {
    async listen({ host, port, transport }) {
      const server = createServer({ noDelay: true, keepAlive: true }, (socket: Socket) => {
        edge.accept(socket, { remoteAddress: socket.remoteAddress, transport });
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
      // the port is free at once; the event comes only when the last connection has gone
      for (const server of servers.splice(0)) server.close();
    },
  };
}
