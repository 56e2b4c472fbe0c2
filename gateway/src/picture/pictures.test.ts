import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { SIDE } from './identicon.ts';
import { KEPT, type Picture, Pictures } from './pictures.ts';
import { pngOf } from './png.ts';

interface Decoded {
  readonly side: number;
  readonly colours: readonly number[];
  /** Row by row, the number of each pixel's colour. */
  readonly pixels: readonly (readonly number[])[];
}

/** Reads what the writer writes, and nothing more [PNG §5]. */
function decoded(file: Buffer): Decoded {
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < file.length) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(body));
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'PLTE', 'IDAT', 'IEND']);
  const part = (name: string) => chunks.get(name) ?? Buffer.alloc(0);
  const side = part('IHDR').readUInt32BE(0);
  const depth = part('IHDR').readUInt8(8);
  assert.deepEqual([...part('IHDR').subarray(9)], [3, 0, 0, 0]);
  const rows = inflateSync(part('IDAT'));
  const line = 1 + Math.ceil((side * depth) / 8);
  assert.equal(rows.length, line * side);
  const pixels = Array.from({ length: side }, (_, y) => {
    assert.equal(rows[y * line], 0);
    return Array.from({ length: side }, (_none, x) => {
      const bit = x * depth;
      return (rows.readUInt8(y * line + 1 + (bit >> 3)) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    });
  });
  const palette = part('PLTE');
  const colours = Array.from({ length: palette.length / 3 }, (_, number) => palette.readUIntBE(number * 3, 3));
  return { side, colours, pixels };
}

const fileOf = ({ data }: Picture) => Buffer.from(data, 'base64');

function luminance(colour: number): number {
  const linear = (value: number) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [red = 0, green = 0, blue = 0] = [16, 8, 0].map((shift) => linear(((colour >> shift) & 0xff) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('a PNG file', () => {
  it('has the pixels that were drawn, whatever its size and colours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 0xffffff }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (side, colours, numbers) => {
          const drawn = Array.from({ length: side }, () =>
            Array.from({ length: side }, () => Number(numbers.next().value) % colours.length),
          );
          assert.deepEqual(decoded(pngOf(side, colours, (x, y) => drawn[y]?.[x] ?? 0)), {
            side,
            colours,
            pixels: drawn,
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a picture', () => {
  const pictures = new Pictures();
  const texts = Array.from({ length: 300 }, (_, number) => `chat${number}`);

  it('is the same for the same text, on every gateway, and named by its hash', () => {
    const one = pictures.of('k3f8a9c2m1n4b7v6x5z0q2w8e1');
    assert.deepEqual(new Pictures().of('k3f8a9c2m1n4b7v6x5z0q2w8e1'), one);
    assert.equal(one.sha1, hash('sha1', fileOf(one)));
    // it must not change with the version of Node or the machine: apps would fetch it again
    assert.equal(one.sha1, '8437ab8b2fcb3a0a42a46863fd8a8ca4d6d6a14d');
  });

  it('is mirrored, has a margin, and neither too little nor too much in it', () => {
    for (const text of texts) {
      const { side, pixels } = decoded(fileOf(pictures.of(text)));
      assert.equal(side, SIDE);
      let filled = 0;
      for (const [y, row] of pixels.entries()) {
        assert.deepEqual(row, row.toReversed());
        if (y < 12 || y >= SIDE - 12) assert.ok(row.every((pixel) => pixel === 0));
        filled += row.reduce((sum, pixel) => sum + pixel, 0);
      }
      const share = filled / (40 * 40);
      assert.ok(share > 0.25 && share < 0.85, `${text}: ${share}`);
    }
  });

  it('lies inside the circle that apps cut out', () => {
    for (const picture of [...texts.map((text) => pictures.of(text)), pictures.sign])
      for (const [y, row] of decoded(fileOf(picture)).pixels.entries())
        for (const [x, pixel] of row.entries())
          if (pixel !== 0) assert.ok(Math.hypot(x + 0.5 - SIDE / 2, y + 0.5 - SIDE / 2) < SIDE / 2);
  });

  it('can be told from its ground', () => {
    for (const text of texts) {
      const [ground = 0, shape = 0] = decoded(fileOf(pictures.of(text))).colours.map(luminance);
      // [WCAG 2.2 §1.4.11]
      assert.ok((ground + 0.05) / (shape + 0.05) >= 3, text);
    }
  });

  it('differs from nearly all others', () => {
    assert.ok(new Set(texts.map((text) => pictures.of(text).sha1)).size > texts.length - 3);
  });

  it('fits in a message many times over', () => {
    assert.ok(pictures.of('x').data.length < 1_000);
    assert.ok(pictures.sign.data.length < 1_600);
  });

  it('R12 is kept for as long as it is among the last used ones', () => {
    const some = new Pictures();
    const first = some.of('first');
    const second = some.of('second');
    for (let number = 0; number < KEPT - 1; number++) some.of(`${number}`);
    assert.equal(some.of('first') === first, false, 'it was the oldest');
    assert.equal(some.of('second') === second, false);
    const kept = some.of('kept');
    for (let number = 0; number < 2 * KEPT; number++) {
      some.of(`other ${number}`);
      if (number % 100 === 0) assert.equal(some.of('kept'), kept);
    }
    assert.equal(some.count, KEPT);
  });
});
