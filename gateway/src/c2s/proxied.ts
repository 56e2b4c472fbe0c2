import type { Duplex } from 'node:stream';
import type { Clock } from '@chat-gateway/runtime';
import { HANDSHAKE_TIME } from './limits.ts';
import { readProxyHeader } from './proxy-header.ts';

export interface Proxied {
  /** Whose connection it is; `undefined` where the balancer does not say. What follows the header is left in the duplex. */
  readonly from: (source: string | undefined) => void;
  /** It is closed: there was no header in time, or a wrong one. */
  readonly refused: () => void;
}

/** Reads the header that a balancer puts before everything else. */
export function readProxied(duplex: Duplex, clock: Clock, { from, refused }: Proxied): void {
  let octets = Buffer.alloc(0);
  const refuse = (): void => {
    leave();
    duplex.destroy();
    refused();
  };
  const onData = (chunk: Uint8Array): void => {
    octets = Buffer.concat([octets, chunk]);
    const header = readProxyHeader(octets);
    if (header.is === 'more') return;
    if (header.is === 'bad') {
      refuse();
      return;
    }
    leave();
    duplex.pause();
    if (header.length < octets.length) duplex.unshift(octets.subarray(header.length));
    from(header.source);
  };
  const ignore = (): void => undefined;
  const cancel = clock.after(HANDSHAKE_TIME, refuse);
  const leave = (): void => {
    cancel();
    duplex.off('data', onData);
    duplex.off('end', refuse);
    duplex.off('close', leave);
    // an error that comes later must still find somebody
    if (!duplex.destroyed) duplex.off('error', ignore);
  };
  duplex.on('error', ignore);
  duplex.on('close', leave);
  duplex.on('end', refuse);
  duplex.on('data', onData);
}
