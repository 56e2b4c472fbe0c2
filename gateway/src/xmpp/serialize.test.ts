import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type XmlElement, xml } from './element.ts';
import { escapeAttribute, escapeText, serialize } from './serialize.ts';
import { streams } from './testing/documents.ts';
import { HEADER, readStream } from './testing/read-stream.ts';
import { type Expanded, referenceRead } from './testing/reference-reader.ts';

const reread = (written: string): readonly Expanded[] | undefined => {
  const read = referenceRead(Buffer.from(`${HEADER}${written}</stream:stream>`));
  return read === 'unsure' ? undefined : read;
};

describe('an element is written', () => {
  const table: Record<string, [element: XmlElement, text: string]> = {
    'without the namespace that is in force': [
      xml('message', { xmlns: 'jabber:client', to: 'a' }, xml('body', 'jabber:client', 'hi')),
      "<message to='a'><body>hi</body></message>",
    ],
    'with another namespace, once': [
      xml('iq', {}, xml('query', 'u', xml('item', 'u'), xml('other', 'jabber:client'))),
      "<iq><query xmlns='u'><item/><other xmlns='jabber:client'/></query></iq>",
    ],
    'with the removal of a namespace': [xml('a', 'u', xml('b', { xmlns: '' })), "<a xmlns='u'><b xmlns=''/></a>"],
    'with the prefix of the stream, which the header declares': [
      xml('stream:error', {}, xml('reset', 'u')),
      "<stream:error><reset xmlns='u'/></stream:error>",
    ],
    'with a prefix that it declares': [
      xml('p:a', { 'xmlns:p': 'u', 'p:b': 'c' }, xml('p:d')),
      "<p:a xmlns:p='u' p:b='c'><p:d/></p:a>",
    ],
    'G12 with what a person wrote as one text': [
      xml('body', {}, "</body></message><message from='boss@a'>&lt;"),
      "<body>&lt;/body&gt;&lt;/message&gt;&lt;message from='boss@a'&gt;&amp;lt;</body>",
    ],
    'with quotes and white space of a value as references': [
      xml('a', { b: '\'"<>&\t\n\r ' }),
      "<a b='&apos;&quot;&lt;&gt;&amp;&#x9;&#xA;&#xD; '/>",
    ],
    'with "]]>" as text': [xml('a', {}, ']]>'), '<a>]]&gt;</a>'],
    'H17 with U+FFFD for what XML forbids': [
      xml('a', { b: '\0\ud800' }, '\x01\x08\x0b\x1f\ufffe\uffff\udc00x\ud83d'),
      `<a b='${'\ufffd'.repeat(2)}'>${'\ufffd'.repeat(7)}x\ufffd</a>`,
    ],
    'with characters beyond the basic plane': [xml('a', {}, '\u{1f600}\u{10ffff}'), '<a>\u{1f600}\u{10ffff}</a>'],
    'without children that are empty': [xml('a', {}, '', undefined), '<a/>'],
  };
  for (const [name, [element, text]] of Object.entries(table)) {
    it(name, () => {
      assert.equal(serialize(element), text);
    });
  }

  it('for a stream of another content namespace', () => {
    assert.equal(serialize(xml('a', 'u'), 'u'), '<a/>');
    assert.equal(serialize(xml('message', 'jabber:client'), 'u'), "<message xmlns='jabber:client'/>");
  });
  it('in place with a prefix that only its parent declares', () => {
    const parent = xml('a', { 'xmlns:p': 'u' }, xml('p:b', { 'p:c': '1' }));
    const [child] = parent.getChildElements();
    assert.ok(child);
    assert.equal(serialize(child), "<p:b p:c='1' xmlns:p='u'/>");
  });
  it('well-formed although nothing declares its prefix', () => {
    assert.notEqual(reread(serialize(xml('p:a', { 'q:b': '1', 'r:b': '2' }))), undefined);
  });
});

it('a text without anything to escape is the same string', () => {
  const text = 'Hello, Chris: 3 + 4 = 7, é € 𝄞';
  assert.equal(escapeText(text), text);
  assert.equal(escapeAttribute(text), text);
});

describe('whatever is written', () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  });
  const markup = fc.string({
    unit: fc.constantFrom('<', '>', '&', ';', ']', "'", '"', 'a', '\r', '\n', '\t', '\ud800'),
    minLength: 1,
  });
  const any = fc.oneof(text, markup);
  const readable = (written: string): string =>
    Array.from(written)
      .map((character) => (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Cs}]/u.test(character) ? '\ufffd' : character))
      .join('');

  it('is read again as it was, but for what XML forbids', () => {
    fc.assert(
      fc.property(any, any, (value, body) => {
        assert.deepEqual(reread(serialize(xml('a', { b: value }, body))), [
          { name: '{jabber:client}a', attrs: [['{}b', readable(value)]], children: [readable(body)] },
        ]);
      }),
      { numRuns: 500 },
    );
  });
  it('after it was parsed, is read again as the same tree', () => {
    let compared = 0;
    fc.assert(
      fc.property(streams, (stream) => {
        const wanted = referenceRead(stream);
        if (wanted === undefined || wanted === 'unsure') return;
        const written = readStream([stream]).elements.map((element) => serialize(element));
        assert.deepEqual(
          reread(written.join('')),
          wanted.filter((child) => typeof child !== 'string'),
        );
        // and inside of another element, of another namespace
        const wrapped = readStream([stream]).elements.map((element) => serialize(xml('forwarded', 'u', element)));
        assert.deepEqual(
          reread(wrapped.join(''))?.map((outer) => outer.children[0]),
          wanted,
        );
        compared++;
      }),
      { numRuns: 700 },
    );
    assert.ok(compared > 100, `${compared}`);
  });
});
