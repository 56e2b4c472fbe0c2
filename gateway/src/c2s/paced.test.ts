import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BURST, Paced, PIECE } from './paced.ts';

/** A connection that takes one write at a time, when it is told to. */
function slow() {
  const writes: Buffer[] = [];
  let done: ((error?: Error) => void) | undefined;
  const to = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, then) {
      writes.push(chunk);
      done = then;
    },
  });
  to.on('error', () => undefined);
  return {
    to,
    writes,
    get text(): string {
      return Buffer.concat(writes).toString();
    },
    /** False when nothing was under way. */
    async take(error?: Error): Promise<boolean> {
      const then = done;
      done = undefined;
      then?.(error);
      await new Promise(setImmediate);
      return then !== undefined;
    },
  };
}

describe('what goes out over TLS', () => {
  it('goes out at once where it is short and nothing waits', () => {
    const connection = slow();
    new Paced(connection.to).write('hello');
    assert.equal(connection.text, 'hello');
  });

  it('goes out in pieces where it is long, each after the one before', async () => {
    const connection = slow();
    const paced = new Paced(connection.to);
    const text = 'é'.repeat(PIECE);
    paced.write(text);
    assert.equal(connection.writes.length, 1);
    assert.equal(paced.waiting, PIECE + PIECE / 2);
    paced.write('behind it');
    assert.equal(connection.writes.length, 1);
    while (await connection.take());
    assert.deepEqual(
      connection.writes.map(({ length }) => length),
      [PIECE, PIECE, 9],
    );
    assert.equal(connection.text, `${text}behind it`);
    assert.equal(paced.waiting, 0);
  });

  it('goes out at once where there is more than a login brings', () => {
    const connection = slow();
    new Paced(connection.to).write('x'.repeat(BURST + 1));
    assert.equal(connection.writes[0]?.length, BURST + 1);
  });

  it('is all out before the end', async () => {
    const connection = slow();
    const paced = new Paced(connection.to);
    paced.write('x'.repeat(PIECE + 1));
    paced.end('</stream:stream>');
    assert.equal(connection.to.writableEnded, false);
    while (await connection.take());
    assert.equal(connection.to.writableFinished, true);
    assert.ok(connection.text.endsWith('x</stream:stream>'));
  });

  it('ends at once where nothing waits', async () => {
    const connection = slow();
    new Paced(connection.to).end('');
    await new Promise(setImmediate);
    assert.equal(connection.to.writableFinished, true);
  });

  it('is no more when the connection has failed', async () => {
    const connection = slow();
    const paced = new Paced(connection.to);
    paced.write('x'.repeat(3 * PIECE));
    await connection.take(new Error('gone'));
    assert.equal(connection.writes.length, 1);
  });

  it('keeps its order and loses nothing, however it is cut and taken', async () => {
    const step = fc.oneof(
      fc.constant('take' as const),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.nat(2_500).map((length) => 'ü'.repeat(length)),
      fc.nat(900).map((length) => '\u{1f44d}水'.repeat(length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const connection = slow();
        const paced = new Paced(connection.to);
        let said = '';
        for (const one of steps) {
          if (one === 'take') await connection.take();
          else {
            paced.write(one);
            said += one;
          }
        }
        while (await connection.take());
        assert.equal(connection.text, said);
        for (const { length } of connection.writes) assert.ok(length <= PIECE || length > BURST);
      }),
      { numRuns: 60 },
    );
  });
});
