import { hash } from 'node:crypto';
import { type Colour, pngOf } from './png.ts';

export const SIDE = 64;
/** Cells of a side, their size, and what is left round them: apps cut a circle out, which must not cut the shape. */
const CELLS = 5;
const CELL = 8;
const MARGIN = (SIDE - CELLS * CELL) / 2;
/** Columns that say what the mirrored ones are. */
const HALF = 3;

/** A calm colour and its light ground, in which every shape can be told apart. */
const COLOURS: readonly (readonly [ground: Colour, shape: Colour])[] = [
  [0xf6e9e9, 0xa94f4f],
  [0xf6ede4, 0xa0652f],
  [0xf4f0de, 0x8a7420],
  [0xecf2e0, 0x64802c],
  [0xe4f2e6, 0x3d8350],
  [0xe1f1ee, 0x2c7f74],
  [0xe2f0f5, 0x2f7795],
  [0xe5ecf7, 0x4469a8],
  [0xeae9f7, 0x6158ab],
  [0xf1e8f5, 0x855099],
  [0xf6e7f0, 0xa04a7c],
  [0xecedef, 0x5a6473],
];

/** Which cells of the left half are filled: neither nearly all nor nearly none, so that there is a shape to see. */
function shapeOf(bytes: Buffer): number {
  const most = 2 ** (HALF * CELLS) - 1;
  for (let at = 1; at + 1 < bytes.length; at++) {
    const shape = bytes.readUInt16BE(at) & most;
    const filled = shape.toString(2).replaceAll('0', '').length;
    if (filled >= 6 && filled <= 10) return shape;
  }
  return 0b010_111_110_011_101;
}

/** A picture for whoever has none: the same for the same text, mirrored left to right, 64 × 64. */
export function identicon(text: string): Buffer {
  const bytes = hash('sha256', text, 'buffer');
  const colours = COLOURS[(bytes[0] ?? 0) % COLOURS.length] ?? [0xffffff, 0];
  const shape = shapeOf(bytes);
  return pngOf(SIDE, colours, (x, y) => {
    const column = Math.floor((x - MARGIN) / CELL);
    const row = Math.floor((y - MARGIN) / CELL);
    if (column < 0 || row < 0 || column >= CELLS || row >= CELLS) return 0;
    return (shape >> (row * HALF + Math.min(column, CELLS - 1 - column))) & 1;
  });
}

/** Points per pixel and side, for soft edges. */
const POINTS = 3;
const DOTS = [23, 32, 41];

/** A bubble in which somebody writes; inside a circle, as apps cut one out. */
function isBubble(x: number, y: number): boolean {
  if (DOTS.some((dot) => Math.hypot(x - dot, y - 29) < 2.8)) return false;
  const isTail = x > 21 && y >= 39 && y - x < 27 && x + y < 73;
  const [right, down] = [Math.abs(x - 32) - 13, Math.abs(y - 29) - 5];
  return isTail || Math.hypot(Math.max(right, 0), Math.max(down, 0)) < 6;
}

/** The sign of the contact `Chat Gateway`. */
export function sign(): Buffer {
  const shades = [0x2c7f74, 0x6fa8a1, 0xb3d2ce, 0xf7fbfa];
  return pngOf(SIDE, shades, (x, y) => {
    let inside = 0;
    for (let point = 0; point < POINTS ** 2; point++) {
      const [column, row] = [point % POINTS, Math.floor(point / POINTS)];
      if (isBubble(x + (column + 0.5) / POINTS, y + (row + 0.5) / POINTS)) inside++;
    }
    return Math.round((inside / POINTS ** 2) * (shades.length - 1));
  });
}
