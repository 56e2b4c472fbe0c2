import type { Duplex } from 'node:stream';

/** Whose a stream is. */
export interface StreamOwner {
  heard(chunk: Uint8Array): void;
  ended(): void;
  /** It is closed, or has failed. */
  gone(): void;
}

const owner = Symbol('owner');

interface Owned extends Duplex {
  [owner]?: StreamOwner;
}

// One of each for all streams: thousands of idle ones would have closures of their own.
function onData(this: Owned, chunk: Uint8Array): void {
  this[owner]?.heard(chunk);
}
function onEnd(this: Owned): void {
  this[owner]?.ended();
}
function onGone(this: Owned): void {
  this[owner]?.gone();
}

/** From now on `who` hears of its end. */
export function own(duplex: Duplex, who: StreamOwner): void {
  const owned: Owned = duplex;
  owned[owner] = who;
  owned.on('error', onGone);
  owned.on('close', onGone);
}

/** Its owner hears what comes; the stream begins to flow by itself. */
export function listen(duplex: Duplex): void {
  duplex.on('data', onData);
  duplex.on('end', onEnd);
}

/** What comes from now on is somebody else's. */
export function leave(duplex: Duplex): void {
  duplex.off('data', onData);
  duplex.off('end', onEnd);
}
