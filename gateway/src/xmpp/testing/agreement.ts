import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { XmlElement } from '../element.ts';
import { mutatedStreams, streams } from './documents.ts';
import { type Reading, readStream } from './read-stream.ts';
import { type Expanded, referenceRead } from './reference-reader.ts';

const XML = 'http://www.w3.org/XML/1998/namespace';

function namespaceOf(element: XmlElement | null, prefix: string): string {
  if (prefix === 'xml') return XML;
  for (let at = element; at !== null; at = at.parent) {
    const namespace = at.attrs[prefix === '' ? 'xmlns' : `xmlns:${prefix}`];
    if (typeof namespace === 'string') return namespace;
  }
  return '';
}

function expand(element: XmlElement): Expanded {
  const expandedName = (name: string, isAttribute: boolean): string => {
    const colon = name.indexOf(':');
    const prefix = colon < 0 ? '' : name.slice(0, colon);
    return `{${isAttribute && prefix === '' ? '' : namespaceOf(element, prefix)}}${name.slice(colon + 1)}`;
  };
  return {
    name: expandedName(element.name, false),
    attrs: Object.keys(element.attrs)
      .filter((key) => key !== 'xmlns' && !key.startsWith('xmlns:'))
      .map((key): readonly [string, string] => [expandedName(key, true), element.attrs[key] ?? ''])
      .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
    children: element.children.map((child) => (typeof child === 'string' ? child : expand(child))),
  };
}

/** The first-level elements of a stream that is accepted to its end. */
function accepted(reading: Reading): readonly Expanded[] | undefined {
  return reading.condition === undefined && reading.events.at(-1) === 'end' ? reading.elements.map(expand) : undefined;
}

function inPieces(stream: Buffer, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(stream.subarray(at, at + length));
    at += length;
  }
  pieces.push(stream.subarray(at));
  return pieces;
}

/** How many streams were compared. The comparison means something only if both kinds occur. */
export interface Tally {
  wellFormed: number;
  refused: number;
  /** What the other parser is known to read wrongly: only compared with itself in pieces. */
  unsure: number;
}

const anyStream = fc.oneof(streams, mutatedStreams);
const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 30 });

/**
 * Reads generated streams, well-formed and spoiled, whole and in pieces: ours must take and refuse what the other strict
 * parser does, see the same in it, and see the same in all pieces.
 *
 * @throws when they differ, with the smallest stream that shows it
 */
export function compareReaders(runs: number, seed: number): Tally {
  const tally: Tally = { wellFormed: 0, refused: 0, unsure: 0 };
  const agree = (stream: Buffer, lengths: readonly number[]): void => {
    const whole = readStream([stream]);
    const cut = readStream(inPieces(stream, lengths));
    assert.deepEqual(cut.events, whole.events);
    assert.equal(cut.condition, whole.condition);
    const wanted = referenceRead(stream);
    if (wanted === 'unsure') tally.unsure++;
    else if (wanted === undefined) tally.refused++;
    else tally.wellFormed++;
    if (wanted === 'unsure') return;
    // a reference to white space between stanzas is white space to XML, and text to us
    if (whole.condition === 'bad-format' && stream.includes('&#')) return;
    assert.deepEqual(accepted(whole), wanted, stream.toString('latin1'));
  };
  fc.assert(fc.property(anyStream, cuts, agree), { numRuns: runs, seed });
  return tally;
}
