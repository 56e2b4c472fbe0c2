import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_STANZA_BYTES, POST_AUTH_LIMITS, PRE_AUTH_LIMITS, type ParserLimits } from './limits.ts';
import { StreamError } from './stream-error.ts';
import { StreamParser } from './stream-parser.ts';
import { HEADER, inChunks, octets, readStream } from './testing/read-stream.ts';

/** Milliseconds that this process has worked: other processes do not count. */
const cpuTime = (): number => process.cpuUsage().user / 1000;

it('the limits are those that the documentation states', () => {
  assert.deepEqual(PRE_AUTH_LIMITS, {
    elementBytes: 8192,
    elements: 32,
    tagBytes: 8192,
    depth: 32,
    attributes: 32,
    children: 128,
  });
  assert.deepEqual(POST_AUTH_LIMITS, {
    elementBytes: 262_144,
    elements: 4096,
    tagBytes: 65_536,
    depth: 32,
    attributes: 32,
    children: 128,
  });
  assert.equal(MAX_STANZA_BYTES, POST_AUTH_LIMITS.elementBytes);
});

describe('a stream is ended with policy-violation', () => {
  const both = { before: PRE_AUTH_LIMITS, after: POST_AUTH_LIMITS };
  /** What just passes, and what is one too many. */
  const pairs: Record<string, (limits: ParserLimits) => [passes: string, violates: string]> = {
    'by a first-level element of more octets': ({ elementBytes }) => {
      const text = (length: number): string => `<a>${'é'.repeat((length - 8) / 2)}x</a>`;
      return [text(elementBytes), text(elementBytes + 1).replace('x', 'xx')];
    },
    'by a text of white space': ({ elementBytes }) => {
      const text = (length: number): string => `<a>${' '.repeat(length - 7)}</a>`;
      return [text(elementBytes), text(elementBytes + 1)];
    },
    'A14 by a longer value of an attribute': ({ tagBytes }) => {
      const tag = (length: number): string => `<a b='${'x'.repeat(length - 9)}'/>`;
      return [tag(tagBytes), tag(tagBytes + 1)];
    },
    'A15 by a longer name': ({ tagBytes }) => {
      const tag = (length: number): string => `<${'x'.repeat(length - 3)}/>`;
      return [tag(tagBytes), tag(tagBytes + 1)];
    },
    'A11 by one more level': ({ depth }) => {
      const nested = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels);
      return [nested(depth), nested(depth + 1)];
    },
    'A12 by one more attribute': ({ attributes }) => {
      const tag = (count: number): string => `<a ${Array.from({ length: count }, (_, n) => `b${n}='c'`).join(' ')}/>`;
      return [tag(attributes), tag(attributes + 1)];
    },
    'A13 by one more declaration of a prefix': ({ attributes }) => {
      const tag = (count: number): string =>
        `<a ${Array.from({ length: count }, (_, n) => `xmlns:b${n}='c'`).join(' ')}/>`;
      return [tag(attributes), tag(attributes + 1)];
    },
    'by one more child': ({ children, elements }) => {
      const parent = (count: number): string => `<a>${'<b/>x'.repeat(Math.min(count, elements - 1))}</a>`;
      const many = `<a>${'<b/>x'.repeat(children + 1)}</a>`;
      return [parent(children), many];
    },
    'by one more element': ({ elements }) => {
      // no level has too many
      const tree = (count: number): string => {
        const groups = Math.floor((count - 1) / 50);
        return `<a>${`<b>${'<c/>'.repeat(49)}</b>`.repeat(groups)}${'<d/>'.repeat(count - 1 - groups * 50)}</a>`;
      };
      return [tree(elements), tree(elements + 1)];
    },
  };
  for (const [name, pair] of Object.entries(pairs)) {
    for (const [when, limits] of Object.entries(both)) {
      it(`${name}, ${when} authentication`, () => {
        const [passes, violates] = pair(limits);
        for (const size of [1000, 1_000_000]) {
          const good = readStream(inChunks(octets(HEADER + passes), size), limits);
          assert.equal(good.condition, undefined);
          assert.equal(good.events.length, 2);
          const bad = readStream(inChunks(octets(HEADER + violates), size), limits);
          assert.equal(bad.condition, 'policy-violation');
          assert.equal(bad.events.length, 1);
        }
      });
    }
  }

  const endless: Record<string, string> = {
    'A14 a value without an end': "<a b='",
    'A15 a name without an end': '<a',
    'A12 attributes without an end': "<a b='c' d",
    'an end tag without an end': '<a></a',
    'a text without an end': '<a>',
    'a CDATA section without an end': '<a><![CDATA[',
    'an entity without an end': '<a>&',
  };
  for (const [name, start] of Object.entries(endless)) {
    it(`by ${name}, before it takes more memory than the limit`, () => {
      let given = 0;
      const parser = new StreamParser(silent, PRE_AUTH_LIMITS);
      parser.write(octets(HEADER + start));
      assert.throws(
        () => {
          for (; given < 20_000; given += 10) parser.write(octets('xxxxxxxxxx'));
        },
        (error) => error instanceof StreamError && error.condition === 'policy-violation',
      );
      assert.ok(given <= PRE_AUTH_LIMITS.elementBytes);
    });
  }
  it('by a header or an XML declaration without an end', () => {
    for (const start of ['<?xml ', '<stream:stream to="', `<?xml version='1.0'?>${HEADER.slice(0, -1)} `])
      assert.equal(readStream([octets(start + ' '.repeat(8192))], PRE_AUTH_LIMITS).condition, 'policy-violation');
  });
});

