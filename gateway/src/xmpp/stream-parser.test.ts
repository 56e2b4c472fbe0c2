import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PRE_AUTH_LIMITS } from './limits.ts';
import { HEADER, type Reading, inChunks, octets, readStream } from './testing/read-stream.ts';

/** Reads it whole and octet by octet: both must be the same. */
function read(input: string | Uint8Array, limits = PRE_AUTH_LIMITS): Reading {
  const whole = readStream([octets(input)], limits);
  const cut = readStream(inChunks(octets(input), 1), limits);
  assert.deepEqual(cut.events, whole.events);
  assert.equal(cut.condition, whole.condition);
  return whole;
}

const inHeader = (input: string): string => HEADER + input;
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('what ends a stream', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'x'.repeat(100)}">${'<!ENTITY b "&a;&a;&a;">'.repeat(9)}]>`;
  const table: Record<string, [input: string | Uint8Array, condition: string]> = {
    'A01 a DOCTYPE before the header': [`<!DOCTYPE x [<!ENTITY a "b">]>${HEADER}`, 'restricted-xml'],
    'A01 a DOCTYPE after the XML declaration': [`<?xml version='1.0'?><!DOCTYPE x>${HEADER}`, 'restricted-xml'],
    'A01 a DOCTYPE in the stream': [inHeader('<!DOCTYPE x>'), 'restricted-xml'],
    'A02 billion laughs': [`${bomb}${HEADER}`, 'restricted-xml'],
    'A04 an external entity': ['<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 'restricted-xml'],
    'A05 a parameter entity': ['<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/">%a;]>', 'restricted-xml'],
    'A05 an external DTD': ['<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">', 'restricted-xml'],
    'A05 a declaration of an entity in a stanza': [inHeader('<a><!ENTITY b "c"></a>'), 'restricted-xml'],
    'A06 an entity that nobody declared': [inHeader('<a>&foo;</a>'), 'restricted-xml'],
    'A06 the same in an attribute': [inHeader("<a b='&foo;'/>"), 'restricted-xml'],
    'A06 an entity without an end': [inHeader('<a>&amp</a>'), 'not-well-formed'],
    'A06 an entity without a name': [inHeader('<a>&;</a>'), 'not-well-formed'],
    'A06 an ampersand alone': [inHeader('<a>b & c</a>'), 'not-well-formed'],
    'A06 an entity in capitals': [inHeader('<a>&LT;</a>'), 'restricted-xml'],
    'A07 a comment before the header': ['<!-- -->', 'restricted-xml'],
    'A07 a comment between stanzas': [inHeader('<!-- -->'), 'restricted-xml'],
    'A07 a comment in a stanza': [inHeader('<a><!-- --></a>'), 'restricted-xml'],
    'A07 a comment that is never closed': [inHeader('<!--'), 'restricted-xml'],
    'A07 half a comment': [inHeader('<!-x'), 'not-well-formed'],
    'A08 a processing instruction before the header': ['<?php ?>', 'restricted-xml'],
    'A08 a processing instruction between stanzas': [inHeader('<?x y?>'), 'restricted-xml'],
    'A08 a processing instruction in a stanza': [inHeader('<a><?x y?></a>'), 'restricted-xml'],
    'A08 a style sheet': ["<?xml-stylesheet href='x'?>", 'restricted-xml'],
    'A19 a repeated attribute': [inHeader("<message to='a' to='b'/>"), 'not-well-formed'],
    'A19 a repeated attribute of inherited name': [inHeader("<a __proto__='1' __proto__='2'/>"), 'not-well-formed'],
    'A19 an attribute repeated under another prefix': [
      inHeader("<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>"),
      'not-well-formed',
    ],
    'A19 a repeated declaration of a prefix': [inHeader("<a xmlns:p='u' xmlns:p='v'/>"), 'not-well-formed'],
    'A20 an end tag that does not match': [inHeader('<a></b>'), 'not-well-formed'],
    'A20 an end tag in other case': [inHeader('<a></A>'), 'not-well-formed'],
    'A20 an end tag that is longer': [inHeader('<a></ab>'), 'not-well-formed'],
    'A20 overlapping elements': [inHeader('<a><b></a></b>'), 'not-well-formed'],
    'A20 an end tag with an attribute': [inHeader("<a></a b='c'>"), 'not-well-formed'],
    'A20 an end tag with space before its name': [inHeader('<a></ a>'), 'not-well-formed'],
    'A20 an end tag between stanzas': [inHeader('</a>'), 'not-well-formed'],
    'A20 an end tag before the header': ['</stream:stream>', 'not-well-formed'],
    'A20 the end of the stream inside of a stanza': [inHeader('<a></stream:stream>'), 'not-well-formed'],
    'A20 the end of the stream with its prefix alone': [inHeader('</stream>'), 'not-well-formed'],
    'A21 "<" in an attribute': [inHeader("<a b='<'/>"), 'not-well-formed'],
    'A21 "<" in a tag': [inHeader('<a <b/>'), 'not-well-formed'],
    'A21 an attribute without quotes': [inHeader('<a b=c/>'), 'not-well-formed'],
    'A21 an attribute without a value': [inHeader('<a b/>'), 'not-well-formed'],
    'A21 no space between attributes': [inHeader("<a b='1'c='2'/>"), 'not-well-formed'],
    'A21 a name that begins with a digit': [inHeader('<1a/>'), 'not-well-formed'],
    'A21 a name that begins with a hyphen': [inHeader('<-a/>'), 'not-well-formed'],
    'A21 an attribute that begins with a digit': [inHeader("<a 1b='c'/>"), 'not-well-formed'],
    'A21 space before a name': [inHeader('< a/>'), 'not-well-formed'],
    'A21 a slash that ends nothing': [inHeader('<a/ >'), 'not-well-formed'],
    'A21 two slashes': [inHeader('<a//>'), 'not-well-formed'],
    'A21 no name': [inHeader('<>'), 'not-well-formed'],
    'A21 a sign in a name': [inHeader('<a×b/>'), 'not-well-formed'],
    'A22 an element with a prefix that nobody declared': [inHeader('<x:message/>'), 'bad-namespace-prefix'],
    'A22 an attribute with such a prefix': [inHeader("<a x:b='c'/>"), 'bad-namespace-prefix'],
    'A22 a prefix whose scope is over': [inHeader("<a xmlns:p='u'/><p:b/>"), 'bad-namespace-prefix'],
    'A22 a prefix whose scope inside of a stanza is over': [
      inHeader("<a><b xmlns:p='u'/><p:b/></a>"),
      'bad-namespace-prefix',
    ],
    'A22 two colons in a name': [inHeader("<a xmlns:p='u'><p:q:r/></a>"), 'not-well-formed'],
    'A22 nothing after the colon': [inHeader("<a xmlns:p='u'><p:/></a>"), 'not-well-formed'],
    'A22 nothing before the colon': [inHeader('<:a/>'), 'not-well-formed'],
    'A22 a digit after the colon': [inHeader("<a xmlns:p='u'><p:1/></a>"), 'not-well-formed'],
    'A22 the prefix xmlns on an element': [inHeader('<xmlns:a/>'), 'not-well-formed'],
    'A22 the prefix xmlns declared': [inHeader("<a xmlns:xmlns='u'/>"), 'not-well-formed'],
    'A22 the prefix xml declared anew': [inHeader("<a xmlns:xml='u'/>"), 'not-well-formed'],
    'A22 another prefix for the namespace of xml': [
      inHeader("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>"),
      'not-well-formed',
    ],
    'A22 the namespace of xmlns as default': [
      inHeader("<a xmlns='http://www.w3.org/2000/xmlns/'/>"),
      'not-well-formed',
    ],
    'A22 the namespace of xml as default': [
      inHeader("<a><b xmlns='http://www.w3.org/XML/1998/namespace'/></a>"),
      'not-well-formed',
    ],
    'A22 a prefix for no namespace': [inHeader("<a xmlns:p=''/>"), 'not-well-formed'],
    'A26 an overlong sequence': [bytes(inHeader('<a>'), [0xc0, 0x80], '</a>'), 'not-well-formed'],
    'A26 an overlong sequence of three': [bytes(inHeader('<a>'), [0xe0, 0x80, 0x80], '</a>'), 'not-well-formed'],
    'A26 a surrogate': [bytes(inHeader('<a>'), [0xed, 0xa0, 0x80], '</a>'), 'not-well-formed'],
    'A26 beyond Unicode': [bytes(inHeader('<a>'), [0xf5, 0x80, 0x80, 0x80], '</a>'), 'not-well-formed'],
    'A26 just beyond Unicode': [bytes(inHeader('<a>'), [0xf4, 0x90, 0x80, 0x80], '</a>'), 'not-well-formed'],
    'A26 a continuation alone': [bytes(inHeader('<a>'), [0x80], '</a>'), 'not-well-formed'],
    'A26 a sequence that is cut short': [bytes(inHeader('<a>'), [0xe2, 0x82], '</a>'), 'not-well-formed'],
    'A26 bad octets between stanzas': [bytes(inHeader('<a/>'), [0xff]), 'not-well-formed'],
    'A26 bad octets in an attribute': [bytes(inHeader("<a b='"), [0xc3, 0x28], "'/>"), 'not-well-formed'],
    'A27 a byte order mark of UTF-16, big end first': [bytes([0xfe, 0xff, 0x00, 0x3c]), 'unsupported-encoding'],
    'A27 a byte order mark of UTF-16, little end first': [bytes([0xff, 0xfe, 0x3c, 0x00]), 'unsupported-encoding'],
    'A27 UTF-16 without a mark, big end first': [bytes([0x00, 0x3c, 0x00, 0x3f]), 'unsupported-encoding'],
    'A27 UTF-16 without a mark, little end first': [bytes([0x3c, 0x00, 0x3f, 0x00]), 'unsupported-encoding'],
    'A27 UTF-16 by declaration': [`<?xml version='1.0' encoding='UTF-16'?>${HEADER}`, 'unsupported-encoding'],
    'A27 Latin-1 by declaration': [`<?xml version='1.0' encoding='ISO-8859-1'?>${HEADER}`, 'unsupported-encoding'],
    'A29 an XML declaration in mid-stream': [inHeader("<a/><?xml version='1.0'?>"), 'not-well-formed'],
    'A29 an XML declaration in a stanza': [inHeader("<a><?xml version='1.0'?></a>"), 'not-well-formed'],
    'A29 two XML declarations': [`<?xml version='1.0'?><?xml version='1.0'?>${HEADER}`, 'not-well-formed'],
    'A29 an XML declaration after white space': [` <?xml version='1.0'?>${HEADER}`, 'not-well-formed'],
    'A29 XML 1.1': [`<?xml version='1.1'?>${HEADER}`, 'not-well-formed'],
    'A29 an XML declaration without a version': [`<?xml encoding='UTF-8'?>${HEADER}`, 'not-well-formed'],
    'A29 an XML declaration with more in it': [`<?xml version='1.0' x='y'?>${HEADER}`, 'not-well-formed'],
    'A29 text before the header': [`hello${HEADER}`, 'not-well-formed'],
    'A29 a byte order mark before the header': [`\ufeff${HEADER}`, 'not-well-formed'],
    'A29 text between stanzas': [inHeader('<a/>text<b/>'), 'bad-format'],
    'A29 a reference between stanzas': [inHeader('&#32;'), 'bad-format'],
    'A29 a CDATA section between stanzas': [inHeader('<![CDATA[ ]]>'), 'bad-format'],
    'A29 a CDATA section before the header': ['<![CDATA[ ]]>', 'bad-format'],
    'A30 a second header without a restart': [inHeader(`<a/>${HEADER}`), 'invalid-xml'],
    'A30 a header in a stanza': [inHeader(`<a>${HEADER}`), 'invalid-xml'],
    'A30 a header with another prefix': [
      inHeader("<s:stream xmlns:s='http://etherx.jabber.org/streams'>"),
      'invalid-xml',
    ],
    'A31 another namespace of the stream': [
      "<stream:stream xmlns='jabber:client' xmlns:stream='urn:x' to='a' version='1.0'>",
      'invalid-namespace',
    ],
    'A31 a prefix of the stream that nobody declared': [
      "<stream:stream xmlns='jabber:client' to='a' version='1.0'>",
      'bad-namespace-prefix',
    ],
    'A31 another prefix of the stream': [
      "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>",
      'bad-namespace-prefix',
    ],
    'A31 a stream without a prefix': ["<stream xmlns='http://etherx.jabber.org/streams'>", 'bad-namespace-prefix'],
    'A31 another root': ["<html xmlns='http://www.w3.org/1999/xhtml'>", 'invalid-namespace'],
    'A31 another element of the namespace of streams': [HEADER.replace('stream:stream', 'stream:error'), 'bad-format'],
    'A31 a stanza in place of the header': ["<message xmlns='jabber:client'/>", 'invalid-namespace'],
    'A32 the content namespace of servers': [HEADER.replace('jabber:client', 'jabber:server'), 'invalid-namespace'],
    'A32 no content namespace': [HEADER.replace("xmlns='jabber:client' ", ''), 'invalid-namespace'],
    'A32 an empty content namespace': [HEADER.replace('jabber:client', ''), 'invalid-namespace'],
    'A32 a stanza of servers': [inHeader("<message xmlns='jabber:server'/>"), 'invalid-namespace'],
    'A32 a stanza without a namespace': [inHeader("<message xmlns=''/>"), 'invalid-namespace'],
    'A38 a request of HTTP': ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'not-well-formed'],
    'A38 a ClientHello': [bytes([0x16, 0x03, 0x01, 0x02, 0x00]), 'not-well-formed'],
    'A38 a PROXY header': ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'not-well-formed'],
    '"]]>" in a text': [inHeader('<a>]]></a>'), 'not-well-formed'],
    'a markup declaration that is none': [inHeader('<!x>'), 'not-well-formed'],
    'a section that is none': [inHeader('<a><![IGNORE[]]></a>'), 'not-well-formed'],
  };
  for (const [name, [input, condition]] of Object.entries(table)) {
    it(`${name}: ${condition}`, () => {
      assert.equal(read(input).condition, condition);
    });
  }

  const controls = [0x00, 0x01, 0x08, 0x0b, 0x0c, 0x0e, 0x1f];
  for (const control of controls) {
    it(`A24 the octet 0x${control.toString(16).padStart(2, '0')}: not-well-formed`, () => {
      for (const [before, after] of [
        ['<a>', '</a>'],
        ["<a b='", "'/>"],
        ['<a', '/>'],
        ['<a><![CDATA[', ']]></a>'],
        ['<a></a', '>'],
        ['', ''],
      ] as const)
        assert.equal(read(bytes(inHeader(before), [control], after)).condition, 'not-well-formed');
    });
  }
  for (const reference of [
    '#0',
    '#1',
    '#8',
    '#31',
    '#xFFFE',
    '#xFFFF',
    '#xD800',
    '#xDFFF',
    '#x110000',
    '#x',
    '#',
    '#-1',
    '#1e1',
    '#xg',
    `#${'9'.repeat(400)}`,
  ]) {
    it(`A25 the reference &${reference.slice(0, 12)};: not-well-formed`, () => {
      assert.equal(read(inHeader(`<a>&${reference};</a>`)).condition, 'not-well-formed');
      assert.equal(read(inHeader(`<a b='&${reference};'/>`)).condition, 'not-well-formed');
    });
  }
  for (const character of ['\ufffe', '\uffff']) {
    it(`A25 the character U+${character.charCodeAt(0).toString(16)} itself: not-well-formed`, () => {
      for (const input of [
        `<a>${character}</a>`,
        `<a b='${character}'/>`,
        `<a><![CDATA[${character}]]></a>`,
        `<a${character}/>`,
      ])
        assert.equal(read(inHeader(input)).condition, 'not-well-formed');
    });
  }
});

