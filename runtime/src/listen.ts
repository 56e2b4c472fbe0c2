import type { Server } from 'node:net';

export interface Address {
  readonly host: string;
  /** The one in use: what was asked for, or what the system chose for port 0. */
  readonly port: number;
}

async function tryHost(server: Server, host: string, port: number): Promise<Address> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(error);
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      const address = server.address();
      resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
}

/**
 * Starts a server (TCP, TLS or HTTP). `::` means every address, also on a machine without IPv6.
 * Rejects with the system's error (`EADDRINUSE`, `EACCES`…), which names the port.
 */
export async function listen(server: Server, host: string, port: number): Promise<Address> {
  try {
    return await tryHost(server, host, port);
  } catch (error) {
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT';
    if (host !== '::' || !noIpv6) throw error;
    return tryHost(server, '0.0.0.0', port);
  }
}