const silent = { header: () => undefined, element: () => undefined, end: () => undefined };

describe('what costs nothing', () => {
  it('A18 white space between stanzas, and between header and declaration', () => {
    const parser = new StreamParser(silent, PRE_AUTH_LIMITS);
    const space = octets(' \n'.repeat(32_768));
    parser.write(octets("<?xml version='1.0'?>"));
    parser.write(space);
    parser.write(octets(HEADER));
    const before = process.memoryUsage();
    for (let megabytes = 0; megabytes < 10; megabytes++) for (let n = 0; n < 16; n++) parser.write(space);
    const after = process.memoryUsage();
    assert.ok(after.arrayBuffers - before.arrayBuffers < 1_000_000);
  });
  it('elements that are over', () => {
    const limits = { ...PRE_AUTH_LIMITS, elementBytes: 100, elements: 2 };
    const stanza = `<a>${'x'.repeat(80)}<b/></a>`;
    const reading = readStream(inChunks(octets(`${HEADER.replace(/ to=.*>/, '>')}${stanza.repeat(50)}`), 7), {
      ...limits,
      elementBytes: 110,
    });
    assert.equal(reading.condition, undefined);
    assert.equal(reading.events.length, 51);
  });
});

describe('requests of ordinary apps pass', () => {
  const passes = (stanza: string): void => {
    const reading = readStream([octets(HEADER + stanza)]);
    assert.equal(reading.condition, undefined);
    assert.equal(reading.events.length, 2);
  };
  it('a vCard with an avatar of 150 KiB', () => {
    const photo = 'QUJD\n'.repeat(38_000);
    passes(
      `<iq type='set'><vCard xmlns='vcard-temp'><FN>Jesse</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>${photo}</BINVAL></PHOTO></vCard></iq>`,
    );
  });
  it('an OMEMO bundle with 100 keys', () => {
    const keys = Array.from(
      { length: 100 },
      (_, n) => `<preKeyPublic preKeyId='${n}'>${'A'.repeat(44)}</preKeyPublic>`,
    );
    passes(
      `<iq type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='x'><item><bundle xmlns='eu.siacs.conversations.axolotl'><prekeys>${keys.join('')}</prekeys></bundle></item></publish></pubsub></iq>`,
    );
  });
  it('a roster item in 100 groups', () => {
    passes(
      `<iq type='set'><query xmlns='jabber:iq:roster'><item jid='a@b'>${'<group>x</group>'.repeat(100)}</item></query></iq>`,
    );
  });
});

/**
 * Milliseconds for `work(n)` and for `work(4n)`, each the best of some runs. Work in proportion to n needs four times
 * as long; work in proportion to its square sixteen.
 */
function times(n: number, work: (n: number) => void): [number, number] {
  const best = (size: number): number => {
    let least = Infinity;
    for (let run = 0; run < 5; run++) {
      const started = cpuTime();
      work(size);
      least = Math.min(least, cpuTime() - started);
    }
    return least;
  };
  work(n);
  return [best(n), best(4 * n)];
}

