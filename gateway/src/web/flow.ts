import type { Clock } from '@chat-gateway/runtime';

/** Passes bytes on. When for so long none is asked for, or none comes, `onStall` is called. */
export async function* flowing(
  bytes: AsyncIterable<Uint8Array>,
  stallMs: number,
  clock: Clock,
  onStall: () => void,
): AsyncGenerator<Uint8Array> {
  let cancel = clock.after(stallMs, onStall);
  try {
    for await (const chunk of bytes) {
      cancel();
      cancel = clock.after(stallMs, onStall);
      yield chunk;
    }
  } finally {
    cancel();
  }
}