describe('what a stream says', () => {
  const stanza = (input: string): string => {
    const reading = read(inHeader(input));
    assert.equal(reading.condition, undefined);
    return reading.events.slice(1).join(' | ');
  };
  const table: Record<string, [input: string, event: string]> = {
    'a stanza': ["<message to='a'><body>hi</body></message>", "41 <message to='a'><body>hi</body></message>"],
    'A09 a CDATA section is text': [
      '<message><body><![CDATA[</body><message to=victim>]]></body></message>',
      '70 <message><body>&lt;/body&gt;&lt;message to=victim&gt;</body></message>',
    ],
    'A09 sections and texts are one text': ['<a>b<![CDATA[c]]>d<![CDATA[]]]]><![CDATA[>]]></a>', '49 <a>bcd]]&gt;</a>'],
    'A09 an empty section is nothing': ['<a><![CDATA[]]></a>', '19 <a/>'],
    'A09 a section that ends with brackets': ['<a><![CDATA[]]]]></a>', '21 <a>]]</a>'],
    'A26 a character that is split': ['<a b="€">𝄞é</a>', "21 <a b='€'>𝄞é</a>"],
    'white space between stanzas is not theirs': [' \n<a/>\t\r\n <b/> ', '4 <a/> | 4 <b/>'],
    'white space in a stanza is kept': ['<a> <b/>\n</a>', '13 <a> <b/>\n</a>'],
    'ends of lines are line feeds': ['<a>b\r\nc\rd\r\r\ne</a>', '17 <a>b\nc\nd\n\ne</a>'],
    'ends of lines in a section are line feeds': ['<a><![CDATA[b\r\nc\r]]></a>', '24 <a>b\nc\n</a>'],
    'a carriage return by reference is kept': ['<a>b&#13;c</a>', '14 <a>b&#xD;c</a>'],
    'white space in an attribute is spaces': ['<a b="c\r\nd\te\nf"/>', "17 <a b='c d e f'/>"],
    'white space by reference in an attribute is kept': ["<a b='&#10;&#x9;'/>", "19 <a b='&#xA;&#x9;'/>"],
    'the five entities': ['<a>&lt;&gt;&amp;&apos;&quot;</a>', `32 <a>&lt;&gt;&amp;'"</a>`],
    'an entity is read once': ['<a>&amp;lt;</a>', '15 <a>&amp;lt;</a>'],
    'references by number': ['<a>&#65;&#x1D11e;&#00009;</a>', '29 <a>A𝄞\t</a>'],
    'quotes of both kinds': [`<a b='"' c="'" d='>'/>`, "22 <a b='&quot;' c='&apos;' d='&gt;'/>"],
    'white space in tags': ["<a\n b = 'c'\t><d /></a\r\n >", "25 <a b='c'><d/></a>"],
    'names in any script': ["<ñame 中='1'/>", "16 <ñame 中='1'/>"],
    'a slash at the end of a value': ["<a b='/'></a>", "13 <a b='/'/>"],
    'brackets in a text': ['<a>]] > ]>]</a>', '15 <a>]] &gt; ]&gt;]</a>'],
    'attributes of inherited names': ["<a __proto__='1' constructor='2'/>", "34 <a __proto__='1' constructor='2'/>"],
    'a prefix': ["<a xmlns:p='u' p:b='c'><p:d/></a>", "33 <a xmlns:p='u' p:b='c'><p:d/></a>"],
    'a prefix that is declared after its use': ["<p:a p:b='c' xmlns:p='u'/>", "26 <p:a p:b='c' xmlns:p='u'/>"],
    'the same local name under two namespaces': ["<a b='1' xmlns:p='u' p:b='2'/>", "30 <a b='1' xmlns:p='u' p:b='2'/>"],
    'the prefix xml': ["<a xml:lang='en'/>", "18 <a xml:lang='en'/>"],
    'the prefix xml declared as it is': [
      "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
      "53 <a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    ],
    'A39 nothing after the end of the stream': ['<a/></stream:stream><b/>&', '4 <a/> | end'],
    'the end of the stream with white space': ['</stream:stream >', 'end'],
  };
  for (const [name, [input, event]] of Object.entries(table)) {
    it(name, () => {
      assert.equal(stanza(input), event);
    });
  }

  it('a header with an XML declaration and white space', () => {
    for (const declaration of [
      "<?xml version='1.0'?>",
      '<?xml version="1.0" encoding="utf-8"?>\n',
      "<?xml version = '1.0' encoding='UTF-8' standalone='yes' ?>",
      ' ',
    ])
      assert.deepEqual(read(declaration + HEADER).events, ['header to acme.example']);
  });
  it('a stream that is empty', () => {
    assert.deepEqual(read(HEADER.replace('>', '/>')).events, ['header to acme.example', 'end']);
  });
  it('a prefix that the header declares is declared on the stanza that uses it', () => {
    const header = HEADER.replace('>', " xmlns:p='u'>");
    const { events, elements } = read(`${header}<a><b><p:c/></b></a><d/><e xmlns:p='v'><p:f/></e>`);
    assert.deepEqual(events.slice(1), [
      "20 <a xmlns:p='u'><b><p:c/></b></a>",
      '4 <d/>',
      "25 <e xmlns:p='v'><p:f/></e>",
    ]);
    assert.equal(elements[0]?.getChild('b')?.getChild('c', 'u')?.getNS(), 'u');
  });
  it('namespaces of elements are those of a namespace-aware reader', () => {
    const [element] = read(inHeader("<a><b xmlns='u'><c/><d xmlns=''><e/></d></b></a>")).elements;
    const b = element?.getChild('b', 'u');
    assert.equal(element?.getNS(), 'jabber:client');
    assert.equal(b?.getChild('c', 'u')?.getNS(), 'u');
    assert.equal(b?.getChild('d', 'u'), undefined);
    assert.equal(b?.getChild('d')?.getNS(), undefined);
    assert.equal(b?.getChild('d')?.getChild('e')?.getNS(), undefined);
  });
  it('attributes of inherited names do no harm', () => {
    const [element] = read(inHeader("<a __proto__='1'/>")).elements;
    assert.equal(Object.getPrototypeOf(element?.attrs), Object.prototype);
    assert.equal(Object.entries(element?.attrs ?? {})[0]?.join('='), '__proto__=1');
  });
  it('what comes before bad octets in the same chunk is told', () => {
    for (const bad of [bytes([0xff]), bytes([0x00]), bytes('<!--')])
      assert.deepEqual(readStream([bytes(inHeader('<a/>'), [...bad])]).events.slice(1), ['4 <a/>']);
  });
});