describe('time is in proportion to the octets', () => {
  const none: ParserLimits = {
    elementBytes: Infinity,
    elements: Infinity,
    tagBytes: Infinity,
    depth: Infinity,
    attributes: Infinity,
    children: Infinity,
  };
  const repeated = (count: number, piece: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => piece(n)).join('');
  /** Sizes at which the square would take seconds. */
  const inputs: Record<string, [n: number, input: (n: number) => string]> = {
    'A11 nested elements': [10_000, (n) => '<a>'.repeat(n) + '</a>'.repeat(n)],
    'A11 nested elements with a prefix': [
      5000,
      (n) => `<p:a xmlns:p='u'>${'<p:a>'.repeat(n)}${'</p:a>'.repeat(n)}</p:a>`,
    ],
    'A12 attributes': [4000, (n) => `<a ${repeated(n, (at) => `b${at}='c' `)}/>`],
    'A12 attributes with a prefix': [4000, (n) => `<a xmlns:p='u' ${repeated(n, (at) => `p:b${at}='c' `)}/>`],
    'A13 declarations on one tag': [4000, (n) => `<a ${repeated(n, (at) => `xmlns:b${at}='c' `)}/>`],
    'A13 declarations on every level': [
      4000,
      (n) => `${repeated(n, (at) => `<a xmlns:b${at}='c'>`)}${'</a>'.repeat(n)}`,
    ],
    'A13 the same declaration on every level': [4000, (n) => `${"<a xmlns:b='c'>".repeat(n)}${'</a>'.repeat(n)}`],
    'white space in a tag': [50_000, (n) => `<a${' '.repeat(n)}/>`],
    'white space in an end tag': [50_000, (n) => `<a></a${' '.repeat(n)}>`],
    'brackets in a text': [50_000, (n) => `<a>${']'.repeat(n)}</a>`],
    'brackets in a section': [50_000, (n) => `<a><![CDATA[${']'.repeat(n)}]]></a>`],
    'sections in a row': [5000, (n) => `<a>${'<![CDATA[x]]>'.repeat(n)}</a>`],
    references: [20_000, (n) => `<a b='${'&#65;'.repeat(n)}'>${'&lt;'.repeat(n)}</a>`],
    'a long reference': [50_000, (n) => `<a>&#${'0'.repeat(n)}65;</a>`],
    'carriage returns': [50_000, (n) => `<a b='${'\r'.repeat(n)}'>${'\r'.repeat(n)}</a>`],
    'characters beyond ASCII': [30_000, (n) => `<a b='${'é'.repeat(n)}'>${'€'.repeat(n)}</a>`],
    children: [10_000, (n) => `<a>${'<b/>'.repeat(n)}</a>`],
    stanzas: [5000, (n) => "<a b='c'>d</a>".repeat(n)],
  };
  for (const [name, [n, input]] of Object.entries(inputs)) {
    it(`A40 ${name}: at once and in chunks of 64 KiB`, () => {
      const made = new Map([n, 4 * n].map((size) => [size, octets(HEADER + input(size))]));
      const [one, four] = times(n, (size) => {
        const reading = readStreamSilently(made.get(size) ?? octets(''), 65_536, none);
        assert.equal(reading, undefined);
      });
      assert.ok(four < 9 * one + 20, `${one} ms became ${four} ms`);
    });
  }
  for (const name of [
    'A12 attributes',
    'white space in a tag',
    'brackets in a section',
    'references',
    'a long reference',
    'characters beyond ASCII',
  ]) {
    it(`A40 ${name}: in single octets`, () => {
      const [, input] = inputs[name] ?? [0, () => ''];
      const made = new Map([2000, 8000].map((size) => [size, octets(HEADER + input(size))]));
      const [one, four] = times(2000, (size) => {
        assert.equal(readStreamSilently(made.get(size) ?? octets(''), 1, none), undefined);
      });
      assert.ok(four < 9 * one + 20, `${one} ms became ${four} ms`);
    });
  }
  it('A11 80,000 nested elements are refused at once', () => {
    const started = cpuTime();
    assert.equal(readStream([octets(HEADER + '<a>'.repeat(80_000))]).condition, 'policy-violation');
    assert.ok(cpuTime() - started < 100);
  });
  it('A02 billion laughs is refused at once', () => {
    const started = cpuTime();
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    assert.equal(readStream([octets(`<!DOCTYPE l [<!ENTITY l0 "l">${laughs}]>`)]).condition, 'restricted-xml');
    assert.ok(cpuTime() - started < 50);
  });
});

function readStreamSilently(input: Uint8Array, size: number, limits: ParserLimits): string | undefined {
  const parser = new StreamParser(silent, limits);
  try {
    for (const chunk of inChunks(input, size)) parser.write(chunk);
  } catch (error) {
    return String(error);
  }
  return undefined;
}
