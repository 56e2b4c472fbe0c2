import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { XmlElement } from './element.ts';
import { mutatedStreams, streams } from './testing/documents.ts';
import { type Reading, readStream } from './testing/read-stream.ts';
import { type Expanded, referenceRead } from './testing/reference-reader.ts';

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

const plain = (stream: Buffer): string => stream.toString('latin1');

describe('any stream', () => {
  it('well-formed or not, is read as another strict parser reads it', () => {
    let good = 0;
    let bad = 0;
    const same = (stream: Buffer): void => {
      const wanted = referenceRead(stream);
      if (wanted === 'unsure') return;
      if (wanted === undefined) bad++;
      else good++;
      const reading = readStream([stream]);
      // a reference to white space between stanzas is white space to XML, and text to us
      if (reading.condition === 'bad-format' && stream.includes('&#')) return;
      assert.deepEqual(accepted(reading), wanted, plain(stream));
    };
    fc.assert(fc.property(streams, same), { numRuns: 1000 });
    fc.assert(fc.property(mutatedStreams, same), { numRuns: 1500 });
    // the comparison means something only if both happen
    assert.ok(good > 300 && bad > 300, `${good} good, ${bad} bad`);
  });

  it('A40 says the same however it is cut', () => {
    const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(streams, mutatedStreams), cuts, (stream, lengths) => {
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const length of lengths) {
          chunks.push(stream.subarray(at, at + length));
          at += length;
        }
        chunks.push(stream.subarray(at));
        const whole = readStream([stream]);
        const cut = readStream(chunks);
        assert.deepEqual(cut.events, whole.events);
        assert.equal(cut.condition, whole.condition);
      }),
      { numRuns: 1000 },
    );
  });
});
