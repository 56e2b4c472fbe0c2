import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and the gateway that can fail. */
export interface CuttableProxy {
  readonly port: number;
  /** Resets every connection, both ways. */
  cut(): void;
  /** Connections that came in so far. */
  accepted(): number;
  /** While down, every new connection is reset. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

export async function openProxy(target: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let down = false;
  const server = createServer((client) => {
    if (down) {
      client.resetAndDestroy();
      return;
    }
    accepted += 1;
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    accepted: () => accepted,
    setDown(value) {
      down = value;
    },
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
