import { crc32 } from 'node:zlib';

/** 24 bits: red, green, blue. */
export type Colour = number;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const INDEXED = 3;

/** [PNG §5.3] */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/**
 * The same octets, as they are, in the form of compressed ones [RFC1950 §2.2] [RFC1951 §3.2.4]: pictures are known by
 * their hash, and two builds of zlib need not write the same. At most 65,535.
 */
function stored(data: Buffer): Buffer {
  const whole = Buffer.alloc(data.length + 11);
  whole.writeUInt16BE(0x7801, 0);
  whole[2] = 1;
  whole.writeUInt16LE(data.length, 3);
  whole.writeUInt16LE(~data.length & 0xffff, 5);
  data.copy(whole, 7);
  whole.writeUInt32BE(adler32(data), data.length + 7);
  return whole;
}

/** [RFC1950 §8.2] */
function adler32(data: Buffer): number {
  let a = 1;
  let b = 0;
  for (const octet of data) {
    a = (a + octet) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

/** A square picture of at most four colours; `at` gives the number of a pixel's colour. */
export function pngOf(side: number, colours: readonly Colour[], at: (x: number, y: number) => number): Buffer {
  const depth = colours.length <= 2 ? 1 : 2;
  const line = 1 + Math.ceil((side * depth) / 8);
  const rows = Buffer.alloc(line * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const bit = x * depth;
      const index = y * line + 1 + (bit >> 3);
      rows[index] = (rows[index] ?? 0) | (at(x, y) << (8 - depth - (bit & 7)));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = depth;
  header[9] = INDEXED;
  const palette = Buffer.alloc(colours.length * 3);
  for (const [number, colour] of colours.entries()) palette.writeUIntBE(colour, number * 3, 3);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', stored(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
