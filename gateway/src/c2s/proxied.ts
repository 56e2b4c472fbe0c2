import type { Duplex } from 'node:stream';
import type { Clock } from '@chat-gateway/runtime';
import { HANDSHAKE_TIME } from './limits.ts';
import { readProxyHeader } from './proxy-header.ts';

export interface Proxied {
  /** Whose connection it is; `undefined` where the balancer does not say. What follows the header is left in the duplex. */
  readonly from: (source: string | undefined) => void;
  /** It is closed: there was no header in time, or a wrong one. */
  readonly refused: () => void;
  /** It is closed: it ended before it said anything, or was cut. So are probes of balancers, and scans of ports. */
  readonly gone: () => void;
}

/** Reads the header that a balancer puts before everything else. */
export function readProxied(duplex: Duplex, clock: Clock, { from, refused, gone }: Proxied): void {
  let octets = Buffer.alloc(0);
  const refuse = (): void => {
    leave();
    duplex.destroy();
    refused();
  };
  const onClose = (): void => {
    leave();
    gone();
  };
  const onEnd = (): void => {
    if (octets.length > 0) refuse();
    else duplex.destroy();
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
    duplex.off('end', onEnd);
    duplex.off('close', onClose);
    // an error that comes later must still find somebody
    if (!duplex.destroyed) duplex.off('error', ignore);
  };
  duplex.on('error', ignore);
  duplex.on('close', onClose);
  duplex.on('end', onEnd);
  duplex.on('data', onData);
}
