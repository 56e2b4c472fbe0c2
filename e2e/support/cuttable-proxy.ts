import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which way bytes are lost. They are taken from the sender, as a network that has failed in the middle does. */
type Loss = 'none' | 'to-app' | 'to-gateway' | 'both';

/** A network between an app and the gateway that can fail. */
export interface CuttableProxy {
  readonly port: number;
  /** From now on, on every connection. A connection that has lost bytes must be cut: nothing sensible follows. */
  lose(loss: Loss): void;
  /** Resets every connection, both ways. */
  cut(): void;
  /** While down, every new connection is reset. */
  setDown(down: boolean): void;
  /** Connections that came in so far. */
  accepted(): number;
  close(): Promise<void>;
}

/** A reset of a socket that is just being ended fails, and would leave a handle that never closes. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export async function openProxy(target: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let down = false;
  let loss: Loss = 'none';

  const carry = (from: Socket, to: Socket, way: Loss): void => {
    sockets.add(from);
    from.on('data', (bytes) => {
      if (loss !== way && loss !== 'both') to.write(bytes);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((app) => {
    app.on('error', () => undefined);
    if (down) {
      reset(app);
      return;
    }
    accepted += 1;
    const gateway = connect(target, '127.0.0.1');
    carry(app, gateway, 'to-gateway');
    carry(gateway, app, 'to-app');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) reset(socket);
  };
  return {
    port: (server.address() as AddressInfo).port,
    lose(value) {
      loss = value;
    },
    cut,
    setDown(value) {
      down = value;
    },
    accepted: () => accepted,
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
