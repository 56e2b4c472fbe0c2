import fc from 'fast-check';
import { HEADER } from './read-stream.ts';

const name = fc.constantFrom('a', 'b', 'body', 'p:a', 'q:b', 'xml:c', 'ñ', 'constructor', '__proto__', 'a-1.b');
const attributeName = fc.constantFrom('x', 'y', 'to', 'p:x', 'q:x', 'p:y', 'xml:lang', '__proto__', 'é');
const declaration = fc.constantFrom(
  ["xmlns='u'", 4],
  ["xmlns=''", 2],
  ["xmlns:p='u'", 4],
  ["xmlns:q='u'", 4],
  ["xmlns:q='v'", 4],
  ["xmlns:p=''", 1],
  ["xmlns:xml='u'", 1],
  ["xmlns:xmlns='u'", 1],
  ["xmlns='jabber:server'", 1],
);
const piece = fc.constantFrom(
  ...['a', 'é', '€', '𝄞', ' ', '\t', '\r', '\n', '\r\n', '>', ']', ']]', '/', "'", '"'],
  ...['&amp;', '&lt;', '&gt;', '&apos;', '&quot;', '&#65;', '&#x1D11E;', '&#13;', '&#10;'],
);
const value = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('').replaceAll("'", '.'));
const attribute = fc.tuple(attributeName, value).map(([key, text]) => `${key}='${text}'`);
const section = fc
  .array(fc.constantFrom('a', '<', '&', ']', '>', '\r\n', 'é', '&amp;'), { maxLength: 5 })
  .map((pieces) => `<![CDATA[${pieces.join('').replaceAll(']]>', '')}]]>`);

const goodDeclaration = fc.constantFrom("xmlns='u'", "xmlns:p='u'", "xmlns:q='v'", "xmlns:r='w'");

/** Elements: `good` ones have no attribute twice, and no prefix that is not declared. */
const elements = (good: boolean): fc.Arbitrary<string> => {
  const anyAttribute = fc.oneof(
    attribute,
    declaration.map(([text]) => String(text)),
  );
  const localName = (text: string): string => {
    const key = text.slice(0, text.indexOf('='));
    return key.startsWith('xmlns') ? key : key.replace(/^[pq]:/u, '');
  };
  const attributes = good
    ? fc.uniqueArray(fc.oneof(attribute, goodDeclaration), { maxLength: 4, selector: localName })
    : fc.array(anyAttribute, { maxLength: 4 });
  return fc.letrec<{ element: string; child: string }>((tie) => ({
    element: fc
      .tuple(name, attributes, fc.array(tie('child'), { maxLength: 4 }), fc.constantFrom('', ' ', '\n'))
      .map(([tag, own, children, space]) => {
        const start = [tag, ...new Set(own)].join(' ');
        return children.length === 0 && space === ' '
          ? `<${start}${space}/>`
          : `<${start}${space}>${children.join('')}</${tag}${space}>`;
      }),
    child: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
      section,
      tie('element'),
    ),
  })).element;
};

const DECLARING = HEADER.replace('>', " xmlns:p='u' xmlns:q='w'>");

const streamOf = (header: fc.Arbitrary<string>, element: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(header, fc.array(fc.tuple(element, fc.constantFrom('', ' ', '\n')), { maxLength: 3 }))
    .map(([start, parts]) => Buffer.from(`${start}${parts.flat().join('')}</stream:stream>`));

/** Streams, most of them well-formed. */
export const streams: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 3, arbitrary: streamOf(fc.constant(DECLARING), elements(true)) },
  { weight: 1, arbitrary: streamOf(fc.constantFrom(HEADER, DECLARING), elements(false)) },
);

const nasty = fc
  .constantFrom(
    ...[
      '<',
      '>',
      '/',
      '&',
      ';',
      '"',
      "'",
      '=',
      ' ',
      ':',
      ']]>',
      '<!--',
      '-->',
      '<?x?>',
      '<![CDATA[',
      '</a>',
      '<a>',
      '0',
    ],
    ...[
      '&foo;',
      '&#0;',
      '&#xD800;',
      '&#xFFFE;',
      '\0',
      '\x0b',
      '\ufffe',
      '\ufeff',
      "x='1'",
      " x='1'",
      "xmlns:z='u' ",
      'z:',
    ],
  )
  .map((text) => Buffer.from(text));
const badOctets = fc
  .constantFrom(...[[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5], [0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80], [0xff]])
  .map((octets) => Buffer.from(octets));

/** Streams of which some octets were taken out, put in or exchanged, after the header. */
export const mutatedStreams: fc.Arbitrary<Buffer> = fc
  .tuple(
    streams,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.oneof({ weight: 4, arbitrary: nasty }, badOctets)), {
      minLength: 1,
      maxLength: 2,
    }),
  )
  .map(([stream, changes]) => {
    let changed = stream;
    for (const [where, removed, inserted] of changes) {
      const from = changed.indexOf('>') + 1;
      const at = from + (where % Math.max(1, changed.length - '</stream:stream>'.length - from));
      changed = Buffer.concat([
        changed.subarray(0, at),
        removed === 3 ? Buffer.of() : inserted,
        changed.subarray(at + removed),
      ]);
    }
    return changed;
  });
