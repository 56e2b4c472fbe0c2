import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inPieces } from './pieces.ts';

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describe('pieces', () => {
  it('are all of one size but the last, and have the same bytes in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 25 }),
        async (parts, size) => {
          const pieces: Uint8Array[] = [];
          for await (const piece of inPieces(chunks(...parts), size)) pieces.push(piece);
          assert.deepEqual(Buffer.concat(pieces), Buffer.concat(parts));
          for (const piece of pieces.slice(0, -1)) assert.equal(piece.length, size);
          const last = pieces.at(-1)?.length ?? size;
          assert.ok(last > 0 && last <= size);
        },
      ),
    );
  });
});
